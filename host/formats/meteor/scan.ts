import { TYPE_COMPOSITE, TYPE_PAD, TYPE_STAMP, TYPE_TOPIC } from "../../../shared/meteor/layout.js"
import type { IssueList } from "../../issues.js"
import { ReadAhead } from "../../read-ahead.js"
import type { Source } from "../../source.js"
import type { MeteorHeader } from "./header.js"
import { BACK_MS, Judge, LOOKAHEAD, MAX_FRAME, PAUSE_MS, type Verdict, type Window } from "./judge.js"
import { type Slots, SMALLEST_PLAIN } from "./slots.js"
import { unusedTail } from "./tail.js"
import { Tally } from "./tally.js"
import { LEG, type Leg, walkLeg } from "./walk.js"

/** Bytes of the file in memory at once, and so the length of a window of chunks. */
export const BLOCK = 256 * 1024
/** Stamps wrap after this many ms. */
const WRAP = 2 ** 32

/**
 * Good frames of a stretch of the file, by slot, in file order. Valid until the next batch is asked for.
 * Frame k of slot s is entry `s * slots.stride + k` of the three arrays, for k below `slots.count(s)`.
 */
export interface Batch {
  readonly view: DataView
  readonly bytes: Uint8Array
  /** Place in the file of the first byte of `bytes`. */
  readonly base: number
  /** Where each frame starts in `bytes`. */
  readonly offsets: Int32Array
  /** ms since the log's start, past 32 bits where the clock has wrapped. */
  readonly stamps: Float64Array
  /** The data read as one integer, right where it has 1 to 4 bytes of version 2. */
  readonly values: Float64Array
  /** 1 for slots with a frame in this batch whose length is not a usual one. */
  readonly odd: Uint8Array
}

/** A place that was lost or is kept with doubt, for `check` and `recover`. */
export interface Hole {
  readonly at: number
  readonly length: number
  readonly kind: "gap" | "stale" | "stamp" | "truncated" | "unused-tail"
  readonly text: string
}

/** Tells `check` and `recover` what happens, in file order. */
export interface ScanListener {
  /** A stretch that is no good frame. */
  hole?(hole: Hole): void
  /** A frame that needed a closer look. */
  frame?(at: number, verdict: Verdict, type: number, id: number, length: number): void
  /** A length byte at `at` that should be `length`. */
  mended?(at: number, length: number): void
}

/**
 * Walks the frames of a file, judging each, and starts again behind damage.
 * Plainly good frames are walked in one tight loop; every other one goes to the `Judge`.
 */
export class Scan {
  /** Place of the next frame in the file: all before it is judged. */
  position: number
  private readonly window: Window
  private readonly judge: Judge
  private readonly tally: Tally
  private readonly block: Uint8Array
  private readonly ahead: ReadAhead
  /** Bytes of one read: what is kept of the window before leaves so much room. */
  private readonly refill: number
  private base: number
  private at = 0
  /** Start of the last accepted frame in the window, and its slot; -1 for none. */
  private last = -1
  private lastSlot = -1
  /** Place in the file where frames were lost, while the scan looks for the next; -1 when it is not looking. */
  private lost = -1
  private lostKind: "gap" | "stale" = "gap"
  private epoch = 0
  private offsets = new Int32Array(0)
  private stamps = new Float64Array(0)
  private values = new Float64Array(0)
  private odd = new Uint8Array(512)
  private frames = 0
  private filled = false
  private tailAt: number | null = null

  constructor(
    private readonly source: Source,
    private readonly header: MeteorHeader,
    readonly slots: Slots,
    private readonly issues: IssueList,
    private readonly listener: ScanListener = {},
    blockSize = BLOCK,
  ) {
    const size = Math.max(blockSize, LOOKAHEAD * 2)
    this.block = new Uint8Array(size)
    this.refill = size - LOOKAHEAD - MAX_FRAME
    this.ahead = new ReadAhead(source)
    const view = new DataView(this.block.buffer)
    this.window = { bytes: this.block, view, end: 0, final: false, tail: 0 }
    this.judge = new Judge(header.layout, slots, this.window)
    this.tally = new Tally(issues)
    this.base = header.bytes.length
    this.position = this.base
  }

