/** The state of a scan between two batches: a new scan goes on from there as the old one did. */
export interface ScanPlace {
  /** Place in the file of the next frame. */
  readonly at: number
  /** Start of the frame before it. */
  readonly last: number
  /** Stamp of the last good frame, with its full turns of the clock. */
  readonly stamp: number
  /** `Judge.ahead`. */
  readonly ahead: number
  /** How many of `Slots.learnt` were known. */
  readonly known: number
  /** Frames before, by slot. */
  readonly rows: readonly number[]
}
