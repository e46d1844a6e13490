import type { Command, Option } from "commander"
import { appendable, COMMON } from "../../actions/convert.js"
import { formats, imports } from "../../registry/open.js"
import { targets } from "../../registry/targets.js"
import { wrapped } from "../../text/width.js"

/** Cells of a line of help. */
const HELP_WIDTH = 80

/** What --set cannot say, as it is read from a file. */
const FROM_FILE = ["spec"]

/**
 * Puts the names of all formats and targets into the help of a command tree: as choices, behind the options that only some of them
 * heed, and as a table. Done when the help or a completion is asked for, for it loads the registries.
 */
export function nameKnown(program: Command): void {
  for (const command of program.commands) {
    for (const option of command.options) {
      if (option.long === "--format" && option.argChoices === undefined)
        option.argChoices = [...formats, ...imports].map(({ name }) => name)
    }
    if (command.options.some(({ long }) => long === "--to")) nameTargets(command)
    nameKnown(command)
  }
}

function nameTargets(command: Command): void {
  const all = targets()
  const inputOptions: readonly string[] = formats.flatMap(({ options }) => options)
  for (const option of command.options) {
    const name = option.attributeName()
    const takers = COMMON.includes(name) || inputOptions.includes(name) ? [] : all.filter(({ options }) => options.includes(name))
    if (option.long === "--to") option.argChoices = all.map((target) => target.name)
    else if (option.long === "--append") addNames(option, appendable())
    else if (takers.length > 0)
      addNames(
        option,
        takers.map((target) => target.name),
      )
  }
  const rows = all.flatMap(({ name, extensions, options }) => {
    const own = options.filter((option) => !COMMON.includes(option) && !FROM_FILE.includes(option)).join(", ")
    const before = `  ${name.padEnd(9)}${extensions.join(" ").padEnd(22)}`
    return wrapped(own, HELP_WIDTH, before, " ".repeat(before.length)).map((line) => line.trimEnd())
  })
  command.addHelpText("after", `\nTargets, their extensions, and the options that --set takes for each:\n${rows.join("\n")}`)
}

function addNames(option: Option, names: readonly string[]): void {
  option.description += ` (${names.join(", ")})`
}
