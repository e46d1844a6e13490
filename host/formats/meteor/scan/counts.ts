import { TYPE_TOPIC } from "../../../../shared/meteor/layout.js"
import { type IssueList, issue } from "../../../model/issues.js"
import type { Severity } from "../../../model/log.js"
import { MAX_WIDTH } from "../head/spec.js"
import type { Slot } from "./slots.js"

interface Entry {
  readonly kind: string
  readonly severity: Severity
  /** Place of the first. */
  readonly at: number
  count: number
  /** The largest of what is said of each. */
  worst: number
  readonly text: (count: number, worst: number) => string
}

/** Findings that a file may have by the thousand: counted during a pass, one issue each at its end. */
export class Counts {
  private readonly entries = new Map<string, Entry>()

  constructor(private readonly issues: IssueList) {}

  /** A composite of another length than the specification's, or a topic of no numeric width. */
  oddLength(slot: Slot, length: number, at: number): void {
    if (slot.type === TYPE_TOPIC && (length < 1 || length > MAX_WIDTH)) {
      const text = (n: number) => `topic ${slot.id}: ${n} values of ${length} bytes have no numeric meaning, expected 1 to ${MAX_WIDTH}`
      this.add(`number ${slot.id} ${length}`, "no-number", "error", at, 0, text)
      return
    }
    if (slot.type === TYPE_TOPIC) {
      const text = (n: number) =>
        `topic ${slot.id}: ${n} values of ${length} bytes, expected ${slot.size} by the specification; those that do not fit are missing`
      this.add(`topic ${slot.id} ${length}`, "topic-length", length > slot.size ? "error" : "warning", at, 0, text)
      return
    }
    const short = length < slot.size
    const rest = short ? "items that do not fit are missing" : "bytes beyond it are ignored"
    const text = (n: number) => `composite ${slot.id}: ${n} frames of ${length} bytes, expected ${slot.size} by the specification; ${rest}`
    this.add(`composite ${slot.id} ${length}`, "composite-length", short ? "error" : "warning", at, 0, text)
  }

  /** A topic that the specification leaves out: its values are delivered. */
  unspecified(slot: Slot, at: number): void {
    const text = () => `topic ${slot.id} is not in the specification: read raw and unsigned`
    this.add(`unspecified ${slot.id}`, "unspecified-topic", "note", at, 0, text)
  }

  /** A composite of a log without a specification: its bytes are delivered. */
  bare(slot: Slot, at: number): void {
    const text = () => `composite ${slot.id}: no specification says what its ${slot.size} bytes are: read one by one`
    this.add(`bare ${slot.id}`, "unspecified-composite", "note", at, 0, text)
  }

  /** A composite without an entry in the specification. */
  undescribed(slot: Slot, at: number): void {
    const text = () => `composite ${slot.id}, expected one of the specification's: its frames are skipped`
    this.add(`undescribed ${slot.id}`, "unknown-id", "error", at, 0, text)
  }

  unknownType(type: number, at: number): void {
    this.add(`type ${type}`, "unknown-type", "warning", at, 0, (n) => `${n} frames of unknown type ${type} are skipped, expected 1 or 2`)
  }

  backward(at: number, ms: number): void {
    const text = (n: number, worst: number) => `${n} stamps are older than the one before, by at most ${worst / 1000} s, expected none`
    this.add("backward", "backward", "warning", at, ms, text)
  }

  jump(at: number, ms: number): void {
    const text = (n: number, worst: number) => `${n} pauses of more than a minute, the longest ${worst / 1000} s`
    this.add("jump", "pause", "note", at, ms, text)
  }

  /** Turns the counts into issues. */
  flush(): void {
    for (const { kind, severity, at, text, count, worst } of this.entries.values()) {
      this.issues.add(issue(kind, severity, text(count, worst), { at }))
    }
    this.entries.clear()
  }

  private add(
    key: string,
    kind: string,
    severity: Severity,
    at: number,
    worst: number,
    text: (count: number, worst: number) => string,
  ): void {
    const entry = this.entries.get(key)
    if (entry === undefined) this.entries.set(key, { kind, severity, at, count: 1, worst, text })
    else {
      entry.count++
      if (worst > entry.worst) entry.worst = worst
    }
  }
}
