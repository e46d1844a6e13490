import { Option } from "commander"
import { UsageError } from "../../model/errors.js"
import type { Command } from "../options/command.js"
import { inputOptions, jsonOption } from "../options/flags.js"

/** `fieldlog annotate FILE`: lists, adds, edits and removes remarks in a log. */
export function addAnnotate(program: Command): void {
  const command = program
    .command("annotate")
    .summary("lists, adds, edits and removes annotations (btsf, JLS)")
    .argument("<file>", "a log whose format has annotations")
    .examples(`
  fieldlog annotate run.btsf                                list, with numbers
  fieldlog annotate run.btsf --add "pit stop" --at 12m30s
  fieldlog annotate run.btsf --edit 3 --text "spin" --at 95.2
  fieldlog annotate run.btsf --remove 0
`)
    .option("--add <text>", "adds an annotation at the time --at")
    .option("--edit <n>", "changes annotation n of the list", index)
    .option("--remove <n>", "removes annotation n of the list", index)
    .option("--text <text>", "with --edit: the new text")
    .option("--at <time>", "time: 12.5, 1m30s, 6:00 (min:s), 1:02:03, -10s (from the end), @1700000000, RFC 3339")
    .option("--group <name>", "the annotation belongs to this group, not to the whole log")
    .addOption(new Option("--kind <kind>", "how the annotation is drawn").choices(["text", "vertical", "horizontal", "user"]))
    .option("--y <value>", "vertical position", Number)
  command.takes(inputOptions, jsonOption).runs(async () => (await import("../run/annotate.js")).annotate)
}

function index(text: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(`"${text}" is not the number of an annotation`, { hint: "fieldlog annotate FILE lists them with their numbers" })
  return Number(text)
}
