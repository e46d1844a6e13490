import { cuts, type State, subsets, torn } from "../sim/card/cut-states.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { judgeProgram, newProgramCounts, type ProgramJudgement, type ProgramRun, recordProgram } from "../sim/device/power-cut.js"
import { addMessages, type Messages, row } from "./table.js"

const CARDS: readonly [string, Partial<CardOptions>][] = [
  ["erases", { erase: 0x00 }],
  ["only says so", { erase: "nothing" }],
]

/** Cuts the power of the real program at every sector, and returns the lines of a table. @param step every so manieth state */
export async function cutProgram(messages: Messages, step: number): Promise<string[]> {
  const rows: string[] = []
  for (const format of ["meteor", "ddff"] as const) {
    for (const [name, card] of CARDS) {
      const run = await recordProgram(format, card)
      const look = async (kind: string, states: Iterable<State>, judgement: (n: number) => Partial<ProgramJudgement>) => {
        const counts = newProgramCounts()
        let n = 0
        for (const state of states) {
          await judgeProgram(run, state, { fsck: false, recover: false, boot: null, again: 0, ...judgement(n++) }, counts)
        }
        addMessages(messages, counts.messages)
        const { states: looked, recoveries, boots, checks, clean } = counts
        rows.push(row(format, name, kind, looked, recoveries, boots, checks, clean, Math.ceil(counts.behind)))
      }
      await look("after each sector; the next start in Node", cuts(run, step), (n) => ({ recover: true, boot: "node", fsck: n % 8 === 0 }))
      await look("after every 16th; the next start in the machine", cuts(run, 16 * step), () => ({ boot: "machine" }))
      await look("again at each write of that start, every 96th", each(run, 96), () => ({ boot: "node", again: step }))
      await look("inside a sector", torn(run, step), (n) => ({ recover: n % 8 === 0, boot: n % 32 === 0 ? "node" : null }))
      await look("lost out of order", subsets(run, Math.ceil(4 / step), 1), (n) => ({
        recover: n % 8 === 0,
        boot: n % 32 === 0 ? "node" : null,
      }))
    }
  }
  return rows
}

/** The states after every n-th sector, without the last one. */
function* each(run: ProgramRun, n: number): Generator<State> {
  for (const state of cuts(run)) if (state.sure % n === n - 1) yield state
}
