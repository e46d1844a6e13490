import { readFileSync, writeFileSync } from "node:fs"
import { readdir, stat, statfs } from "node:fs/promises"
import { join } from "node:path"
import { groups } from "../../shared/channels.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import type { Settings } from "../../shared/logger/settings.js"
import { type CardImage, openImage } from "../card/image.js"
import { fileSource } from "../io/file-source.js"
import { LogError, UnsupportedError } from "../model/errors.js"
import { located } from "../registry/open.js"
import { fileDevice } from "./file-device.js"
import { btsfHead, headName } from "./heads.js"
import { logFormat } from "./log-formats.js"
import { type Outlook, outlook } from "./outlook.js"
import { isOlderSpec, prepareCard } from "./prepare.js"
import { readSettings, settingsFindings } from "./settings.js"
import { logSpec } from "./spec.js"

/** How a card is to be prepared. */
export interface PathPreparation {
  /** The new `LOGGER.CFG`, made from the one that is there; null for none. @throws UsageError */
  readonly settings: (old: Uint8Array | null) => Uint8Array | null
  /** `LOGSPEC.JSN`; null for the one of the channel list. */
  readonly spec: Uint8Array | null
  readonly segments: number
  readonly dryRun: boolean
}

/** What was done, and what the card has before it. */
interface PreparedPath {
  readonly label: string
  readonly capacity: number
  readonly free: number
  /** Names of the files that were written because they were not there or differed. */
  readonly files: readonly string[]
  readonly hasSettings: boolean
  readonly settings: Settings
  readonly groups: readonly { readonly name: string; readonly rate: number }[]
  readonly segments: number
  readonly segmentBytes: number
  readonly sectorsWritten: number
  readonly outlook: Outlook
}

/**
 * Prepares a card: its image, the card itself as a device, or the folder where it is mounted, which takes no files ahead.
 * @throws LogError when it is no sound FAT32 card, is mounted, or its settings are wrong: nothing is written then
 */
export async function preparePath(path: string, preparation: PathPreparation): Promise<PreparedPath> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new LogError(error.code === "ENOENT" ? "no such file or folder" : `cannot be opened (${error.code})`, { path })
  })
  return found.isDirectory() ? prepareFolder(path, preparation) : prepareImage(path, preparation)
}

async function prepareImage(path: string, { settings, spec, segments, dryRun }: PathPreparation): Promise<PreparedPath> {
  if (path.startsWith("/dev/")) refuseMounted(path)
  const source = await fileSource(path)
  const { size } = source
  let image: CardImage
  let old: Uint8Array | null
  let facts: Facts
  try {
    image = await located(path, () => openImage(source))
    const broken = image.issues.find(({ severity }) => severity === "error")
    if (broken !== undefined) {
      throw new LogError(`the card's file system is damaged: ${broken.text}`, { path, hint: "save what is on it, then format it anew" })
    }
    old = await fileOn(image, "/LOGGER.CFG")
    facts = factsOf(path, settings(old), { label: image.label, capacity: image.capacity, free: (await image.free()) + aheadBytes(image) })
  } finally {
    await source.close()
  }
  const device = fileDevice(path, size, { keep: dryRun })
  try {
    const prepared = await located(path, () =>
      prepareCard(device, {
        settings: facts.text,
        spec: spec ?? ownSpec(),
        head: headFor(facts.settings),
        segments,
        segmentBytes: facts.settings.fileBytes,
        now: new Date(),
      }),
    )
    return report(facts, prepared, device.written)
  } finally {
    device.close()
  }
}

/** Magic numbers of file systems, as `statfs` has them on Linux: the others tell nothing that could be relied on. */
const VFAT = 0x4d44

async function prepareFolder(path: string, { settings, spec, segments, dryRun }: PathPreparation): Promise<PreparedPath> {
  const volume = await statfs(path)
  if (process.platform === "linux" && volume.type !== VFAT) {
    const hint = "the folder where the card is mounted, the card itself (/dev/sdX), or an image of it"
    throw new UnsupportedError("is a folder that lies on no FAT card", { path, hint })
  }
  return fillFolder(
    path,
    { capacity: volume.blocks * volume.bsize, free: volume.bavail * volume.bsize },
    { settings, spec, segments, dryRun },
  )
}

