import { loadSideFile } from "../../inputs/side-file.js"
import type { WriteOptions } from "../../model/format.js"
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
    ...(tick === undefined ? {} : { tick }),
    ...(monthBase === undefined ? {} : { monthBase: monthBase === "auto" ? "auto" : monthBase === "0" ? 0 : 1 }),
    ...(recording === undefined ? {} : { recording }),
    ...(tz === undefined ? {} : { tz }),
    ...(gaps === undefined ? {} : { gaps }),
  }
}

/** The part of a log that the options ask for. */
export function wantedOf({ channel, start, end }: PartOptions): Wanted {
  return {
    ...(channel === undefined ? {} : { channels: channel }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
  }
}

/** The options for writing; reads the specification that `--to-spec` names. @throws LogError if it cannot be read */
export async function writeOptionsOf(options: TargetOptions): Promise<WriteOptions> {
  const { raw, rate, hold, fill, maxRows, layout, time, codec, separator, decimal, newline, units, net, method, fraction } = options
  const side = options.toSpec === undefined ? {} : await loadSideFile(options.toSpec)
  const flags = { raw, rate, hold, fill, maxRows, layout, time, codec, decimal, newline, units, net, method, fraction }
  const given = { ...side, ...flags, separator: separator === "tab" ? "\t" : separator }
  return { ...options.set, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
}
