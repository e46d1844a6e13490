import { holdOf } from "../exports/parts/options.js"
import { OptionError } from "../model/errors.js"
import type { WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { choice, positive } from "../text/asked.js"
import { binned } from "../views/bin.js"
import { resample } from "../views/resample.js"

/** The log on a grid (`rate`, `hold`, `fill`) or in bins (`maxRows`) where the options ask for it, else as it is. */
export async function reshaped(log: Log, options: WriteOptions): Promise<{ log: Log; losses: readonly Loss[] }> {
  const rate = positive(options, "rate")
  const maxRows = positive(options, "maxRows")
  if (rate !== undefined && maxRows !== undefined) {
    throw new OptionError((called) => `${called("rate")} and ${called("maxRows")} exclude one another`)
  }
  if (rate !== undefined) {
    const fill = choice(options, "fill", ["last", "mean", "linear"], "last")
    const grid = await resample(log, { rate, hold: holdOf(options), fill })
    return { log: grid, losses: grid.losses }
  }
  if (maxRows === undefined) return { log, losses: [] }
  const bins = await binned(log, maxRows)
  return { log: bins, losses: bins.losses ?? [] }
}
