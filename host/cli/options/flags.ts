import { type Command, InvalidArgumentError, Option } from "commander"
import { meantText } from "../../text/asked.js"
import type { Alignment } from "../../views/join.js"
import type { ColorMode } from "../terminal/terminal.js"

/** The options that every command has. */
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

/** Whether the files of one recording are read as one log. */
export interface JoinOptions {
  readonly join?: boolean
}

/** Which part of a log is read. */
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

/** Adds the options that every command has. */
export function commonOptions(command: Command): Command {
  return command
    .addOption(new Option("--color <when>", "when to use colours").choices(["auto", "always", "never"]).default("auto"))
    .option("--no-progress", "show no progress on the terminal")
    .option("--debug", "print stack traces with errors")
}

/** Adds `--json`, for commands that report. */
export function jsonOption(command: Command): Command {
  return command.option("--json", "print one JSON document instead of text; errors are JSON too")
}

/** Adds the options that say how an input is read. */
export function inputOptions(command: Command): Command {
  return command
    .option("--format <name>", "read the input as this format, whatever its content looks like")
    .option("--spec <file>", "specification of a Meteor log, or side file of a ddff log (default: the one beside the log)")
    .option("--tick <seconds>", "seconds per tick, for a ddff log that does not say", positive)
    .addOption(new Option("--month-base <n>", "how a Meteor header counts months (default: auto)").choices(["0", "1", "auto"]))
    .option("--recording <n|label>", "recording of a ddff log, by number or label")
    .option("--tz <zone>", "time zone of times without one (libarray, CSV), for example Europe/Berlin")
    .addOption(
      new Option("--gaps <how>", "JLS samples that were never recorded: mark as missing, or interpolate (default: mark)").choices([
        "mark",
        "interpolate",
      ]),
    )
}

/** Adds `--no-join`, for commands that read the files of one recording as one log. */
export function joinOption(command: Command): Command {
  return command.option("--no-join", "each file of a card or folder by itself, also those of one recording")
}

/** Adds `--align`, for commands that lay several logs side by side. */
export function alignOption(command: Command): Command {
  return command.option(
    "--align <how>",
    "how to align several logs: utc, start (each from second 0), or offsets in seconds, as 0,2.5",
    alignment,
  )
}

function alignment(text: string): Alignment {
  if (text === "utc" || text === "start") return text
  const offsets = text.split(",").map((each) => (each.trim() === "" ? Number.NaN : Number(each)))
  if (!offsets.every(Number.isFinite))
    throw new InvalidArgumentError(`Expected utc, start, or seconds as 0,2.5${meantText(text, ["utc", "start"])}`)
  return offsets
}

/** Adds the option that chooses channels. */
export function channelOption(command: Command): Command {
  return command.option("-c, --channel <name>", "only these channels: a name, glob, /regex/ or group.channel (repeatable)", collect)
}

/** Adds the options that choose a time range. */
export function rangeOptions(command: Command): Command {
  return command
    .option("--start <time>", "first time: 12.5, 1m30s, 6:00 (min:s), 1:02:03, -10s (from the end), @1700000000, RFC 3339")
    .option("--end <time>", "end time, not included")
}

/** Adds the options that say where output goes. */
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

/** One more of an option that may be repeated. */
export function collect(text: string, before: string[] = []): string[] {
  return [...before, text]
}
