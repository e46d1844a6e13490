import { frameHeader, frameHeaderV1, TYPE_COMPOSITE, TYPE_PAD, TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import type { Slots } from "./slots.js"
import type { ByteWindow } from "./window.js"

/** A stamp may be this much older than the one before: frames of several sources are not strictly in order. */
export const BACK_MS = 250
/** A stamp may be this much newer without a further look. */
const AHEAD_MS = 2000
/** Up to this much newer, the frames behind must confirm it; any other step of the clock needs `STEP_FRAMES`. */
export const PAUSE_MS = 60_000
/** Frames in a row, one exactly behind the other, that prove a place or a stamp. */
const PROOF = 4
/** Frames in a row that prove another clock. */
const STEP_FRAMES = 8
/** A log whose frames are seconds apart teaches a longer `AHEAD_MS` after this many pauses. */
const PAUSES = 4
const LONGEST_AHEAD_MS = 3_600_000
/** Longest frame. */
export const MAX_FRAME = frameHeader.size + 255
/** Bytes that a judgement may look at behind a place: at most `STEP_FRAMES` or `2 * PROOF` frames and one more. */
export const LOOKAHEAD = (2 * PROOF + 2) * MAX_FRAME

/**
 * What a place in the file is.
 * `good`; `step`, `jump`: good, and the clock goes on from a new stamp; `odd`: good, but its stamp is not the clock's;
 * `strange`: a frame that nobody expected, proven by those behind it; `mended`: good but for its length byte; `lost`: no frame; `cut`: the file ends inside it;
 * `end`, `tail`: nothing comes any more.
 */
export type Verdict = "good" | "step" | "jump" | "odd" | "strange" | "mended" | "lost" | "cut" | "end" | "tail"

/**
 * Tells frames from damage. Meteor has no sync marker and no CRC: what proves a frame is its shape, its stamp, and that the
 * next frames follow exactly behind it.
 */
export class Judge {
  /** Stamp of the last good frame as a signed 32-bit number. */
  clock = 0
  /** False until the first good frame. */
  timed = false
  /** A stamp up to this many ms newer is good at once. */
  ahead = AHEAD_MS
  /** The clock has wrapped: only then can a stamp lie before 0. */
  wrapped = false
  private pauses = 0
  /** Bytes of a frame header. */
  readonly header: number

  constructor(
    private readonly layout: 1 | 2,
    private readonly slots: Slots,
    private readonly window: ByteWindow,
  ) {
    this.header = layout === 1 ? frameHeaderV1.size : frameHeader.size
  }

  stamp(at: number): number {
    return this.window.view.getInt32(at)
  }

  type(at: number): number {
    return this.layout === 1 ? TYPE_TOPIC : (this.window.bytes[at + 4] as number)
  }

  id(at: number): number {
    return this.window.bytes[at + this.header - 2] as number
  }

  /** Length of the data. */
  length(at: number): number {
    return this.window.bytes[at + this.header - 1] as number
  }

  /** Where the frame at `at` ends. */
  next(at: number): number {
    return at + this.header + this.length(at)
  }

  /** ms from the clock to a stamp, the short way round the 32-bit circle. */
  distance(stamp: number): number {
    return (stamp - this.clock) | 0
  }

  /** Judges the frame that is expected at `at`. The window reaches `LOOKAHEAD` further or to the end of the file. */
  frame(at: number): Verdict {
    const end = this.ending(at)
    if (end !== "") return end
    const next = this.next(at)
    const stamp = this.stamp(at)
    if (!this.timed) return this.firstFrame(at, next, stamp)
    const near = this.agrees(this.clock, stamp)
    const distance = this.distance(stamp)
    if (!this.shaped(at)) return near || distance > 0 ? this.unexpected(at, next, stamp, near ? 0 : PROOF) : "lost"
    if (near) return "good"
    if (distance > 0 && distance <= PAUSE_MS && this.chain(next, stamp, PROOF)) return this.pause(distance)
    if (this.chain(next, this.clock, PROOF)) return "odd"
    if (this.chain(next, stamp, STEP_FRAMES - 1)) return distance > 0 ? "jump" : "step"
    if (distance > 0 && this.forward(next, stamp)) return this.pause(distance)
    return this.shapes(next) ? "odd" : "lost"
  }

  /** Judges the frame at a place that `resumes` has proven: never `lost`, as fewer frames prove a place than a stamp. */
  foundFrame(at: number): Verdict {
    const verdict = this.frame(at)
    if (verdict !== "lost" && verdict !== "cut") return verdict
    const distance = this.timed ? this.distance(this.stamp(at)) : 0
    if (distance < 0) return "step"
    return distance <= PAUSE_MS ? "good" : "jump"
  }

  /**
   * True when frames start at `at` again, behind damage.
   * @param lost where the first lost frame started: a frame found before it needs more behind it
   */
  resumes(at: number, lost: number): boolean {
    return this.continues(at, at >= lost ? 0 : 1) && !this.hides(at, this.next(at))
  }

  /** A frame and at least `least` behind it look like a stretch of the log. */
  private continues(at: number, least: number): boolean {
    if (!this.shaped(at) || this.type(at) === TYPE_PAD) return false
    const stamp = this.stamp(at)
    const next = this.next(at)
    if (this.timed) {
      const distance = this.distance(stamp)
      const pause = distance > 0 && distance <= Math.max(PAUSE_MS, this.ahead)
      if (pause || this.agrees(this.clock, stamp)) return this.chain(next, stamp, PROOF - 1, least)
    }
    return this.chain(next, stamp, STEP_FRAMES - 1, least + 1)
  }

  /** Type 0, id 0 and zero data: fieldlog fills the rest of a sector with it. */
  isPad(at: number): boolean {
    if (this.layout !== 2 || this.type(at) !== TYPE_PAD || this.id(at) !== 0) return false
    const end = this.next(at)
    for (let i = at + frameHeader.size; i < end; i++) if (this.window.bytes[i] !== 0) return false
    return true
  }

  /** @param least what must prove it where the file ends soon: a stamp far ahead proves nothing */
  private unexpected(at: number, next: number, stamp: number, least: number): Verdict {
    const end = this.usualEnd(at)
    if (least === 0 && end > 0 && !this.ended(end) && this.chain(end, stamp, PROOF, 0)) return "mended"
    return this.follow(next, stamp, least) && !this.hides(at, next) ? "strange" : "lost"
  }

  /** Where the frame ends if its length byte is wrong and its length is what it has always been; -1 if that is not known. */
  usualEnd(at: number): number {
    const type = this.type(at)
    if (type !== TYPE_TOPIC && type !== TYPE_COMPOSITE) return -1
    const usual = this.slots.usual(type, this.id(at))
    const end = at + this.header + usual
    return usual > 0 && end <= this.window.end ? end : -1
  }

  private firstFrame(at: number, next: number, stamp: number): Verdict {
    if (this.follow(next, stamp) && (this.shaped(at) || !this.hides(at, next))) return this.shaped(at) ? "good" : "strange"
    if (this.frameStart(next) && this.chain(next, this.stamp(next), PROOF)) return this.shaped(at) ? "odd" : "strange"
    if (this.shaped(at) && (this.forward(next, stamp) || this.shapes(next) || this.goesOn(next, stamp))) return "good"
    return "lost"
  }

  /** Behind damage not far away the log goes on from this stamp. */
  private goesOn(from: number, stamp: number): boolean {
    this.timed = true
    this.clock = stamp
    const end = Math.min(from + MAX_FRAME, this.window.end)
    let found = false
    for (let at = from; at < end && !found; at++) found = this.continues(at, 1) && this.distance(this.stamp(at)) <= PAUSE_MS
    this.timed = false
    return found
  }

  /** Frames start inside what would be one frame: its length is wrong, and meets a frame's start by chance. */
  private hides(at: number, next: number): boolean {
    for (let inside = at + 1; inside < next; inside++) if (this.continues(inside, 1)) return true
    return false
  }

  private pause(distance: number): Verdict {
    if (++this.pauses >= PAUSES) this.ahead = Math.min(LONGEST_AHEAD_MS, Math.max(this.ahead, distance * 2))
    return distance > PAUSE_MS ? "jump" : "good"
  }

  private agrees(clock: number, stamp: number): boolean {
    const distance = (stamp - clock) | 0
    if (distance < 0) return distance >= -BACK_MS && (this.wrapped || stamp >>> 0 <= clock >>> 0)
    return distance <= this.ahead
  }

  /** `n` frames as expected follow from `at`, or the file ends: exactly behind `least` of them, anyhow behind more. */
  private chain(at: number, clock: number, n: number, least = -1): boolean {
    for (let i = 0; i < n; i++) {
      if (this.ended(at)) return i > least || (i === least && this.endedExactly(at))
      if (!this.shaped(at)) return false
      const stamp = this.stamp(at)
      if (!this.agrees(clock, stamp)) return false
      clock = stamp
      at = this.next(at)
    }
    return true
  }

  /**
   * As `chain`, but with frames that nobody expected between: topics and composites prove half as much, other types
   * nothing, as long as their stamps agree. Where the file ends, `least` is enough.
   */
  private follow(at: number, clock: number, least = 0): boolean {
    let proof = 0
    for (let i = 0; i < 2 * PROOF && proof < 2 * PROOF; i++) {
      if (this.ended(at)) return proof >= least
      if (!this.frameStart(at)) return false
      const stamp = this.stamp(at)
      if (!this.agrees(clock, stamp)) return false
      const type = this.type(at)
      if (this.shaped(at)) proof += 2
      else if (type === TYPE_TOPIC || type === TYPE_COMPOSITE) proof += 1
      clock = stamp
      at = this.next(at)
    }
    return proof >= 2 * PROOF
  }

  /** Frames as expected follow with stamps that never go back, however far they are apart: a slow log. */
  private forward(at: number, clock: number): boolean {
    for (let i = 0; i < PROOF; i++) {
      if (this.ended(at)) return true
      if (!this.shaped(at)) return false
      const stamp = this.stamp(at)
      if (((stamp - clock) | 0) < 0) return false
      clock = stamp
      at = this.next(at)
    }
    return true
  }

  /** Frames as expected follow, whatever their stamps. */
  private shapes(at: number): boolean {
    for (let i = 0; i < PROOF; i++) {
      if (this.ended(at)) return true
      if (!this.shaped(at)) return false
      at = this.next(at)
    }
    return true
  }

  /** A whole frame of an expected type, id and length. */
  private shaped(at: number): boolean {
    if (!this.frameStart(at)) return false
    const type = this.type(at)
    if (type === TYPE_TOPIC || type === TYPE_COMPOSITE) return this.slots.fits(type, this.id(at), this.length(at))
    return type === TYPE_PAD && this.timed && this.agrees(this.clock, this.stamp(at)) && this.isPad(at)
  }

  /** A frame of whatever kind lies whole before the end. */
  private frameStart(at: number): boolean {
    return at + this.header <= this.window.end && this.next(at) <= this.window.end
  }

  private ending(at: number): "" | "end" | "tail" | "cut" {
    const { end, final, tail } = this.window
    // A tail may be longer than the window, and hold an older log behind its first sectors.
    if (at >= tail && end - at >= this.header) return "tail"
    if (!final) return ""
    if (at >= end) return "end"
    return this.frameStart(at) ? "" : "cut"
  }

  /** What is left of the file is the start of a frame, as far as it can be seen. */
  cutPlainly(at: number): boolean {
    if (at + this.header > this.window.end) return true
    return this.ended(at) && (!this.timed || this.agrees(this.clock, this.stamp(at)))
  }

  private endedExactly(at: number): boolean {
    const end = this.ending(at)
    return end === "end" || end === "tail"
  }

  /** The file ends here, or inside the frame that starts here. */
  private ended(at: number): boolean {
    const end = this.ending(at)
    if (end !== "cut") return end !== ""
    if (at + this.header > this.window.end) return true
    const type = this.type(at)
    return (type === TYPE_TOPIC || type === TYPE_COMPOSITE) && this.slots.fits(type, this.id(at), this.length(at))
  }
}
