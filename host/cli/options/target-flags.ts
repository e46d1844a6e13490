import { type Command, InvalidArgumentError, Option } from "commander"
import { count, positive } from "./flags.js"

/** How a target writes. */
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
  readonly spreadsheet?: boolean
  readonly bom?: boolean
  readonly net?: string
  readonly method?: string
  readonly fraction?: string
  readonly toSpec?: string
  readonly set?: Record<string, string>
}

/** Adds the options that say how a target writes. */
export function targetOptions(command: Command): Command {
  return command
    .optionsGroup("Rows at equal steps, for any target:")
    .option("--rate <Hz>", "resample to this many rows per second (last value before each row)", positive)
    .option("--hold <seconds>", "with --rate: how long a value is held (default: 1), then the cell is empty", notNegative)
    .addOption(
      new Option("--fill <how>", "with --rate: the last value, the mean of the step, or a line between values (default: last)").choices([
        "last",
        "mean",
        "linear",
      ]),
    )
    .option("--max-rows <n>", "at most this many rows, each with min, mean and max of its step", count)
    .optionsGroup("For some targets:")
    .addOption(new Option("--layout <how>", "a row per time, a row per value, or a file per group").choices(["wide", "long", "group"]))
    .addOption(
      new Option("--time <how>", "seconds from the start, or dates: UTC; for CSV also local or iso").choices([
        "seconds",
        "utc",
        "local",
        "iso",
      ]),
    )
    .addOption(new Option("--codec <name>", "compression (default: zstd)").choices(["zstd", "snappy", "gzip", "none"]))
    .option("--separator <character>", "between cells; the word tab means a tab")
    .addOption(new Option("--decimal <mark>", "decimal mark").choices([".", ","]))
    .addOption(new Option("--newline <kind>", "end of a line").choices(["lf", "crlf"]))
    .addOption(new Option("--units <where>", "units in the header, in a row of their own, or none").choices(["header", "row", "none"]))
    .option("--bom", "CSV: a mark at the beginning by which Excel knows UTF-8")
    .option("--spreadsheet", "an apostrophe before names and texts that a spreadsheet would run as formulas")
    .option("--net <name>", "network (Messnetz)")
    .option("--method <name>", "method (Methode)")
    .option("--fraction <digits>", "digits after the second, or auto")
    .optionsGroup("Options:")
    .option("--set <name=value>", "any option of the target, see the list below (repeatable)", setting)
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