  /** The next batch, or null at the end of the data. After `null` it may be called again when the file has grown. */
  async next(): Promise<Batch | null> {
    this.slots.retire()
    this.odd.fill(0)
    this.frames = 0
    if (!this.filled) await this.fill()
    for (;;) {
      this.walk()
      const state = this.step()
      if (state === "go") continue
      if (state === "more") {
        this.filled = false
        if (this.frames > 0) break
        await this.fill()
        continue
      }
      if (state === "end") this.filled = false
      break
    }
    this.position = this.base + this.at
    return this.frames > 0 ? this.batch() : null
  }

  /** Says what only the end shows: an incomplete frame, an unused tail, the counts. */
  finish(): void {
    const { window, judge } = this
    const from = Math.max(this.at, Math.min(window.tail, window.end))
    const tail = window.end - from >= judge.header ? from : window.end
    if (this.lost >= 0) this.closeGap(tail)
    else if (this.at < tail) this.reportCut(this.base + this.at, tail - this.at)
    if (tail < window.end) this.reportUnused(this.base + tail, window.bytes[tail] === 0 ? "00" : "FF")
    this.tally.flush()
  }

  private batch(): Batch {
    const { window, base, offsets, stamps, values, odd } = this
    return { view: window.view, bytes: window.bytes, base, offsets, stamps, values, odd }
  }

  /** Drops what is done from the window and reads on behind it. */
  private async fill(): Promise<void> {
    const { window, block, source } = this
    if (this.at - this.last > MAX_FRAME) this.last = -1
    const keep = Math.min(this.last >= 0 ? this.last : this.at, this.at)
    block.copyWithin(0, keep, window.end)
    window.end -= keep
    this.base += keep
    this.at -= keep
    if (this.last >= 0) this.last -= keep
    const read = await this.ahead.read(this.base + window.end, Math.min(this.refill, block.length - window.end))
    block.set(read, window.end)
    window.end += read.length
    window.final = this.base + window.end >= source.size
    if (!window.final) this.ahead.begin(this.base + window.end, this.refill)
    if (this.tailAt === null || this.tailAt > source.size)
      this.tailAt = await unusedTail(source, this.header.bytes.length, this.header.name)
    window.tail = this.tailAt - this.base
    this.filled = true
  }

  /** The file has grown: the end is where it was no more. */
  grown(): void {
    this.filled = false
    this.tailAt = null
  }

  /** Plainly good frames, in legs: see `walkLeg`. */
  private walk(): void {
    if (this.header.layout === 1 || !this.judge.timed || this.lost >= 0) return
    const { window, judge, slots, offsets, stamps, values, epoch } = this
    const { plain, next, shapes } = slots
    const { view, bytes } = window
    const { clock, ahead } = judge
    const end = Math.min(window.end - LOOKAHEAD, this.at + this.room() * SMALLEST_PLAIN)
    const leg: Leg = { view, bytes, plain, next, shapes, offsets, stamps, values, epoch, ahead, clock, last: this.last }
    const from = this.at
    let at = from
    for (let stop = at; at >= stop && at < end; ) {
      stop = Math.min(end, at + LEG)
      at = walkLeg(leg, at, stop)
    }
    if (at === from) return
    this.frames++
    judge.clock = leg.clock
    this.at = at
    this.last = leg.last
    const word = view.getInt32(leg.last + 3) & 0xffffff
    this.lastSlot = shapes.table[(plain[word] as number) << 2] as number
  }

  /** Frames that every slot can still take. */
  private room(): number {
    let most = 0
    for (let slot = 0; slot < this.slots.list.length; slot++) most = Math.max(most, this.slots.count(slot))
    return this.slots.rows - most
  }

  /** One frame with a closer look. `full`: the batch must be taken first. */
  private step(): "go" | "more" | "full" | "end" {
    const { window, judge } = this
    if (!window.final && window.end - this.at < LOOKAHEAD) return "more"
    if (this.lost >= 0) return this.search()
    const at = this.at
    const verdict = judge.frame(at)
    if (verdict === "end" || verdict === "tail" || (verdict === "cut" && judge.cutPlainly(at))) return "end"
    if (verdict === "lost" || verdict === "cut") return this.startSearch(verdict)
    if (judge.stale(at)) return this.startSearch("stale")
    const stamp = judge.stamp(at)
    const wrap = this.wrap(stamp, verdict)
    if (wrap !== 0 && this.frames > 0) return "full"
    if (!this.take(at, verdict, wrap)) return "full"
    if (wrap !== 0) {
      this.epoch += wrap
      judge.wrapped = this.epoch > 0
      if (wrap > 0) this.note("clock-wrap", "note", at, 0, "the 32-bit clock wraps, stamps go on past it")
    }
    this.reportStamp(at, stamp, verdict)
    if (verdict !== "odd") {
      judge.clock = stamp
      judge.timed = true
    }
    this.last = at
    this.at = verdict === "mended" ? judge.usualEnd(at) : judge.next(at)
    return "go"
  }

