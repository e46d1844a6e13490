import { pairs, runPair } from "../sim/device/pairs.js"

const RUNS = 500

/** Runs the logger on cards with two oddities at a time, all pairs, seed by seed. @returns runs. @throws Error when one does not keep a promise */
export async function runPairs(step: number): Promise<number> {
  const all = pairs()
  const runs = Math.ceil(RUNS / step)
  for (let i = 0; i < runs; i++) await runPair(all[i % all.length] as (typeof all)[number], 1 + i)
  return runs
}
