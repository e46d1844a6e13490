import { type Command, InvalidArgumentError, Option } from "commander"
import { UsageError } from "../../model/errors.js"
import type { Target, WriteOptions } from "../../model/format.js"
import { count, positive } from "./flags.js"

/** What a user may say about the way a target writes. */
export interface TargetOptions {
  readonly raw?: boolean
  readonly rate?: number
  readonly hold?: number
  readonly fill?: string
  readonly maxRows?: number
  readonly layout?: string
  readonly time?: string
  readonly codec?: string
  readonly separator?: string
  readonly decimal?: string
  readonly newline?: string
  readonly units?: string
  readonly net?: string
  readonly method?: string
  readonly fraction?: string
  readonly set?: Record<string, string>
}

/** Options that only some targets take, and which; the others would do nothing with them. */
const ONLY_FOR: Readonly<Record<string, readonly string[]>> = {
  layout: ["csv", "tsv", "parquet", "arrow"],
  time: ["parquet", "arrow"],
  codec: ["parquet"],
  separator: ["csv", "libarray"],
  decimal: ["csv", "tsv"],
  newline: ["csv", "tsv"],
  units: ["csv", "tsv"],
  net: ["libarray"],
  method: ["libarray"],
  fraction: ["libarray"],
}
/** Targets that put rows on a grid of their own accord. */
const OWN_GRID: readonly string[] = ["jls", "motec", "mlg", "msl"]

/** Adds the options that say how a target writes. */
export function targetOptions(command: Command): Command {
  return command
    .optionsGroup("Rows at equal steps, for any target:")
    .option("--rate <Hz>", "so many rows a second, from what was sampled last", positive)
    .option("--hold <seconds>", "with --rate: longest time a value stands for (default: 1), then the cell is empty", notNegative)
    .addOption(
      new Option("--fill <how>", "with --rate: the last value, the mean of a step, or on a line").choices(["last", "mean", "linear"]),
    )
    .option("--max-rows <n>", "at most so many rows, each with min, mean and max of its time: for spreadsheets", count)
    .optionsGroup("CSV, Parquet and Arrow:")
    .addOption(new Option("--layout <how>", "one row a time, one a value, or one file a group").choices(["wide", "long", "group"]))
    .addOption(new Option("--time <how>", "Parquet, Arrow: seconds from the start, or UTC").choices(["seconds", "utc"]))
    .addOption(new Option("--codec <name>", "Parquet: compression (default: zstd)").choices(["zstd", "snappy", "gzip", "none"]))
    .option("--separator <character>", "CSV: between cells; tab for a tab")
    .addOption(new Option("--decimal <mark>", "CSV: decimal mark").choices([".", ","]))
    .addOption(new Option("--newline <kind>", "CSV: end of a line").choices(["lf", "crlf"]))
    .addOption(new Option("--units <where>", "CSV: units in the header, in a row of their own, or none").choices(["header", "row", "none"]))
    .optionsGroup("libarray:")
    .option("--net <name>", "network (Messnetz)")
    .option("--method <name>", "method (Methode)")
    .option("--fraction <digits>", "digits of a second, or auto")
    .optionsGroup("Options:")
    .option("--set <name=value>", "any other option of the target's writer (repeatable)", setting)
}

function notNegative(text: string): number {
  const value = Number(text)
  if (text.trim() === "" || !Number.isFinite(value) || value < 0) throw new InvalidArgumentError("Expected a number of 0 or more.")
  return value
}

function setting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf("=")
  if (at < 1) throw new InvalidArgumentError("Expected name=value.")
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) }
}

/**
 * What the options mean for a target: `reshape` for the log before it is written, `write` for the writer.
 * @throws UsageError for an option that the target would not heed
 */
export function targetSettings(options: TargetOptions, { name }: Target): { reshape: WriteOptions; write: WriteOptions } {
  const { raw, rate, hold, fill, maxRows, layout, time, codec, separator, decimal, newline, units, net, method, fraction, set } = options
  const own = given({
    layout,
    time,
    codec,
    separator: separator === "tab" ? "\t" : separator,
    decimal,
    newline,
    units,
    net,
    method,
    fraction,
  })
  for (const key of Object.keys(own)) {
    const takers = ONLY_FOR[key] as readonly string[]
    if (!takers.includes(name)) throw new UsageError(`--${key} means nothing to ${name}`, { hint: `it is for ${takers.join(", ")}` })
  }
  const ownGrid = OWN_GRID.includes(name)
  if (rate === undefined && !ownGrid && (hold !== undefined || fill !== undefined)) {
    throw new UsageError(`--${hold === undefined ? "fill" : "hold"} needs --rate`)
  }
  if (raw === true && (rate !== undefined || maxRows !== undefined)) {
    throw new UsageError("--raw goes with neither --rate nor --max-rows: both compute with calibrated values")
  }
  const grid = given({ rate, hold, fill })
  return {
    reshape: { ...(ownGrid ? {} : grid), ...given({ maxRows }) },
    write: { ...set, ...given({ raw }), ...own, ...(ownGrid ? grid : {}) },
  }
}

function given(options: WriteOptions): WriteOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
