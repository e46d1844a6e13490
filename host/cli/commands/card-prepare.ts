import { UsageError } from "../../model/errors.js"
import type { Command } from "../options/command.js"
import { collect, jsonOption } from "../options/flags.js"

/** `fieldlog card prepare CARD`: makes a card ready for the logger and says how long it will last. */
export function addPrepare(card: Command): void {
  const prepare = card
    .command("prepare")
    .summary("writes settings, specification and empty files for the logger")
    .argument("<card>", "card image, the card itself (/dev/sdX), or the folder where it is mounted")
    .examples(`
  fieldlog card prepare /dev/sdb
  fieldlog card prepare card.img --config LOGGER.CFG --dry-run
  fieldlog card prepare /media/CARD --set imu=50 --set flush=1000

Checks the card and its LOGGER.CFG, writes LOGGER.CFG and LOGSPEC.JSN, and creates empty files that
the logger fills without searching for space. Prints bytes per day, days until the card is full, and
the card's life.
`)
    .option("--config <file>", "put this LOGGER.CFG on the card (default: keep the card's own)")
    .option("--set <name=value>", "change a setting in LOGGER.CFG: format=ddff, imu=50, gps=off (repeatable)", collect)
    .option("--spec <file>", "the specification (default: that of this version's channel list)")
    .option("--segments <n>", "number of empty files to create; none in a mounted folder", wholeNumber, 4)
    .option("--dry-run", "print what would be done and write nothing")
  prepare.takes(jsonOption).runs(async () => (await import("../run/card-prepare.js")).prepare)
}

function wholeNumber(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new UsageError(`--segments ${text}, expected a number of files`)
  return Number(text)
}
