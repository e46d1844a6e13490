import { type IssueList, issue } from "../../../model/issues.js"
import type { Issue, Severity } from "../../../model/log.js"
import { Counts } from "./counts.js"
import { BACK_MS, PAUSE_MS, type Verdict } from "./judge.js"

/** Reports to `recover` what the scan meets, in file order. */
export interface ScanListener {
  /** A span that is not a good frame: damage, or an unused tail. */
  bad?(span: Issue): void
  /** A length byte at `at` that should be `length`. */
  mended?(at: number, length: number): void
}

/** Turns what a scan meets into issues. Places are those in the file. */
export class Report {
  readonly counts: Counts

  constructor(
    private readonly issues: IssueList,
    private readonly listener: ScanListener,
  ) {
    this.counts = new Counts(issues)
  }

  /** @param distance ms from the clock to the stamp of the frame at `at` */
  stamp(at: number, length: number, verdict: Verdict, distance: number): void {
    const seconds = `${Math.abs(distance) / 1000} s`
    if (verdict === "step")
      this.note(
        "clock-step",
        "warning",
        at,
        `the clock goes back by ${seconds}, expected at most ${BACK_MS / 1000} s; it goes on from there`,
      )
    else if (verdict === "jump" && distance > PAUSE_MS) this.counts.jump(at, distance)
    else if (verdict === "jump")
      this.note("clock-step", "warning", at, `the clock jumps ahead by ${seconds}, expected at most ${PAUSE_MS / 1000} s`)
    else if (verdict === "odd" && distance < 0 && distance >= -PAUSE_MS) this.counts.backward(at, -distance)
    else if (verdict === "odd")
      this.odd(at, length, `the stamp is ${seconds} ${distance < 0 ? "before" : "ahead of"} those around it, expected one between them`)
    else if (distance < 0 && distance >= -BACK_MS) this.counts.backward(at, -distance)
  }

  firstStamp(at: number, length: number): void {
    this.odd(at, length, "the first stamp does not agree with those behind it, expected one just before them")
  }

  wrap(at: number): void {
    this.note("clock-wrap", "note", at, "the 32-bit clock wraps, stamps go on past it")
  }

  /** @param at of the length byte */
  mended(frame: number, at: number, found: number, length: number): void {
    this.listener.mended?.(at, length)
    const text = `length byte ${found}, expected ${length}, as ever for this id: the next frames follow there, and it is read so`
    this.note("mended-length", "warning", frame, text)
  }

  /** @param before the last frame before the gap, -1 for none: what damaged the bytes behind it may have begun inside it */
  gap(at: number, length: number, before: number): void {
    const doubt = before < 0 ? "" : `; the frame before, at byte ${before}, is doubtful`
    const text = `${length} bytes are no frames, expected a known type, id and length${doubt}`
    this.span(issue("gap", "error", text, { at, length }))
  }

  /** @param whole bytes that the frame should have, as far as it tells */
  cut(at: number, length: number, whole: number): void {
    const text = `${length} bytes of an incomplete frame at the end, expected ${whole}`
    this.span(issue("truncated", "error", text, { at, length }))
  }

  unused(at: number, length: number, fill: string): void {
    this.span(issue("unused-tail", "note", `unused tail: ${length} bytes of ${fill}`, { at, length }))
  }

  private odd(at: number, length: number, text: string): void {
    this.span(issue("odd-stamp", "error", text, { at, length }))
  }

  private span(span: Issue): void {
    this.issues.add(span)
    this.listener.bad?.(span)
  }

  private note(kind: string, severity: Severity, at: number, text: string): void {
    this.issues.add(issue(kind, severity, text, { at }))
  }
}
