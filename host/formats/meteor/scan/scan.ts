import { TYPE_COMPOSITE, TYPE_PAD, TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import type { Source } from "../../../bytes/source.js"
import type { IssueList } from "../../../model/issues.js"
import type { MeteorHeader } from "../head/header.js"
import { Judge, LOOKAHEAD, MAX_FRAME, type Verdict } from "./judge.js"
import type { ScanPlace } from "./place.js"
import { Report, type ScanListener } from "./report.js"
import { type Slots, SMALLEST_PLAIN } from "./slots.js"
import { LEG, type Leg, walkLeg } from "./walk.js"
import { ByteWindow } from "./window.js"

/** Bytes of the file in memory at once, and so the length of a window of chunks. */
export const BLOCK = 512 * 1024
/** Stamps wrap after this many ms. */
const WRAP = 2 ** 32
/** Slots that there is room for from the start. */
const FIRST_SLOTS = 32

/**
 * Good frames of a stretch of the file, by slot, in file order. Valid until the next batch is asked for.
 * Frame k of slot s starts at `offsets[s * slots.stride + k]` in `bytes`, for k below `slots.count(s)`.
 */
export interface Batch {
  readonly view: DataView
  readonly bytes: Uint8Array
  /** Place in the file of the first byte of `bytes`. */
  readonly base: number
  readonly offsets: Int32Array
  /** What is added to the stamps as stored: full turns of the 32-bit clock, in ms. */
  readonly epoch: number
  /** 1 for slots with a frame in this batch whose length is not a usual one. */
  readonly odd: Uint8Array
}

/** What a scan is told beside the file. */
interface ScanOptions {
  readonly listener?: ScanListener
  /** Bytes in memory at once. */
  readonly blockSize?: number
  /** Where to begin, as another scan has noted it; at the first frame when absent. */
  readonly from?: ScanPlace
}

/**
 * Walks the frames of a file, judging each, and starts again behind damage.
 * Plainly good frames are walked in one tight loop; every other one goes to the `Judge`.
 */
export class Scan {
  private readonly window: ByteWindow
  private readonly judge: Judge
  private readonly report: Report
  private at = 0
  /** Start of the last accepted frame in the window, and its slot; -1 for none. */
  private last = -1
  private lastSlot = -1
  /** Place in the file where frames were lost, while the scan looks for the next; -1 when it is not looking. */
  private lost = -1
  /** Place in the file of the frame that ended there; -1 for none. */
  private before = -1
  /** Place in the file where the last search ended. The frame there is taken, so every search ends further on than the one before it. */
  private found = -1
  private epoch = 0
  private offsets: Int32Array
  private readonly odd = new Uint8Array(512)
  private frames = 0
  private filled = false

  constructor(
    private readonly source: Source,
    private readonly header: MeteorHeader,
    readonly slots: Slots,
    issues: IssueList,
    { listener = {}, blockSize = BLOCK, from }: ScanOptions = {},
  ) {
    const kept = LOOKAHEAD + MAX_FRAME
    this.window = new ByteWindow(source, header, from?.last ?? header.bytes.length, Math.max(blockSize, kept), kept)
    this.judge = new Judge(header.layout, slots, this.window)
    this.report = new Report(issues, listener)
    this.offsets = new Int32Array(FIRST_SLOTS * slots.stride)
    if (from !== undefined) this.resumeFrom(from)
  }

  /** Place of the next frame in the file: all before it is judged. */
  get position(): number {
    return this.window.base + this.at
  }

  /** The state between two batches; null while the scan looks for frames, or has seen none. */
  get place(): ScanPlace | null {
    const { judge, slots, window } = this
    if (this.lost >= 0 || this.last < 0 || !judge.timed) return null
    return {
      at: this.position,
      last: window.base + this.last,
      stamp: (judge.clock >>> 0) + this.epoch,
      ahead: judge.ahead,
      known: slots.learnt.length,
      rows: slots.list.map(({ index, rows }) => rows + slots.count(index)),
    }
  }

  private resumeFrom({ at, last, stamp, ahead }: ScanPlace): void {
    const { judge } = this
    this.at = at - last
    this.last = 0
    this.epoch = Math.floor(stamp / WRAP) * WRAP
    judge.clock = (stamp - this.epoch) | 0
    judge.timed = true
    judge.wrapped = this.epoch > 0
    judge.ahead = ahead
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
    return this.frames > 0 ? this.batch() : null
  }

  /** Says what only the end shows: an incomplete frame, an unused tail, the counts. */
  finish(): void {
    const { window, judge, report, at } = this
    const { base } = window
    const from = Math.max(at, Math.min(window.tail, window.end))
    const tail = window.end - from >= judge.header ? from : window.end
    if (this.lost >= 0) this.closeGap(tail)
    else if (at < tail) report.cut(base + at, tail - at, tail - at < judge.header ? judge.header : judge.next(at) - at)
    if (tail < window.end) report.unused(base + tail, this.source.size - base - tail, window.bytes[tail] === 0 ? "00" : "FF")
    this.stop()
  }

  /** Reports what was counted so far, for a caller that reads no further. */
  stop(): void {
    this.report.counts.flush()
  }

  /** The file has grown: the end is where it was no more. */
  grown(): void {
    this.filled = false
    this.window.grown()
  }

  private batch(): Batch {
    const { view, bytes, base } = this.window
    return { view, bytes, base, offsets: this.offsets, epoch: this.epoch, odd: this.odd }
  }

  /** Drops what is done from the window and reads on behind it. */
  private async fill(): Promise<void> {
    if (this.at - this.last > MAX_FRAME) this.last = -1
    const moved = await this.window.fill(Math.min(this.last >= 0 ? this.last : this.at, this.at))
    this.at += moved
    if (this.last >= 0) this.last += moved
    this.filled = true
  }

  /** Plainly good frames, in legs: see `walkLeg`. */
  private walk(): void {
    if (this.header.layout === 1 || !this.judge.timed || this.lost >= 0) return
    const { window, judge, slots, offsets } = this
    const { plain, next } = slots
    const { view } = window
    const end = Math.min(window.end - LOOKAHEAD, window.tail, this.at + this.room() * SMALLEST_PLAIN)
    const leg: Leg = { view, plain, next, offsets, ahead: judge.ahead, clock: judge.clock, last: this.last }
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
    this.lastSlot = plain[view.getInt32(leg.last + 3) & 0xffffff] as number
  }

  /** Frames that every slot can still take. */
  private room(): number {
    let most = 0
    for (let slot = 0; slot < this.slots.list.length; slot++) most = Math.max(most, this.slots.count(slot))
    return this.slots.rows - most
  }

  /** One frame with a closer look. `full`: the batch must be taken first. */
  private step(): "go" | "more" | "full" | "end" {
    const { window, judge, report } = this
    if (!window.final && window.end - this.at < LOOKAHEAD) return "more"
    if (this.lost >= 0) return this.search()
    const at = this.at
    const verdict = this.position === this.found ? judge.foundFrame(at) : judge.frame(at)
    if (verdict === "end" || verdict === "tail" || (verdict === "cut" && judge.cutPlainly(at))) return "end"
    if (verdict === "lost" || verdict === "cut") return this.startSearch()
    const stamp = judge.stamp(at)
    const wrap = this.wrap(stamp, verdict)
    if (wrap !== 0 && this.frames > 0) return "full"
    if (!this.take(at, verdict)) return "full"
    if (wrap !== 0) {
      this.epoch += wrap
      judge.wrapped = this.epoch > 0
      if (wrap > 0) report.wrap(window.base + at)
    }
    const length = judge.next(at) - at
    if (judge.timed) report.stamp(window.base + at, length, verdict, judge.distance(stamp))
    else if (verdict === "odd") report.firstStamp(window.base + at, length)
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
  private take(at: number, verdict: Verdict): boolean {
    const { judge, slots } = this
    const { counts } = this.report
    const place = this.window.base + at
    const type = judge.type(at)
    const id = judge.id(at)
    const length = verdict === "mended" ? judge.usualEnd(at) - at - judge.header : judge.length(at)
    if (verdict === "mended") this.report.mended(place, place + judge.header - 1, judge.length(at), length)
    this.lastSlot = -1
    if (type === TYPE_TOPIC || type === TYPE_COMPOSITE) {
      const slot = slots.learn(type, id, length)
      this.reserve(slot.index)
      if (slots.count(slot.index) === slots.rows) return false
      const to = slots.next[slot.index] as number
      this.offsets[to] = at
      slots.next[slot.index] = to + 1
      this.lastSlot = slot.index
      // The values of a frame whose length byte is wrong are read one by one, by the length that it should have.
      if (verdict === "mended") this.window.bytes[at + judge.header - 1] = length
      if ((slots.plain[(type << 16) | (id << 8) | length] as number) < 0) {
        this.odd[slot.index] = 1
        counts.oddLength(slot, length, place)
      } else if (slot.group < 0) {
        counts.undescribed(slot, place)
      } else if (type === TYPE_TOPIC && slots.undeclared(type, id)) {
        counts.unspecified(slot, place)
      } else if (slots.bare(type)) counts.bare(slot, place)
    } else if (!(type === TYPE_PAD && judge.isPad(at))) {
      counts.unknownType(type, place)
    }
    this.frames++
    return true
  }

  private reserve(slot: number): void {
    const { stride } = this.slots
    if ((slot + 1) * stride <= this.offsets.length) return
    const larger = new Int32Array((slot + 1) * 2 * stride)
    larger.set(this.offsets)
    this.offsets = larger
  }

  /** Nothing good at the expected place: looks for it from one byte after the start of the last frame, whose length may be wrong. */
  private startSearch(): "go" {
    this.lost = this.position
    this.before = this.lastSlot >= 0 && this.last >= 0 ? this.window.base + this.last : -1
    this.at = (this.last >= 0 ? this.last : this.at) + 1
    return "go"
  }

  private search(): "go" | "more" | "end" {
    const { window, judge } = this
    const stop = Math.min(window.tail, window.final ? window.end : window.end - LOOKAHEAD)
    const { bytes } = window
    for (; this.at < stop; this.at++) {
      if (this.header.layout === 2) {
        const type = bytes[this.at + 4] as number
        if (type !== TYPE_TOPIC && type !== TYPE_COMPOSITE) continue
      }
      if (!judge.resumes(this.at, this.lost - window.base)) continue
      this.resume()
      return "go"
    }
    if (!window.final && this.at < window.tail) return "more"
    // If the file has only ended inside a frame, its start is where a growing file goes on.
    const start = this.lost - window.base
    if (start >= 0 && judge.frame(start) === "cut") {
      this.at = start
      this.lost = -1
    }
    return "end"
  }

  /** Frames start again at `at`. A last frame that reaches beyond it was none. */
  private resume(): void {
    if (this.position < this.lost) this.dropLast()
    this.found = this.position
    this.closeGap(this.at)
  }

  private dropLast(): void {
    const slot = this.lastSlot
    if (slot >= 0 && this.slots.count(slot) > 0) {
      const entry = (this.slots.next[slot] as number) - 1
      if (this.offsets[entry] === this.last) this.slots.next[slot] = entry
    }
    this.lost = this.window.base + this.last
    this.before = -1
    this.last = -1
    this.lastSlot = -1
  }

  private closeGap(to: number): void {
    const at = this.lost
    const length = this.window.base + to - at
    this.lost = -1
    if (length > 0) this.report.gap(at, length, this.before)
  }
}
