import type { Command } from "../options/command.js"
import { jsonOption } from "../options/flags.js"
import { addPrepare } from "./card-prepare.js"

/** `fieldlog card ls|get|prepare IMAGE`: the files on a FAT32 card or an image of one, and what the logger needs there. */
export function addCard(program: Command): void {
  const card = program
    .command("card")
    .summary("files on a FAT32 card or an image of one")
    .examples(`
  fieldlog card ls card.img                   what is on it
  fieldlog card get card.img -o logs/         copies every file
  fieldlog card prepare card.img --set imu=50 makes it ready for the logger
`)
  addList(card)
  addGet(card)
  addPrepare(card)
}

function addList(card: Command): void {
  const list = card
    .command("ls")
    .summary("lists the files of a card")
    .argument("<image>", "card image, or the card itself (/dev/sdX)")
    .examples(`
  fieldlog card ls card.img
  fieldlog card ls /dev/sdb --json
`)
  list.takes(jsonOption).runs(async () => (await import("../run/card.js")).list)
}

function addGet(card: Command): void {
  const get = card
    .command("get")
    .summary("copies files from a card")
    .argument("<image>", "card image, or the card itself (/dev/sdX)")
    .argument("[path...]", "files or folders on the card (default: everything)")
    .examples(`
  fieldlog card get card.img -o logs/                             everything
  fieldlog card get card.img /LOG00001.MET /LOGSPEC.JSN -o logs/
`)
    .requiredOption("-o, --output <folder>", "folder to copy into")
    .option("--force", "replace existing files")
    .option("--raw", "copy ddff logs as the board wrote them, without the links that other readers need")
  get.takes(jsonOption).runs(async () => (await import("../run/card.js")).copy)
}