  /** Full turns of the 32-bit clock between the last stamp and this one. */
  private wrap(stamp: number, verdict: Verdict): number {
    if (!this.judge.timed || verdict === "odd") return 0
    const before = this.judge.clock >>> 0
    const now = stamp >>> 0
    const distance = this.judge.distance(stamp)
    if (distance > 0 && now < before) return WRAP
    if (distance < 0 && now > before && this.epoch > 0) return -WRAP
    return 0
  }

  /** Puts a frame into the batch. @returns false when its slot is full */
  private take(at: number, verdict: Verdict, wrap: number): boolean {
    const { judge } = this
    const type = judge.type(at)
    const id = judge.id(at)
    const length = verdict === "mended" ? judge.usualEnd(at) - at - judge.header : judge.length(at)
    if (verdict === "mended") this.reportMended(at, judge.length(at), length)
    this.lastSlot = -1
    if (type === TYPE_TOPIC || type === TYPE_COMPOSITE) {
      const slot = this.slots.learn(type, id, length)
      this.reserve(slot.index)
      if (this.slots.count(slot.index) === this.slots.rows) return false
      const to = this.slots.next[slot.index] as number
      this.offsets[to] = at
      this.stamps[to] = (judge.stamp(at) >>> 0) + this.epoch + wrap
      this.values[to] = this.smallInteger(at, type, id, length)
      this.slots.next[slot.index] = to + 1
      this.lastSlot = slot.index
      if (this.slots.plain[(type << 16) | (id << 8) | length] === 0) {
        this.odd[slot.index] = 1
        this.tally.oddLength(slot, length, this.base + at)
      } else if (slot.group < 0) {
        this.tally.undescribed(slot, this.base + at)
      } else if (type === TYPE_TOPIC && this.slots.undeclared(type, id)) {
        this.tally.unspecified(slot, this.base + at)
      }
    } else if (type === TYPE_STAMP && judge.isStamp(at)) {
      judge.session ??= judge.sessionAt(at)
    } else if (!(type === TYPE_PAD && judge.isPad(at))) {
      this.tally.unknownType(type, this.base + at)
    }
    this.frames++
    if (verdict !== "good") this.listener.frame?.(this.base + at, verdict, type, id, length)
    return true
  }

  /** As `walk` reads it; of no use for wider data. */
  private smallInteger(at: number, type: number, id: number, length: number): number {
    const shape = this.slots.plain[(type << 16) | (id << 8) | length] as number
    const { table, bias } = this.slots.shapes
    if (shape === 0 || length > 4) return 0
    let raw = 0
    for (let i = 0; i < length; i++) raw |= (this.window.bytes[at + this.judge.header + i] as number) << (8 * i)
    return ((raw ^ (table[(shape << 2) + 2] as number)) >>> 0) - (bias[shape] as number)
  }

  private reserve(slot: number): void {
    if ((slot + 1) * this.slots.stride <= this.offsets.length) return
    const size = Math.max(this.slots.rows > 4096 ? 32 : 8, (slot + 1) * 2) * this.slots.stride
    this.offsets = larger(this.offsets, new Int32Array(size))
    this.stamps = larger(this.stamps, new Float64Array(size))
    this.values = larger(this.values, new Float64Array(size))
  }

