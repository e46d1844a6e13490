import type { Finding } from "./format.js"
import type { Issue } from "./log.js"

/** Findings beyond this many are counted. */
const MAX_FINDINGS = 10_000

/** An issue of a reader as a finding. @param where block, frame, chunk or line and field */
export function findingOf({ kind, severity, at, text }: Issue, where: string): Finding {
  return { rule: kind, severity, at, where, text }
}

/** The findings of a check, gathered in any order; those beyond a bound are counted. */
export class Findings {
  private readonly kept: Finding[] = []
  private leftOut = 0

  /** @param at byte offset, or -1; @param where block, frame, chunk or line and field */
  add(rule: string, severity: Finding["severity"], at: number, where: string, text: string): void {
    if (this.kept.length < MAX_FINDINGS) this.kept.push({ rule, severity, at, where, text })
    else this.leftOut++
  }

  /** In file order; findings without a place last, behind them the count of those that were left out. */
  inFileOrder(): Finding[] {
    const place = ({ at }: Finding) => (at < 0 ? Number.MAX_VALUE : at)
    const sorted = [...this.kept].sort((a, b) => place(a) - place(b))
    if (this.leftOut > 0) {
      const text = `${this.leftOut} more findings are not listed`
      sorted.push({ rule: "more-findings", severity: "warning", at: -1, where: "file", text })
    }
    return sorted
  }
}
