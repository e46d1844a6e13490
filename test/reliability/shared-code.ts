import { cuts, type State, subsets, torn } from "../sim/card/cut-states.js"
import { type Judgement, judge, newCounts, type Recording, record } from "../sim/card/power-cut.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { addMessages, type Messages, row } from "./table.js"

const CARDS: readonly [string, Partial<CardOptions>, number][] = [
  ["erases, clusters of 512 bytes", { erase: 0xff }, 1],
  ["only says that it erases, clusters of 512 bytes", { erase: "nothing" }, 1],
  ["knows no erase, clusters of 2 KiB, byte addresses", { erase: "illegal", kind: "sdsc" }, 4],
]

/** Subsets of a window between two confirmations: all if they are no more than this, else so many at random. */
export const PER_WINDOW = 64
export const SEED = 1

/** Cuts the power of the card's code at every sector, in Node, and returns the lines of a table. @param step every so manieth state */
export async function cutSharedCode(messages: Messages, step: number): Promise<string[]> {
  const rows: string[] = []
  for (const [name, options, sectorsPerCluster] of CARDS) {
    const recording = await record(options, sectorsPerCluster)
    const look = async (kind: string, states: Iterable<State>, how: Judgement) => {
      const counts = await judgeAll(recording, states, how)
      addMessages(messages, counts.messages)
      rows.push(row(name, kind, counts.states, counts.boots, counts.checks, counts.clean))
    }
    await look("after each sector, second cut in the recovery", cuts(recording, step), { fsck: true, again: true })
    await look("inside a sector", torn(recording, step), { fsck: true, again: false })
    await look("lost out of order", subsets(recording, Math.ceil(PER_WINDOW / step), SEED), { fsck: false, again: false })
  }
  return rows
}

async function judgeAll(recording: Recording, states: Iterable<State>, how: Judgement) {
  const counts = newCounts()
  for (const state of states) await judge(recording, state, how, counts)
  return counts
}
