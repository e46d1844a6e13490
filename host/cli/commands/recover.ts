import type { Command } from "../options/command.js"
import { inputOptions, jsonOption, outputOptions } from "../options/flags.js"

/** `fieldlog recover INPUT -o OUTPUT`: what a damaged log, a card image or a card still holds. */
export function addRecover(program: Command): void {
  const command = program
    .command("recover")
    .summary("saves what a damaged log, a card image or a card still holds")
    .argument("<input>", "a log, a card image, a card reader (/dev/sdX), a folder, - for standard input")
    .examples(`
  fieldlog recover broken.met -o saved.met --report holes.json
  fieldlog recover card.img -o saved/       every log on a card, into a folder
  fieldlog recover --deep card.img -o saved/  also logs that were deleted
`)
  outputOptions(command, "<path>")
    .option("--report <file>", "write a JSON report of every hole")
    .option("--deep", "look into a card's free space, too: for logs that no folder lists")
  command.takes(inputOptions, jsonOption).runs(async () => (await import("../run/recover.js")).recoverInput)
}

/** `fieldlog repair FILE -o OUTPUT`: structure rebuilt, values untouched. */
export function addRepair(program: Command): void {
  const command = program
    .command("repair")
    .summary("rebuilds indexes, chains and tags without touching values")
    .argument("<input>", "a JLS, ddff or btsf file")
    .examples(`
  fieldlog repair unclosed.jls -o closed.jls  a recording that was cut off
  fieldlog repair broken.ddff -o sound.ddff  the chain of blocks and the tags
`)
  outputOptions(command).option("--report <file>", "write a JSON report of every hole")
  command.takes(inputOptions, jsonOption).runs(async () => (await import("../run/recover.js")).repairInput)
}
