import { describe, expect, test } from "vitest"
import { IssueList, MAX_ISSUES } from "../../host/model/issues.js"
import type { Issue } from "../../host/model/log.js"

function issue(at: number, kind = "gap"): Issue {
  return { kind, severity: "error", at, length: 0, group: null, text: `${kind} at ${at}` }
}

describe("the issue list", () => {
  test("keeps one issue of a kind at a place, however often it is added", () => {
    const list = new IssueList()
    for (const at of [4, 4, 8]) list.add(issue(at))
    list.add(issue(4, "bad-crc"))
    expect(list.all.map((entry) => `${entry.kind} ${entry.at}`)).toEqual(["gap 4", "gap 8", "bad-crc 4"])
  })

  test("says in its last entry how many were left out", () => {
    const list = new IssueList()
    for (let at = 0; at < MAX_ISSUES + 25; at++) list.add(issue(at))
    expect(list.all.length).toBe(MAX_ISSUES + 1)
    expect(list.all.at(-1)?.text).toContain("25 more")
  })
})

describe("past the cap", () => {
  const other = (severity: Issue["severity"], kind: string, at: number): Issue => ({ ...issue(at, kind), severity })

  test("an error takes the place of a warning, and the first of a kind has a place", () => {
    const list = new IssueList()
    for (let at = 0; at < MAX_ISSUES + 5; at++) list.add(other("warning", "odd", at))
    list.add(other("error", "lost", 5000))
    list.add(other("note", "told", 6000))
    expect(list.all.map(({ kind }) => kind)).toContain("lost")
    expect(list.all.map(({ kind }) => kind)).toContain("told")
    expect(list.all.length).toBe(MAX_ISSUES + 1)
    expect(list.all.at(-1)).toMatchObject({ kind: "more-issues", severity: "warning", text: "at least 7 more issues are not listed" })
    expect(list.all[0]).toMatchObject({ kind: "odd", at: 0 })
  })

  test("errors that found no place are errors in the last entry, too", () => {
    const list = new IssueList()
    for (let at = 0; at < MAX_ISSUES + 2; at++) list.add(other("error", "lost", at))
    list.add(other("error", "cut", 1))
    expect(list.all.filter(({ kind }) => kind === "cut").length).toBe(1)
    expect(list.all.at(-1)).toMatchObject({ severity: "error", text: "at least 3 more issues are not listed, 3 of them errors" })
  })
})
