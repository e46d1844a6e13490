import { search } from "../../bytes/search.js"
import type { Chunk, Group, Selection, Values } from "../../model/log.js"
import { seconds } from "../../model/values.js"
import type { Batch, RowCursor } from "./records/cursor.js"

/** The wanted rows of a stream, and the cursor that reads them. */
interface TrackOptions {
  /** Index into `Log.groups`. */
  readonly group: number
  readonly cursor: RowCursor
  /** Rows of the stream, half open, counted from where the cursor began. */
  readonly from: number
  readonly to: number
  /** True if the ticks of the stream's blocks never go back, so that no selected row comes after the selection's end. */
  readonly ascending: boolean
}

/** One stream that is being cut into windows. */
export class Track {
  /** Number of times that the ticks went back. */
  epoch = 0
  private batch: Batch | null = null
  /** Next row of the batch. */
  private at = 0
  /** Behind the last row of the batch before the ticks go back. */
  private bound = 0
  private lastTick = Number.NEGATIVE_INFINITY
  private ended = false
  /** True if the batch's ticks go back so often that they cannot be times: its rows are given as they come. */
  private jumbled = false
  /** The next of the batch's restarts. */
  private restart = 0

  constructor(readonly options: TrackOptions) {}

  get hasRows(): boolean {
    return this.batch !== null
  }

  async refill(growing: boolean): Promise<void> {
    if (this.batch !== null || this.ended) return
    this.batch = await this.options.cursor.next(growing)
    if (this.batch === null) {
      this.ended = !growing
      return
    }
    if ((this.batch.ticks[0] as number) < this.lastTick) this.epoch++
    this.at = 0
    this.jumbled = this.batch.restarts.length > MAX_RESTARTS
    this.restart = 0
    this.findBound()
  }

  /** The tick up to which every row of this epoch is in memory. */
  safeTick(): number {
    const { ticks, rows } = this.batch as Batch
    return this.bound < rows ? Number.POSITIVE_INFINITY : (ticks[rows - 1] as number)
  }

  /** Takes the rows of this epoch up to and including tick `until`: null if no row is selected. */
  take(until: number, group: Group, selection: Selection, window: number): Chunk | null {
    const batch = this.batch as Batch
    const from = this.at
    const to = this.jumbled ? this.bound : search(from, this.bound, (row) => (batch.ticks[row] as number) > until)
    this.advance(batch, to)
    return this.cut(batch, from, to, group, selection, window)
  }

  private advance(batch: Batch, to: number): void {
    this.at = to
    if (to < this.bound) return
    if (to < batch.rows) {
      this.epoch++
      this.findBound()
      return
    }
    this.lastTick = batch.ticks[batch.rows - 1] as number
    this.batch = null
  }

  private findBound(): void {
    const { restarts, rows } = this.batch as Batch
    while ((restarts[this.restart] ?? rows) <= this.at && this.restart < restarts.length) this.restart++
    this.bound = this.jumbled ? rows : (restarts[this.restart] ?? rows)
  }

  private cut(batch: Batch, from: number, to: number, group: Group, selection: Selection, window: number): Chunk | null {
    const timed = group.time.kind === "stamped" && group.time.tick !== 0 && !this.jumbled
    const time = (row: number) => seconds(group, batch.ticks[row] as number, 0)
    let first = Math.max(from, Math.min(to, this.options.from - batch.first))
    let end = Math.max(first, Math.min(to, this.options.to - batch.first))
    const { start, end: stop } = selection
    if (timed && start !== undefined) first = search(first, end, (row) => time(row) >= start)
    if (timed && stop !== undefined) {
      const before = end
      end = search(first, end, (row) => time(row) >= stop)
      if (end < before && this.options.ascending) this.end()
    }
    if (batch.first + to >= this.options.to) this.end()
    return first < end ? chunkOf(batch, this.options.group, first, end, selection, window) : null
  }

  private end(): void {
    this.batch = null
    this.ended = true
  }
}

/** More restarts than this in one batch are a broken clock, or no clock at all. */
const MAX_RESTARTS = 1000

/**
 * Merges the tracks into windows. Each stream has its own cursor; a window ends at the earliest tick up to which every
 * stream is in memory, so a slow stream's block is read once and held. When ticks go back (the next recording), the
 * streams wait for each other.
 * @param window the number of the next window; moved on
 */
export async function* readWindows(
  tracks: readonly Track[],
  groups: readonly Group[],
  selection: Selection,
  window: { next: number },
  growing: boolean,
): AsyncGenerator<Chunk> {
  for (;;) {
    selection.signal?.throwIfAborted()
    for (const track of tracks) await track.refill(growing)
    const active = tracks.filter((track) => track.hasRows)
    if (active.length === 0) return
    const epoch = Math.min(...active.map((track) => track.epoch))
    const current = active.filter((track) => track.epoch === epoch)
    const until = Math.min(...current.map((track) => track.safeTick()))
    for (const track of current) {
      const chunk = track.take(until, groups[track.options.group] as Group, selection, window.next)
      if (chunk !== null) yield chunk
    }
    window.next++
    selection.progress?.(Math.min(...active.map((track) => track.options.cursor.at)))
  }
}

function chunkOf(batch: Batch, group: number, from: number, to: number, selection: Selection, window: number): Chunk {
  const whole = from === 0 && to === batch.rows
  const part = <T extends Values>(values: T): T => (whole ? values : (values.slice(from, to) as T))
  return {
    group,
    first: batch.first + from,
    rows: to - from,
    window,
    ticks: part(batch.ticks),
    columns: batch.columns.map(part),
    missing: batch.missing.map((bytes) => (bytes === null ? null : part(bytes))),
    order: selection.order === "file" ? part(batch.at) : null,
  }
}
