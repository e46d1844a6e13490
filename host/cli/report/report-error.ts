import { CommanderError } from "commander"
import { LogError, OptionError, UsageError } from "../../model/errors.js"
import { noneOfText } from "../../text/asked.js"
import { printable } from "../../text/printable.js"
import { asTyped } from "../options/as-typed.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { ClosedPipe, type ColorMode, painter, writeErr } from "../terminal/terminal.js"
import { jsonText } from "../text/json.js"

/** What is reported of an error. */
interface Complaint {
  readonly exit: Exit
  readonly message: string
  readonly path?: string | undefined
  readonly format?: string | undefined
  readonly at?: number | undefined
  readonly hint?: string | undefined
}

/**
 * Reports an error on standard error in one or two lines, with `--json` as JSON.
 * @returns the exit code
 */
export function reportError(error: unknown, args: readonly string[]): Exit {
  if (error instanceof ClosedPipe) return EXIT.fine
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.fine
  const flags = args.includes("--") ? args.slice(0, args.indexOf("--")) : args
  const complaint = complaintOf(error, flags)
  if (complaint.message !== "") {
    if (flags.includes("--json")) writeErr(jsonText({ schemaVersion: 1, error: complaint }))
    else writeErr(complaintText(complaint, colorOf(flags)))
  }
  if (flags.includes("--debug") && error instanceof Error) writeErr(`${error.stack}\n`)
  return complaint.exit
}

function complaintOf(error: unknown, flags: readonly string[]): Complaint {
  if (error instanceof CommanderError) return usageComplaint(error)
  if (error instanceof LogError) {
    const { path, format, at, hint } = error
    const message = error instanceof OptionError ? error.text((option) => asTyped(option, flags)) : error.message
    return { exit: error instanceof UsageError ? EXIT.usage : EXIT.failed, message, path, format, at, hint }
  }
  const system = error as NodeJS.ErrnoException
  if (typeof system?.code === "string" && typeof system.syscall === "string") {
    return { exit: EXIT.failed, message: SYSTEM_ERRORS[system.code] ?? system.message, path: system.path }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    exit: EXIT.failed,
    message: `internal error: ${message}`,
    hint: "a fault of fieldlog, please report it with the output of --debug",
  }
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left for the output",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "is on a read-only file system",
  EIO: "the device reports an input/output error",
  EMFILE: "too many open files",
  ENOENT: "no such file",
  ENOTDIR: "a part of this path is a file, expected a folder",
  EISDIR: "is a folder, expected a file",
  ENAMETOOLONG: "the name is too long",
  ELOOP: "its links lead in a circle",
  EBUSY: "is in use by another program",
  EDQUOT: "no space left for the output: the quota is used up",
  EXDEV: "lies on another disk",
}

/** Commander's errors in our shape: `error: unknown option '--jsno'`, then the suggestion on a line of its own. */
function usageComplaint(error: CommanderError): Complaint {
  // A value beside the allowed ones is told as the library tells it.
  const choice = /^error: option '(?:-\w, )?(--[\w-]+).*' argument '(.*)' is invalid\. Allowed choices are (.*)\.$/s.exec(error.message)
  if (choice !== null) {
    const [, flag, value, choices = ""] = choice
    return { exit: EXIT.usage, message: `${flag}: ${noneOfText(value, choices.split(", "))}` }
  }
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n")
  const suggestion = rest.join(" ").replace(/^\(Did you mean (.*)\?\)$/s, "did you mean $1?")
  return { exit: EXIT.usage, message: error.code === "commander.help" ? "" : first, hint: suggestion === "" ? undefined : suggestion }
}

function complaintText({ message, path, format, at, hint }: Complaint, color: ColorMode): string {
  const paint = painter(color, "err")
  const place = [path, format === undefined || message.startsWith(format) ? undefined : format].filter((part) => part !== undefined)
  const byte = at === undefined || at < 0 || message.includes(String(at)) ? "" : ` (at byte ${at})`
  const head = `${paint("red", "fieldlog:")} ${printable([...place, message].join(": "))}${byte}\n`
  return hint === undefined ? head : `${head}  ${printable(hint)}\n`
}

function colorOf(flags: readonly string[]): ColorMode {
  const joined = flags.find((flag) => flag.startsWith("--color="))?.slice("--color=".length)
  const mode = joined ?? (flags.includes("--color") ? flags[flags.indexOf("--color") + 1] : undefined)
  return mode === "always" || mode === "never" ? mode : "auto"
}
