import type { Reporter, TestModule } from "vitest/node"

declare module "@vitest/runner" {
  interface TaskMeta {
    /** Why a test is skipped, such as `need zsh` or `as this is Windows`; the reporter counts the skipped tests by it. */
    skipped?: string
  }
}

/**
 * Ends a run with the skipped tests by what they need, such as `18 skipped: 17 as there is no mcap command, 1 need zsh`, and with one line:
 * `N passed, N failed[, N skipped]`.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandled.length, skipped: 0 }
    const reasons = new Map<string, number>()
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) counts.failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === "passed" || state === "failed") counts[state]++
        else {
          counts.skipped++
          const reason = test.meta().skipped ?? (test.options.tags?.includes("slow") ? "slow" : "not selected")
          reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
        }
      }
    }
    const { passed, failed, skipped } = counts
    const most = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, n]) => `${n} ${reason}`)
    if (skipped > 0) console.log(`${skipped} skipped: ${most.join(", ")}`)
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`)
  }
}
