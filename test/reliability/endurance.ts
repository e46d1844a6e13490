import { type Endured, endureBusyCard, endureHours } from "../sim/device/endurance.js"
import { sectorsPerSecond } from "../sim/device/throughput.js"
import { row } from "./table.js"

const HOUR = 3_600_000
const MONTH = 30 * 24

/** Long runs, as lines of a table. @throws Error when one does not keep what it should */
export async function endure(): Promise<string[]> {
  const rows: string[] = []
  const tell = (what: string, format: string, run: Endured) => {
    const total = Object.values(run.groups).reduce((sum, { rows }) => sum + rows, 0)
    const wrong = Object.values(run.groups).reduce((sum, { wrong }) => sum + wrong, 0)
    // A leap of the clock inside a write is no wait for the card.
    const slowest = run.dropped > 0 ? "" : run.slowestMs
    if (wrong > 0) throw new Error(`${what}, ${format}: ${wrong} values are wrong`)
    if (new Set(run.numbers).size !== run.files) throw new Error(`${what}, ${format}: a number came twice`)
    rows.push(row(what, format, run.sectors, run.numbers.at(-1) ?? 0, total, run.dropped, run.waiting, slowest))
    return run
  }
  for (const format of ["meteor", "ddff"] as const) {
    const { dropped } = tell("an hour, ten channels at 100 Hz", format, await endureBusyCard(format, HOUR))
    if (dropped > 0) throw new Error(`${format}: ${dropped} rows were dropped in an hour`)
    tell("a month of hours, their first seconds", format, await endureHours(format, MONTH))
  }
  return rows
}

/** The best of three. */
export async function throughput(): Promise<number> {
  let best = 0
  for (let i = 0; i < 3; i++) best = Math.max(best, await sectorsPerSecond())
  console.log(`${Math.round(best)} sectors/s in the machine`)
  return best
}
