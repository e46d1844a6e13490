import { loadSideFile } from "../../inputs/side-file.js"
import type { WriteOptions } from "../../model/format.js"
import { given } from "../../model/options.js"
import { formatNamed, type Opening } from "../../registry/open.js"
import type { Wanted } from "../../views/select.js"
import type { InputOptions, PartOptions } from "./flags.js"
import type { TargetOptions } from "./target-flags.js"

/** The options for opening an input; reads the specification that `--spec` names. @throws LogError if it cannot be read */
export async function openingOf(options: InputOptions): Promise<Opening> {
  const { format, spec, tick, monthBase, recording, tz, gaps } = options
  const side = spec === undefined ? {} : await loadSideFile(spec)
  return {
    ...side,
    ...(format === undefined ? {} : { format: formatNamed(format).name }),
    ...(monthBase === undefined ? {} : { monthBase: monthBase === "auto" ? "auto" : monthBase === "0" ? 0 : 1 }),
    ...given({ tick, recording, tz, gaps }),
  }
}

/** The part of a log that the options ask for. */
export function wantedOf({ channel, start, end }: PartOptions): Wanted {
  return given({ channels: channel, start, end })
}

/** The options for writing; reads the specification that `--to-spec` names. @throws LogError if it cannot be read */
export async function writeOptionsOf(options: TargetOptions): Promise<WriteOptions> {
  const { raw, rate, hold, fill, maxRows, layout, time, codec, separator, decimal, newline, units, spreadsheet } = options
  const { net, method, fraction, bom } = options
  const side = options.toSpec === undefined ? {} : await loadSideFile(options.toSpec)
  const flags = { raw, rate, hold, fill, maxRows, layout, time, codec, decimal, newline, units, spreadsheet, bom, net, method, fraction }
  return { ...options.set, ...given({ ...side, ...flags, separator: separator === "tab" ? "\t" : separator }) }
}
