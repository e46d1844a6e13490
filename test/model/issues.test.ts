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
