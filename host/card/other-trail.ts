import type { FormatName } from "../model/log.js"
import { formats } from "../registry/open.js"
import type { Trail } from "./trail.js"

/** Formats whose logs are one file. */
const SINGLE = formats.filter(({ openTree }) => openTree === undefined)

/** A log that is known by its beginning alone: whether the sectors behind it belong to it is decided by the format's recovery. */
export class OtherTrail implements Trail {
  readonly certain = false
  readonly inside = true
  readonly session = null
  readonly number = null
  readonly damaged = 0
  sectors = 1

  private constructor(
    readonly format: FormatName,
    readonly extension: string,
  ) {}

  /** The log that begins with these bytes, or null. */
  static begin(head: Uint8Array, size: number): OtherTrail | null {
    // Most sectors of a card are erased or zero.
    if (head[0] === 0x00 || head[0] === 0xff) return null
    const format = SINGLE.find((candidate) => candidate.sniff(head, size) === 2)
    if (format === undefined) return null
    return new OtherTrail(format.name, (format.extensions[0] ?? "").replace(/^\./, ""))
  }

  take(): boolean {
    this.sectors++
    return true
  }
}
