import type { Command } from "commander"
import { UsageError } from "../../model/errors.js"
import { meantText } from "../../text/asked.js"

/** @throws UsageError for a command that `help` is asked about and that is none, with the nearest name */
export function refuseUnknown(program: Command, [name, ...others]: readonly string[]): void {
  if (name === undefined || name.startsWith("-") || name === "help") return
  const command = program.commands.find((each) => each.name() === name || each.aliases().includes(name))
  if (command !== undefined) {
    if (command.commands.length > 0) refuseUnknown(command, others)
    return
  }
  const names = program.commands.map((each) => each.name())
  throw new UsageError(`no command "${name}"${meantText(name, names)}`, {
    hint: `there are ${names.join(", ")}`,
  })
}
