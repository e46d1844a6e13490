import { partSource, type Source } from "../bytes/source.js"
import type { FormatName } from "../model/log.js"
import { HEAD } from "../registry/open.js"
import { DdffTrail } from "./ddff-trail.js"
import { MeteorTrail } from "./meteor-trail.js"
import { OtherTrail } from "./other-trail.js"
import type { Trail } from "./trail.js"

/** A log on a card, found by the content of its sectors. */
export interface FoundLog {
  readonly format: FormatName
  /** Byte offset in the source, and bytes. */
  readonly at: number
  readonly length: number
  /** The file's random number, if it has one. */
  readonly session: number | null
  /** The name that the logger gave it, or a name made from its place. */
  readonly name: string
  /** What ended it: a sector of one byte alone, another log's first sector, foreign sectors, or the end of the source. */
  readonly ended: "blank" | "next-log" | "foreign" | "end"
  /** Sectors inside that are damaged. */
  readonly damaged: number
}

const SECTOR = 512
/** Bytes searched at a time; a log's beginning may reach `HEAD` bytes further. */
const READ = 1024 * 1024

/**
 * Finds the logs of the logger on a card or image without its file system: FAT and folders may be gone. A log is found by its
 * first sector, and followed as long as the sectors belong to it: sectors of an older file that lie behind or inside it are
 * recognised by session, block number, CRC and time. This is enough because every log lies in one piece. Logs of other formats and
 * layouts are taken from their signature to the beginning of the next log.
 * Each log is delivered when its end is found; memory: one reading buffer.
 */
export async function* findLogs(
  source: Source,
  options: { readonly signal?: AbortSignal; readonly progress?: (bytes: number) => void } = {},
): AsyncGenerator<FoundLog> {
  const buffer = new Uint8Array(READ + HEAD)
  let trail: Trail | null = null
  let start = 0
  for (let at = 0; at < source.size; at += READ) {
    options.signal?.throwIfAborted()
    const bytes = await source.read(at, buffer.length, buffer)
    for (let k = 0; k < READ && k + SECTOR <= bytes.length; k += SECTOR) {
      const sector = bytes.subarray(k, k + SECTOR)
      const next: Trail | null =
        MeteorTrail.begin(sector) ?? DdffTrail.begin(sector) ?? OtherTrail.begin(bytes.subarray(k, k + HEAD), source.size - at - k)
      if (trail !== null) {
        const blank = !trail.inside && isBlank(sector)
        const proven = next !== null && isProven(next, trail)
        if (!proven && !blank && trail.take(sector)) continue
        if (trail.sectors > 0) yield found(trail, start, proven ? "next-log" : blank ? "blank" : "foreign")
      }
      trail = next
      start = at + k
    }
    options.progress?.(Math.min(at + READ, source.size))
  }
  if (trail !== null && trail.sectors > 0) yield found(trail, start, "end")
}

/**
 * True if a beginning ends the log before it. One that is not complete yet must not end a log that goes on; the signature of another
 * format at a sector's start is proof enough.
 */
function isProven(next: Trail, trail: Trail): boolean {
  if (!trail.certain) return true
  return next.certain ? next.sectors > 0 : next.format !== trail.format
}

/** The bytes of a found log as a source; closing it leaves the card open. */
export function foundSource(source: Source, log: FoundLog): Source {
  return partSource(source, log.at, log.length, log.name)
}

function found(trail: Trail, at: number, ended: FoundLog["ended"]): FoundLog {
  const name = trail.number !== null ? `LOG${String(trail.number).padStart(5, "0")}` : `found-${String(at / SECTOR).padStart(8, "0")}`
  return {
    format: trail.format,
    at,
    length: trail.sectors * SECTOR,
    session: trail.session,
    name: `${name}.${trail.extension}`,
    ended,
    damaged: trail.damaged,
  }
}

/** True if all bytes of the sector are 00 or all are FF, as behind a log's end. */
function isBlank(sector: Uint8Array): boolean {
  const first = sector[0]
  if (first !== 0 && first !== 0xff) return false
  for (let i = 1; i < SECTOR; i++) if (sector[i] !== first) return false
  return true
}