  private reportStamp(at: number, stamp: number, verdict: Verdict): void {
    if (!this.judge.timed) {
      if (verdict === "odd") this.reportOdd(at, "the first stamp does not agree with those behind it")
      return
    }
    const distance = this.judge.distance(stamp)
    const place = this.base + at
    const seconds = `${Math.abs(distance) / 1000} s`
    if (verdict === "step") this.note("clock-step", "warning", at, 0, `the clock goes back by ${seconds} and on from there`)
    else if (verdict === "jump" && distance > PAUSE_MS) this.tally.jump(place, distance)
    else if (verdict === "jump") this.note("clock-step", "warning", at, 0, `the clock jumps ahead by ${seconds}`)
    else if (verdict === "odd" && distance < 0 && distance >= -PAUSE_MS) this.tally.backward(place, -distance)
    else if (verdict === "odd") this.reportOdd(at, `the stamp is ${seconds} ${distance < 0 ? "before" : "ahead of"} those around it`)
    else if (distance < 0 && distance >= -BACK_MS) this.tally.backward(place, -distance)
  }

  private reportMended(at: number, found: number, length: number): void {
    this.listener.mended?.(this.base + at + this.judge.header - 1, length)
    this.note(
      "mended-length",
      "warning",
      at,
      0,
      `length byte ${found}, read as ${length}: the next frames follow there, as ever for this id`,
    )
  }

  private reportOdd(at: number, text: string): void {
    const length = this.judge.next(at) - at
    this.note("odd-stamp", "error", at, length, text)
    this.listener.hole?.({ at: this.base + at, length, kind: "stamp", text })
  }

  /** Nothing good at the expected place: looks for it from one byte after the start of the last frame, whose length may be wrong. */
  private startSearch(why: "lost" | "cut" | "stale"): "go" {
    this.lost = this.base + this.at
    this.lostKind = why === "stale" ? "stale" : "gap"
    if (this.last >= 0 && why !== "stale") this.at = this.last + 1
    else this.at++
    return "go"
  }

  private search(): "go" | "more" | "end" {
    const { window, judge } = this
    const stop = Math.min(window.tail, window.final ? window.end : window.end - LOOKAHEAD)
    const { bytes } = window
    for (; this.at < stop; this.at++) {
      if (this.header.layout === 2) {
        const type = bytes[this.at + 4] as number
        if (type !== TYPE_TOPIC && type !== TYPE_COMPOSITE && type !== TYPE_STAMP) continue
        if (this.lostKind === "stale" && type !== TYPE_STAMP) continue
      }
      if (!judge.resumes(this.at, this.lost - this.base)) continue
      this.resume()
      return "go"
    }
    if (!window.final && this.at < window.tail) return "more"
    // If the file has only ended inside a frame, its start is where a growing file goes on.
    const start = this.lost - this.base
    if (start >= 0 && judge.frame(start) === "cut") {
      this.at = start
      this.lost = -1
    }
    return "end"
  }

  /** Frames start again at `at`. A last frame that reaches beyond it was none. */
  private resume(): void {
    if (this.base + this.at < this.lost) this.dropLast()
    this.closeGap(this.at)
  }

  private dropLast(): void {
    const slot = this.lastSlot
    if (slot >= 0 && this.slots.count(slot) > 0) {
      const entry = (this.slots.next[slot] as number) - 1
      if (this.offsets[entry] === this.last) this.slots.next[slot] = entry
    }
    this.lost = this.base + this.last
    this.last = -1
    this.lastSlot = -1
  }

  private closeGap(to: number): void {
    const at = this.lost
    const length = this.base + to - at
    this.lost = -1
    if (length <= 0) return
    const why = this.lostKind === "stale" ? "sectors of another log" : "no frames"
    const text = `${length} bytes are ${why}`
    this.issues.add({ kind: this.lostKind, severity: "error", at, length, group: null, text })
    this.listener.hole?.({ at, length, kind: this.lostKind, text })
  }

  private reportCut(at: number, length: number): void {
    const text = `${length} bytes of an incomplete frame at the end`
    this.issues.add({ kind: "truncated", severity: "error", at, length, group: null, text })
    this.listener.hole?.({ at, length, kind: "truncated", text })
  }

  private reportUnused(at: number, fill: string): void {
    const length = this.source.size - at
    const text = `unused tail: ${length} bytes of ${fill}`
    this.issues.add({ kind: "unused-tail", severity: "note", at, length, group: null, text })
    this.listener.hole?.({ at, length, kind: "unused-tail", text })
  }

  private note(kind: string, severity: "error" | "warning" | "note", at: number, length: number, text: string): void {
    this.issues.add({ kind, severity, at: this.base + at, length, group: null, text })
  }
}

function larger<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from)
  return to
}
