import type { Command } from "../options/command.js"
import { count, inputOptions, joinOption, jsonOption } from "../options/flags.js"

/** `fieldlog info INPUT...`: what is in a log, read from its structure. */
export function addInfo(program: Command): void {
  const command = program
    .command("info")
    .summary("what is in a log: groups, channels, times, losses, damage")
    .argument("<input...>", "logs, card images, files in them (card.img:/LOG00001.MET), folders, - for standard input")
    .examples(`
  fieldlog info run.met              one log
  fieldlog info card.img             every recording on a card image
  fieldlog info --json logs/ | jq .  every recording in a folder, for programs
  fieldlog info run.met --rows 5     and the first and last five rows
`)
    .option("--rows <n>", "the first and last n rows of each group (default: 3 if the format finds them at once, as btsf, else 0)", count)
    .option("--all", "also calibrations, notes, stored channels that others are computed from, and full lists")
  command.takes(joinOption, inputOptions, jsonOption).runs(async () => (await import("../run/info.js")).info)
}
