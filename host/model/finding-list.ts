import type { Finding } from "./format.js"

/** Findings beyond this many are counted. */
const MAX_FINDINGS = 10_000

/** The findings of a check; those beyond a bound are counted. */
export class Findings {
  readonly all: Finding[] = []
  leftOut = 0

  /** @param at byte offset, or -1; @param where block and field */
  add(severity: Finding["severity"], rule: string, at: number, where: string, text: string): void {
    if (this.all.length < MAX_FINDINGS) this.all.push({ rule, severity, at, where, text })
    else this.leftOut++
  }
}
