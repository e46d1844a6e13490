import type { Command } from "commander"
import { UsageError } from "../../model/errors.js"
import { commonOptions, jsonOption } from "../options/flags.js"
import { runs } from "../terminal/exit.js"

/** `fieldlog card prepare CARD`: makes a card ready for the logger, and says how long it will do. */
export function addPrepare(card: Command): void {
  const prepare = card
    .command("prepare")
    .summary("settings, specification and space for the logger")
    .argument("<card>", "card image, the card itself (/dev/sdX), or the folder where it is mounted")
    .addHelpText(
      "before",
      `Examples:
  fieldlog card prepare /dev/sdb                             the specification, and space for four files
  fieldlog card prepare card.img --config LOGGER.CFG --dry-run
  fieldlog card prepare /media/CARD --set imu=50 --set flush=1000

Checks the card and its LOGGER.CFG, writes LOGGER.CFG and LOGSPEC.JSN, makes files ahead that the
logger takes without searching for space, and tells bytes a day, when the card is full, and its life.
`,
    )
    .option("--config <file>", "put this LOGGER.CFG on the card (default: the one that is there)")
    .option("--set <name=value>", "change a setting in it: format=ddff, imu=50, gps=off (may be repeated)", collected)
    .option("--spec <file>", "the specification (default: that of this version's channel list)")
    .option("--segments <n>", "files ahead, 0 for none; a mounted folder takes none", wholeNumber, 4)
    .option("--dry-run", "say what would be done, and write nothing")
  commonOptions(jsonOption(prepare)).action(runs(async () => (await import("../run/card-prepare.js")).prepare))
}

function collected(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new UsageError(`--segments ${text}, expected a number of files`)
  return Number(text)
}
