import type { Issue } from "./log.js"

/** Issues kept one by one; the rest is counted. */
export const MAX_ISSUES = 1000

/**
 * The issues of a log: each place and kind once, however often the log is read, and never more than `MAX_ISSUES`.
 * Past the cap the last entry says how many were left out.
 */
export class IssueList {
  private readonly kept: Issue[] = []
  private readonly seen = new Set<string>()
  private leftOut = 0

  /** The list itself: it grows while the log is read. */
  get all(): readonly Issue[] {
    return this.kept
  }

  add(issue: Issue): void {
    const key = `${issue.kind} ${issue.at} ${issue.group ?? ""} ${issue.at < 0 ? issue.text : ""}`
    if (this.seen.has(key)) return
    if (this.kept.length < MAX_ISSUES) {
      this.seen.add(key)
      this.kept.push(issue)
      return
    }
    this.leftOut++
    const last: Issue = {
      kind: "more-issues",
      severity: "warning",
      at: -1,
      length: 0,
      group: null,
      text: `at least ${this.leftOut} more issues are not listed`,
    }
    if (this.leftOut === 1) this.kept.push(last)
    else this.kept[MAX_ISSUES] = last
  }
}
