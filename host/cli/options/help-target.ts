import type { Command } from "commander"
import { UsageError } from "../../model/errors.js"
import { nearest } from "../../text/nearest.js"

/** @throws UsageError for a command that `help` is asked about and that is none, with the nearest name */
export function refuseUnknown(program: Command, [name, ...others]: readonly string[]): void {
  if (name === undefined || name.startsWith("-") || name === "help") return
  const command = program.commands.find((each) => each.name() === name || each.aliases().includes(name))
  if (command !== undefined) {
    if (command.commands.length > 0) refuseUnknown(command, others)
    return
  }
  const names = program.commands.map((each) => each.name())
  const [near] = nearest(name, names, 1)
  throw new UsageError(`no command "${name}"${near === undefined ? "" : `: did you mean "${near}"?`}`, {
    hint: `there are ${names.join(", ")}`,
  })
}
