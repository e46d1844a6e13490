import { fileHeader, frameHeader, SIGNATURE, TYPE_COMPOSITE, TYPE_PAD, TYPE_TOPIC } from "../../shared/meteor/layout.js"
import { readRecord } from "../bytes/layout.js"
import type { Trail } from "./trail.js"

/** The logger writes version 2; version 1 has no composites and another byte order. */
const VERSION = 2
const HEADER = frameHeader.size
/** Most that a time may go back: sources are not strictly in order. */
const BACK_MS = 1000
/** Most that a time may go forward: the longest pause of a logger. */
const AHEAD_MS = 24 * 3_600_000
/** The log ends after this many damaged sectors in a row. */
const PATIENCE = 16

/** Follows a Meteor log from sector to sector: frame behind frame, with times that go forward. */
export class MeteorTrail implements Trail {
  readonly format = "meteor"
  readonly extension = "MET"
  readonly certain = true
  readonly inside = false
  session: number | null = null
  number: number | null = null
  sectors = 1
  damaged = 0

  private seen = 1
  private last = 0
  private timed = false
  /** Bytes of the current frame's data that are still to come. */
  private rest = 0
  private readonly head = new Uint8Array(HEADER)
  private headBytes = 0
  private bad = 0

  /** The log that begins in a sector, or null. */
  static begin(sector: Uint8Array): MeteorTrail | null {
    for (let i = 0; i < SIGNATURE.length; i++) if (sector[i] !== SIGNATURE[i]) return null
    const header = readRecord(fileHeader, new DataView(sector.buffer, sector.byteOffset, sector.length), 0)
    if (header.version !== VERSION) return null
    const trail = new MeteorTrail()
    const from = fileHeader.size + header.nameLength
    const name = /^([0-9a-f]{8})-(\d{5})(?:-[\w-]+)?$/.exec(Buffer.from(sector.subarray(fileHeader.size, from)).toString("latin1"))
    if (name !== null) {
      trail.session = Number.parseInt(name[1] as string, 16)
      trail.number = Number(name[2])
    }
    trail.walk(sector, from)
    return trail
  }

  take(sector: Uint8Array): boolean {
    this.seen++
    if (this.bad === 0 && this.accept(sector, false)) return true
    // A damaged sector inside the log: it goes on with the next sector that is complete in itself.
    this.rest = 0
    this.headBytes = 0
    if (this.accept(sector, true)) return true
    this.bad++
    return this.bad <= PATIENCE
  }

  /** Takes the sector if it is the log's next. @param alone it begins with a frame and ends with one */
  private accept(sector: Uint8Array, alone: boolean): boolean {
    const { last, timed, rest, headBytes } = this
    const head = Uint8Array.from(this.head)
    const good = this.walk(sector, 0) && (!alone || (this.rest === 0 && this.headBytes === 0))
    if (good) {
      this.damaged += this.bad
      this.bad = 0
      this.sectors = this.seen
      return true
    }
    this.last = last
    this.timed = timed
    this.rest = rest
    this.headBytes = headBytes
    this.head.set(head)
    return false
  }

  /** Goes from frame to frame to the sector's end. @returns false if something is not a frame */
  private walk(sector: Uint8Array, from: number): boolean {
    for (let at = from; at < sector.length; ) {
      if (this.rest > 0) {
        const part = Math.min(this.rest, sector.length - at)
        at += part
        this.rest -= part
        continue
      }
      if (this.headBytes === 0 && at + HEADER <= sector.length) {
        // What fills a file's last sector is no damage: the frames have ended before it.
        if (!this.isFrame(sector, at)) return this.timed && at >= fillStart(sector)
        at += HEADER
        continue
      }
      this.head[this.headBytes++] = sector[at++] as number
      if (this.headBytes < HEADER) continue
      this.headBytes = 0
      if (!this.isFrame(this.head, 0)) return false
    }
    return true
  }

  /** Takes a frame header; table `frameHeader`, read by hand because there are millions. */
  private isFrame(b: Uint8Array, at: number): boolean {
    const stamp = ((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) | (b[at + 3] as number)
    const type = b[at + 4] as number
    const length = b[at + 6] as number
    const known = type === TYPE_PAD || ((type === TYPE_TOPIC || type === TYPE_COMPOSITE) && length > 0)
    if (!known) return false
    // The clock wraps after 49.7 days.
    const ahead = (stamp - this.last) | 0
    if (this.timed && (ahead < -BACK_MS || ahead > AHEAD_MS)) return false
    this.last = stamp
    this.timed = true
    this.rest = length
    return true
  }
}

/** Where the zeros or FF begin that fill a sector to its end: `sector.length` when its last byte is neither. */
function fillStart(sector: Uint8Array): number {
  const fill = sector[sector.length - 1]
  if (fill !== 0 && fill !== 0xff) return sector.length
  let at = sector.length
  while (at > 0 && sector[at - 1] === fill) at--
  return at
}
