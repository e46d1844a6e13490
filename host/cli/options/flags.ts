import { type Command, InvalidArgumentError, Option } from "commander"
import type { Opening } from "../../registry/open.js"
import type { Wanted } from "../../views/select.js"
import type { ColorMode } from "../terminal/terminal.js"

/** What every command takes. */
export interface CommonOptions {
  readonly color: ColorMode
  readonly progress: boolean
  readonly debug?: boolean
}

/** How an input is read. */
export interface InputOptions {
  readonly format?: string
  readonly spec?: string
  readonly tick?: number
  readonly monthBase?: "0" | "1" | "auto"
  readonly recording?: string
  readonly tz?: string
  readonly gaps?: "mark" | "interpolate"
}

/** Which part of a log is meant. */
export interface PartOptions {
  readonly channel?: string[]
  readonly start?: string
  readonly end?: string
}

/** Where output goes. */
export interface OutputChoice {
  readonly output: string
  readonly force?: boolean
}

/** Ends a command's options with those of every command. */
export function commonOptions(command: Command): Command {
  return command
    .addOption(new Option("--color <when>", "colours").choices(["auto", "always", "never"]).default("auto"))
    .option("--no-progress", "no progress on the terminal")
    .option("--debug", "stack traces with errors")
}

/** `--json`, for commands that report. */
export function jsonOption(command: Command): Command {
  return command.option("--json", "one JSON document instead of text; errors as JSON too")
}

/** Options that say how an input is to be read. */
export function inputOptions(command: Command): Command {
  return command
    .option("--format <name>", "what the input is, whatever its content says")
    .option("--spec <file>", "specification of a Meteor log, or side file of a ddff log")
    .option("--tick <seconds>", "seconds per tick of a ddff log that does not say", positive)
    .addOption(new Option("--month-base <n>", "how a Meteor header counts months (default: auto)").choices(["0", "1", "auto"]))
    .option("--recording <n|label>", "which recording of a ddff log")
    .option("--tz <zone>", "time zone of libarray's times, as Europe/Berlin")
    .addOption(
      new Option("--gaps <how>", "JLS rows never recorded: missing, or on the line between (default: mark)").choices([
        "mark",
        "interpolate",
      ]),
    )
}

/** Options that choose channels. */
export function channelOption(command: Command): Command {
  return command.option("-c, --channel <name>", "only this channel: name, glob, /regex/ or group.channel (repeatable)", collect)
}

/** Options that choose a time range. */
export function rangeOptions(command: Command): Command {
  return command
    .option("--start <time>", "from here: 12.5, 1m30s, -10s (from the end), @1700000000, RFC 3339")
    .option("--end <time>", "up to here, not included")
}

/** Options that say where output goes. */
export function outputOptions(command: Command, what = "<file>"): Command {
  return command.requiredOption(`-o, --output ${what}`, "where to write").option("--force", "replace existing files")
}

/** A whole number above zero. */
export function count(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError("Expected a whole number above 0.")
  return value
}

/** A number above zero. */
export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("Expected a number above 0.")
  return value
}

function collect(name: string, names: string[] = []): string[] {
  return [...names, name]
}

/** The options for opening an input, with the specification read. @throws LogError */
export async function openingOf(options: InputOptions): Promise<Opening> {
  const { format, spec, tick, monthBase, recording, tz, gaps } = options
  const side = spec === undefined ? {} : await (await import("../../inputs/side-file.js")).loadSideFile(spec)
  return {
    ...side,
    ...(format === undefined ? {} : { format: (await import("../../registry/open.js")).formatNamed(format).name }),
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
