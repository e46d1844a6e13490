import { afterEach, expect, test, vi } from "vitest"
import type { TestModule } from "vitest/node"
import { installed, needs, without } from "../needs.js"
import ClosingLine from "./closing-line.js"

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

/** What the reporter asks of tests: their state, why they were skipped, their tags. */
function moduleOf(...tests: readonly { state: string; skipped?: string; tags?: readonly string[] }[]): TestModule {
  const all = tests.map(({ state, skipped, tags }) => ({ result: () => ({ state }), meta: () => ({ skipped }), options: { tags } }))
  const children = { allTests: (state?: string) => all.filter((each) => state === undefined || each.result().state === state) }
  return { state: () => "passed", children } as unknown as TestModule
}

function linesOf(...modules: readonly TestModule[]): string[] {
  const lines: string[] = []
  vi.spyOn(console, "log").mockImplementation((line: string) => lines.push(line))
  new ClosingLine().onTestRunEnd(modules, [])
  return lines
}

test("a run without skipped tests ends with one line", () => {
  expect(linesOf(moduleOf({ state: "passed" }, { state: "failed" }))).toEqual(["1 passed, 1 failed"])
})

test("skipped tests are counted by their reason, the most frequent first, and the closing line stands alone behind", () => {
  const zsh = { state: "skipped", skipped: "need zsh" }
  const lines = linesOf(moduleOf(zsh, { state: "passed" }), moduleOf(zsh, { state: "skipped", tags: ["slow"] }, { state: "skipped" }))
  expect(lines).toEqual(["4 skipped: 2 need zsh, 1 slow, 1 not selected", "1 passed, 0 failed, 4 skipped"])
})

test("what is missing is a reason to skip, in CI a failure", () => {
  vi.stubEnv("CI", "")
  expect(needs("node", "no-such-program")).toEqual({ skip: true, meta: { skipped: "need no-such-program" } })
  expect(needs("node")).toEqual({ skip: false, meta: {} })
  expect(without("this is Windows")).toEqual({ skip: true, meta: { skipped: "as this is Windows" } })
  vi.stubEnv("CI", "true")
  expect(() => needs("no-such-program")).toThrow("no-such-program is missing")
  expect(installed("node")).toBe(true)
})
