import { seedFiles } from "./seeds.js"
import { readAndWrite, trialOf } from "./trial.js"

/** What a worker says: it begins an input, or has found a fault. */
export type Message = { readonly begins: number } | { readonly number: number; readonly fault: string }

/** Tries inputs `from` to `to` of a seed in a process of its own; its parent watches it. */
const [seed = 1, from = 0, to = 0] = process.argv.slice(2).map(Number)
const seeds = await seedFiles()
const tell = (message: Message) => new Promise<void>((done) => process.send?.(message, () => done()))
for (let number = from; number < to; number++) {
  await tell({ begins: number })
  try {
    await readAndWrite(trialOf(seeds, seed, number))
  } catch (error) {
    await tell({ number, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}
process.disconnect?.()
