import { Bounded, ofThemErrors } from "./bounded.js"
import type { Finding } from "./format.js"
import type { Issue } from "./log.js"

/** Findings beyond this many are counted. */
const MAX_FINDINGS = 10_000

/** An issue of a reader as a finding. @param where block, frame, chunk or line and field */
export function findingOf({ kind, severity, at, text }: Issue, where: string): Finding {
  return { rule: kind, severity, at, where, text }
}

/** The findings of a check, gathered in any order; those beyond a bound are counted, errors are kept before the others. */
export class Findings {
  private readonly kept = new Bounded<Finding>(MAX_FINDINGS, ({ rule, severity }) => `${severity} ${rule}`)

  /** @param at byte offset, or -1; @param where block, frame, chunk or line and field */
  add(rule: string, severity: Finding["severity"], at: number, where: string, text: string): void {
    this.kept.add({ rule, severity, at, where, text })
  }

  /** In file order; findings without a place last, behind them the count of those that were left out. */
  inFileOrder(): Finding[] {
    const { items, leftOut, errorsLeftOut } = this.kept
    const place = ({ at }: Finding) => (at < 0 ? Number.MAX_VALUE : at)
    const sorted = [...items].sort((a, b) => place(a) - place(b))
    if (leftOut > 0) {
      const text = `${leftOut} more findings are not listed${ofThemErrors(this.kept)}`
      sorted.push({ rule: "more-findings", severity: errorsLeftOut > 0 ? "error" : "warning", at: -1, where: "file", text })
    }
    return sorted
  }
}
