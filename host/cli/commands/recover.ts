import type { Command } from "commander"
import { commonOptions, inputOptions, jsonOption, outputOptions } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

/** `fieldlog recover INPUT -o OUTPUT`: what a damaged log, a card image or a card still holds. */
export function addRecover(program: Command): void {
  const command = program
    .command("recover")
    .summary("saves what a damaged log, a card image or a card still holds")
    .argument("<input>", "a log, a card image, a card reader (/dev/sdX), a folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog recover broken.met -o saved.met --report holes.json
  fieldlog recover card.img -o saved/       every log on a card, into a folder
`,
    )
  outputOptions(command, "<path>").option("--report <file>", "write a JSON report of every hole")
  commonOptions(jsonOption(inputOptions(command))).action(runs(async () => (await import("../run/recover.js")).recoverInput))
}

/** `fieldlog repair FILE -o OUTPUT`: structure rebuilt, values untouched. */
export function addRepair(program: Command): void {
  const command = program
    .command("repair")
    .summary("rebuilds indexes, chains and tags without touching values")
    .argument("<input>", "a JLS, ddff or btsf file")
    .addHelpText(
      "before",
      `Examples:
  fieldlog repair unclosed.jls -o closed.jls  a recording that was cut off
  fieldlog repair broken.ddff -o sound.ddff  the chain of blocks and the tags
`,
    )
  outputOptions(command).option("--report <file>", "write a JSON report of every hole")
  commonOptions(jsonOption(inputOptions(command))).action(runs(async () => (await import("../run/recover.js")).repairInput))
}
