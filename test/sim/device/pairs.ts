import { memorySource } from "../../../host/bytes/source.js"
import { openImage } from "../../../host/card/image.js"
import { installed } from "../../needs.js"
import { memoryDisk } from "../card/disk.js"
import { complaints, HARMLESS } from "../card/fsck-remarks.js"
import { fsck } from "../card/images.js"
import type { CardOptions } from "../card/sd-options.js"
import { logsOn, tinyCard } from "./cards.js"
import { random } from "./random.js"
import { compareSeries } from "./recording.js"
import { inNode } from "./trial.js"

/** Cards with two oddities at a time, and the logger's program on them. */

const FOREIGN = Buffer.alloc(9000, "a file of somebody else ")
const OTHERS = { LOG00002MET: FOREIGN, LOG00003TXT: FOREIGN, "HOLIDAY JPG": FOREIGN }
/** Sectors of the tiny card before its data: FSInfo, and where FAT 1 begins. */
const FSINFO = 1

type Oddity = (next: () => number, fat: number) => Partial<CardOptions>

/** Each with its source in sd-options.ts. */
const ODDITIES: Readonly<Record<string, Oddity>> = {
  "busy at each selection": (next) => ({ busyAfterSelect: constant(1000 + next() * 2000) }),
  "busy for a second now and then": (next) => ({ busy: everyNth(30 + Math.floor(next() * 40), 1_000_000, 800) }),
  "busy behind a stream": () => ({ busyAfterStop: 60_000 }),
  "no erase": () => ({ erase: "illegal" }),
  "an erase that does nothing": () => ({ erase: "nothing" }),
  "an erase of 5 s": () => ({ eraseBusy: 5_000_000 }),
  "FSInfo unreadable": () => ({ unreadable: (lba) => (lba === FSINFO ? "token" : null) }),
  "a FAT sector unreadable": (next, fat) => {
    const bad = fat + 3 + Math.floor(next() * 20)
    return { unreadable: (lba) => (lba === bad ? "silent" : null) }
  },
  "space that cannot be written": (next) => {
    const bad = 700 + Math.floor(next() * 1500)
    return { response: (_, lba) => (lba >= bad && lba < bad + 40 ? 0x0d : 0x05) }
  },
  "ACMD41 refused at first": () => ({ odd: (index, n) => (index === 41 && n <= 3 ? 0x05 : null) }),
  "a wrong CSD": () => ({ wrongCsd: 1e9 }),
  "CRC checked": () => ({ insistsOnCrc: true }),
  "byte addresses": () => ({ kind: "sdsc" }),
}

function constant(micros: number): () => number {
  return () => micros
}

function everyNth(n: number, long: number, short: number): (count: number) => number {
  return (count) => (count % n === n - 1 ? long : short)
}

/** All pairs of the oddities by name, those of one with itself included. */
export function pairs(): (readonly [string, string])[] {
  const names = Object.keys(ODDITIES)
  return names.flatMap((one, i) => names.slice(i).map((other) => [one, other] as const))
}

/**
 * Runs the logger on a card with two oddities, and holds the card against the promises: values are right, no row is missing between two that
 * are there, others' files are bit for bit equal, fsck.vfat has only the listed remarks, and nothing was said to a busy card.
 * @throws Error which names the pair and the promise
 */
export async function runPair([one, other]: readonly [string, string], seed: number): Promise<void> {
  const next = random(seed)
  const image = await tinyCard(OTHERS, 4096)
  const fat = image.readUInt16LE(14)
  const card = { checksCommands: false, ...ODDITIES[one]?.(next, fat), ...ODDITIES[other]?.(next, fat) }
  const format = next() < 0.5 ? "meteor" : "ddff"
  const logger = await inNode(memoryDisk(image), { format, fileBytes: 131_072, overwrite: next() < 0.5, card })
  await logger.run(60_000)
  logger.close()
  await logger.run(70_000)
  const fail = (text: string): never => {
    throw new Error(`${one}, ${other}, seed ${seed}, ${format}: ${text}`)
  }
  const last = logger.states.at(-1)?.state
  if (last !== "closed") fail(`the logger is ${last}`)
  if (logger.card.offences.length > 0) fail(`${logger.card.offences[0]}`)
  const opened = await openImage(memorySource(image))
  for (const [name, bytes] of Object.entries(OTHERS)) {
    const file = opened.open(`/${name.slice(0, 8).trim()}.${name.slice(8)}`)
    if (!bytes.equals(await file.read(0, file.size))) fail(`${name} changed`)
  }
  const own = (await logsOn(image)).filter((path) => path !== "/LOG00002.MET" && !path.endsWith(".TXT"))
  const { groups, dropped } = await compareSeries(image, own)
  if ((groups.imu?.rows ?? 0) < 3000) fail(`${groups.imu?.rows} rows of imu`)
  for (const [name, group] of Object.entries(groups)) {
    if (group.wrong > 0) fail(`${group.wrong} wrong values of ${name}`)
    if (group.holes > dropped) fail(`${group.holes} rows of ${name} are missing, ${dropped} were counted`)
  }
  if (!installed("fsck.vfat")) return
  const bad = complaints(fsck(image).text).filter((line) => !HARMLESS.test(line))
  if (bad.length > 0) fail(`fsck.vfat says: ${bad.join("; ")}`)
}
