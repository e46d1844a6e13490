import { UsageError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import type { Log, Loss, Selection } from "../../model/log.js"
import { isNumeric } from "../../model/wire.js"
import { binned } from "../../views/bin.js"
import { resample } from "../../views/resample.js"
import { choice, positive } from "./options.js"

/** Seconds that a value is held when the user says nothing. */
const DEFAULT_HOLD = 1

/** The log on a grid (`rate`, `hold`, `fill`) or in bins (`maxRows`) where the options ask for it, else as it is. */
export async function reshaped(log: Log, selection: Selection, options: WriteOptions): Promise<{ log: Log; losses: readonly Loss[] }> {
  const rate = positive(options, "rate")
  const maxRows = positive(options, "maxRows")
  if (rate !== undefined && maxRows !== undefined) throw new UsageError("rate and maxRows exclude one another")
  if (rate !== undefined) {
    const fill = choice(options, "fill", ["last", "mean", "linear"], "last")
    const grid = await resample(log, { rate, hold: holdOf(options), fill, selection })
    return { log: grid, losses: grid.losses }
  }
  if (maxRows === undefined) return { log, losses: [] }
  const bins = await binned(log, maxRows, selection)
  return { log: bins, losses: bins === log ? [] : binLosses(log) }
}

function binLosses(log: Log): Loss[] {
  const texts = log.groups.flatMap(({ channels }) => channels).filter(({ type }) => !isNumeric(type)).length
  if (texts === 0) return []
  return [{ kind: "values", count: texts, text: `${texts} text channels left out: there is no mean of a text` }]
}

/** The hold limit in seconds; 0 is allowed: a value then counts for its own row only. */
export function holdOf(options: WriteOptions): number {
  const hold = Number(options.hold ?? DEFAULT_HOLD)
  if (!(hold >= 0)) throw new UsageError(`hold: ${options.hold} is not a number of seconds`)
  return hold
}
