import { Bounded, ofThemErrors } from "./bounded.js"
import type { Rescue } from "./format.js"
import type { Issue, Severity } from "./log.js"
import { given } from "./options.js"

/** Where an issue lies: byte offset (-1, nowhere, when absent), bytes concerned, name of the group, the file where a log has several. */
interface IssuePlace {
  readonly at?: number
  readonly length?: number
  readonly group?: string | null
  readonly file?: string | undefined
  readonly rowsKept?: true
}

export function issue(
  kind: string,
  severity: Severity,
  text: string,
  { at = -1, length = 0, group = null, file, rowsKept }: IssuePlace = {},
): Issue {
  return { kind, severity, at, length, group, ...given({ file, rowsKept }), text }
}

/** Says that a source gives fewer bytes than its size promised: nothing where it gives them all. */
export function earlyEnd(given: { readonly size: number }, promised: { readonly size: number }): Issue[] {
  const length = promised.size - given.size
  if (length <= 0) return []
  const text = `the file ends here: ${length} more bytes that it should have by its size cannot be read`
  return [issue("ends-early", "error", text, { at: given.size, length })]
}

/** The places where rows or values are lost or doubtful: every issue that is an error. */
export function holesOf(issues: readonly Issue[]): Rescue["holes"] {
  return issues.filter(({ severity }) => severity === "error").map(({ at, length, kind, text }) => ({ at, length, kind, text }))
}

/** Issues kept one by one; the rest is counted. */
export const MAX_ISSUES = 1000

/**
 * The issues of a log: each place and kind once, however often the log is read, and never more than `MAX_ISSUES`; errors are kept
 * before warnings and notes. Past the cap the last entry says how many were left out.
 */
export class IssueList {
  private readonly shown: Issue[] = []
  private readonly bounded = new Bounded<Issue>(MAX_ISSUES, ({ kind, severity }) => `${severity} ${kind}`)
  private readonly seen = new Set<string>()

  /** The list itself: it grows while the log is read. */
  get all(): readonly Issue[] {
    return this.shown
  }

  add(added: Issue): void {
    const { kind, at, group, file, text } = added
    const key = `${kind} ${at} ${group ?? ""} ${file ?? ""} ${at < 0 ? text : ""}`
    if (this.seen.has(key)) return
    const { bounded, shown } = this
    const before = bounded.leftOut
    if (bounded.add(added)) this.seen.add(key)
    if (bounded.leftOut === 0) {
      shown.push(added)
      return
    }
    // While nothing was replaced, the list is the same but for its last entry.
    const isReplaced = bounded.items.at(-1) === added || before === 0
    if (isReplaced) shown.splice(0, shown.length, ...bounded.items)
    const severity = bounded.errorsLeftOut > 0 ? "error" : "warning"
    const last = issue("more-issues", severity, `at least ${bounded.leftOut} more issues are not listed${ofThemErrors(bounded)}`)
    shown[bounded.items.length] = last
  }
}
