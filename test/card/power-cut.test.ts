/** @module-tag slow */

import { describe, expect, test } from "vitest"
import { needs } from "../needs.js"
import { cuts, type State, subsets, torn } from "../sim/card/cut-states.js"
import { type Counts, judge, newCounts, type Recording, record } from "../sim/card/power-cut.js"
import type { CardOptions } from "../sim/card/sd-options.js"

/** All states instead of a sample: minutes. */
const EXHAUSTIVE = process.env.FIELDLOG_EXHAUSTIVE === "1"
const SEED = Number(process.env.FIELDLOG_SEED ?? 1)

const CARDS: readonly [string, Partial<CardOptions>][] = [
  ["a card that erases", { erase: 0xff }],
  ["a card that only says that it erases", { erase: "nothing" }],
]

async function all(recording: Recording, states: Iterable<State>, how: Parameters<typeof judge>[2]): Promise<Counts> {
  const counts = newCounts()
  for (const state of states) await judge(recording, state, how, counts)
  return counts
}

describe.each(CARDS)("when the power goes on %s", (_, options) => {
  const recording = record(options)
  const plain = { fsck: false, again: false }

  test("after any sector, what was confirmed is kept and the next boot goes on", async () => {
    const r = await recording
    const counts = await all(r, cuts(r), plain)
    expect(counts.states).toBe(r.journal.length + 1)
  })

  test("inside a sector, likewise", async () => {
    const r = await recording
    const counts = await all(r, torn(r, EXHAUSTIVE ? 1 : 7), plain)
    expect(counts.states).toBeGreaterThan(60)
  })

  test("and the card has lost some of the sectors it had not confirmed, likewise", async () => {
    const r = await recording
    const counts = await all(r, subsets(r, EXHAUSTIVE ? 64 : 6, SEED), plain)
    expect(counts.states).toBeGreaterThan(30)
  })

  test("and again while the next boot recovers, likewise", async () => {
    const r = await recording
    const counts = await all(r, cuts(r, EXHAUSTIVE ? 1 : 23), { fsck: false, again: true })
    expect(counts.boots).toBeGreaterThan(counts.states)
  })

  test("fsck.vfat finds only lost space, and repairs nothing away", needs("fsck.vfat"), async () => {
    const r = await recording
    const counts = await all(r, cuts(r, EXHAUSTIVE ? 1 : 19), { fsck: true, again: false })
    expect(counts.clean).toBeGreaterThan(counts.states / 2)
  })
})