/** Writes into the folder of a mounted card. @param space bytes of the card */
export async function fillFolder(
  path: string,
  space: { readonly capacity: number; readonly free: number },
  { settings, spec, dryRun }: PathPreparation,
): Promise<PreparedPath> {
  const names = await readdir(path)
  const nameOf = (wanted: string) => names.find((name) => name.toUpperCase() === wanted) ?? wanted
  const read = (name: string) => (names.includes(nameOf(name)) ? readFileSync(join(path, nameOf(name))) : null)
  const facts = factsOf(path, settings(read("LOGGER.CFG")), { label: "", ...space })
  const files: string[] = []
  const put = (name: string, bytes: Uint8Array): void => {
    if (read(name)?.equals(bytes) === true) return
    files.push(name)
    if (!dryRun) writeFileSync(join(path, nameOf(name)), bytes, { flush: true })
  }
  if (facts.text !== null) put("LOGGER.CFG", facts.text)
  const wanted = spec ?? ownSpec()
  const old = read("LOGSPEC.JSN")
  if (old !== null && isOlderSpec(old, wanted)) put("LOGSPEC.OLD", old)
  put("LOGSPEC.JSN", wanted)
  const head = headFor(facts.settings)
  if (head !== null) put(head.name.replace(/ *(?=...$)/, "."), head.bytes)
  return report(facts, { files, segments: 0, segmentBytes: 0 }, 0)
}

interface Facts {
  readonly label: string
  readonly capacity: number
  readonly free: number
  /** The new `LOGGER.CFG`. */
  readonly text: Uint8Array | null
  readonly settings: Settings
}

/** @throws LogError when the settings are wrong: they would be found out in the field */
function factsOf(path: string, text: Uint8Array | null, card: Omit<Facts, "text" | "settings">): Facts {
  const [first, ...more] = text === null ? [] : settingsFindings(text)
  if (first !== undefined) {
    const lines = [first, ...more].map((finding) => [finding.where, finding.text].filter((part) => part !== "").join(": "))
    throw new LogError(`LOGGER.CFG: ${lines.join("; ")}`, { path, hint: "fieldlog check LOGGER.CFG" })
  }
  const settings = readSettings(text ?? new Uint8Array(0))
  return { ...card, text, settings }
}

function report(
  { text, ...facts }: Facts,
  prepared: Pick<PreparedPath, "files" | "segments" | "segmentBytes">,
  sectorsWritten: number,
): PreparedPath {
  const { capacity, free, settings } = facts
  return {
    ...facts,
    ...prepared,
    hasSettings: text !== null,
    groups: groups.map(({ name }, g) => {
      const period = settings.periods[g] as number
      return { name, rate: period === 0 ? 0 : 1000 / period }
    }),
    sectorsWritten,
    outlook: outlook(settings, capacity, free),
  }
}

function ownSpec(): Uint8Array {
  return new TextEncoder().encode(logSpec(groups))
}

/** The header that the card must have for a log of one group: the first that is on. */
function headFor({ format, periods }: Settings): { name: string; bytes: Uint8Array } | null {
  const g = periods.findIndex((period) => period > 0)
  return logFormat(format).oneGroup ? { name: headName(g), bytes: btsfHead(groups[g] as LoggedGroup).bytes } : null
}

/** Files ahead are room for logs as well. */
function aheadBytes({ entries }: CardImage): number {
  return entries.reduce((sum, { path, size }) => sum + (/^\/SPARE\d{3}\.SEG$/.test(path) ? size : 0), 0)
}

async function fileOn(image: CardImage, path: string): Promise<Uint8Array | null> {
  if (!image.entries.some((entry) => entry.path.toUpperCase() === path)) return null
  const file = image.open(path)
  return file.read(0, Math.min(file.size, 65_536))
}

/** @throws LogError for a card whose file system is in use: what we write would be overwritten by what the system has in memory */
function refuseMounted(path: string): void {
  let mounts = ""
  try {
    mounts = readFileSync("/proc/mounts", "utf8")
  } catch {
    return // Only Linux has it.
  }
  const line = mounts.split("\n").find((each) => new RegExp(`^${path}p?\\d* `).test(each))
  if (line === undefined) return
  const [device = path, folder = ""] = line.split(" ")
  throw new LogError(`is mounted at ${folder}`, { path, hint: `umount ${device}, or prepare the folder ${folder}` })
}
