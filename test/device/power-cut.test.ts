import { describe, expect, test, vi } from "vitest"
import { installed } from "../needs.js"
import { cuts, type State, subsets, torn } from "../sim/card/cut-states.js"
import { judgeProgram, newProgramCounts, type ProgramJudgement, type ProgramRun, recordProgram } from "../sim/device/power-cut.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const SEED = Number(process.env.FIELDLOG_SEED ?? 1)

async function all(run: ProgramRun, states: Iterable<State>, how: Partial<ProgramJudgement>) {
  const counts = newProgramCounts()
  for (const state of states) await judgeProgram(run, state, { fsck: false, recover: false, boot: null, again: 0, ...how }, counts)
  return counts
}

describe.each(["meteor", "ddff"] as const)("when the power goes while the program writes %s", (format) => {
  const recording = recordProgram(format, { erase: "nothing" })

  test("between two sectors or inside one, what was confirmed is read, recovered, and nothing else", async () => {
    const run = await recording
    expect(run.logs.size).toBeGreaterThanOrEqual(2)
    const counts = await all(run, cuts(run, 31), { recover: true })
    expect(counts.states).toBeGreaterThan(10)
    expect(counts.behind).toBeLessThan(550)
    // The small files come first.
    await all(run, until(cuts(run, 2), 60), {})
    await all(run, torn(run, 97), {})
    await all(run, sample(subsets(run, 1, SEED), 16), {})
  })

  test("the program's next start goes on, also when it is cut itself", async () => {
    const run = await recording
    const fsck = installed("fsck.vfat")
    expect((await all(run, cuts(run, 151), { boot: "node", fsck })).boots).toBeGreaterThan(2)
    expect((await all(run, cuts(run, 251), { boot: "machine" })).boots).toBeGreaterThan(1)
    const again = await all(run, sample(cuts(run, 1), 271), { boot: "node", again: 9 })
    expect(again.boots).toBeGreaterThan(again.states)
  })
})

/** The states of the first so many writes. */
function* until(states: Iterable<State>, writes: number): Generator<State> {
  for (const state of states) {
    if (state.sure > writes) return
    yield state
  }
}

/** Every n-th state. */
function* sample(states: Iterable<State>, n: number): Generator<State> {
  let i = 0
  for (const state of states) if (++i % n === 0) yield state
}
