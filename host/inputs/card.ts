import { stat } from "node:fs/promises"
import { basename, posix } from "node:path"
import { renamedSource, type Source } from "../bytes/source.js"
import type { ByteRange } from "../bytes/unreadable.js"
import type { CardEntry, CardImage } from "../card/image.js"
import { fileSource } from "../io/file-source.js"
import { FormatError, LogError, UsageError } from "../model/errors.js"
import { issue } from "../model/issues.js"
import { byExtension, hasSignature, located } from "../registry/open.js"
import { isDebris } from "../text/debris.js"
import { nearest } from "../text/nearest.js"
import { carveInputs } from "./carved.js"
import type { Found, Input } from "./input.js"
import type { Folder } from "./side-file.js"

const BOOT_SECTOR = 512

/**
 * All logs on a card image or card reader.
 * @returns null when the file is no image
 * @throws LogError when it is one without a file system that can be read, or without logs
 */
export async function imageInputs(path: string): Promise<Found | null> {
  if (!(await isImage(path))) return null
  return logsBelow(path, "/")
}

/** The logs that `card.img:/LOG00001.MET` or `card.img:/FOLDER` names; null when no part of the name is a file. */
export async function insideImage(name: string): Promise<Found | null> {
  for (let colon = name.lastIndexOf(":"); colon > 0; colon = name.lastIndexOf(":", colon - 1)) {
    const path = name.slice(0, colon)
    const found = await stat(path).catch(() => null)
    if (found?.isFile() === true || found?.isBlockDevice() === true) return logsBelow(path, posix.join("/", name.slice(colon + 1)))
  }
  return null
}

/** A card whose device cannot read what tells where its files are. */
class UnreadableCard extends FormatError {
  override name = "UnreadableCard"
}

/** The image behind a path. Closing it closes the file. @throws LogError when there is no FAT32 in it */
export async function openCard(path: string): Promise<CardImage> {
  return openCardOn(path, await fileSource(path))
}

async function openCardOn(path: string, source: Source): Promise<CardImage> {
  const { openImage } = await import("../card/image.js")
  try {
    return await located(path, () => openImage(source))
  } catch (error) {
    await source.close()
    const [lost] = source.unreadable ?? []
    if (lost === undefined || !(error instanceof LogError)) throw error
    const text = `the device cannot read ${lost.length} bytes of its file system: ${error.message}`
    throw new UnreadableCard(text, {
      path,
      at: lost.at,
      hint: "fieldlog recover CARD -o FOLDER saves the logs that it finds by their signature",
    })
  }
}

/** A boot sector's signature, in a file that is not one of our formats. */
async function isImage(path: string): Promise<boolean> {
  const source = await fileSource(path)
  try {
    const sector = await source.read(0, BOOT_SECTOR)
    if (sector.length < BOOT_SECTOR || (await hasSignature(source))) return false
    return (sector[510] === 0x55 && sector[511] === 0xaa) || /\.(img|ima|dd)$|^\/dev\//i.test(path)
  } finally {
    await source.close()
  }
}

async function logsBelow(path: string, inside: string): Promise<Found> {
  const file = await CardFile.of(path)
  const image = await openCardOn(path, file).catch((error: unknown) => {
    if (error instanceof UnreadableCard && inside === "/") return error
    throw error
  })
  if (image instanceof UnreadableCard) {
    const logs = await carveInputs(path)
    if (logs.length === 0) throw image
    return { inputs: logs.map((log) => bySignature(log, image.message)), issues: [] }
  }
  try {
    return await logsOn(image, path, inside, (entry) => cardInput(path, file, image, entry))
  } finally {
    await file.rest()
  }
}

async function logsOn(image: CardImage, path: string, inside: string, input: (entry: CardEntry) => Input): Promise<Found> {
  const wanted = inside.toLowerCase().replace(/\/$/, "")
  const files = image.entries.filter((entry) => !entry.folder)
  const one = files.find((entry) => entry.path.toLowerCase() === wanted)
  if (one !== undefined) return { inputs: [input(one)], issues: [] }
  const below = files.filter((entry) => entry.path.toLowerCase().startsWith(`${wanted}/`))
  const logs: CardEntry[] = []
  for (const entry of below) if (await isLog(image, entry)) logs.push(entry)
  // What a folder or the FAT no longer tells may be there all the same.
  const carved = image.incomplete && inside === "/" ? await carveInputs(path, image.begins, namesOn(image)) : []
  const inputs = [...logs.map(input), ...carved.map((log) => bySignature(log, UNLISTED))]
  if (inputs.length > 0) return { inputs, issues: image.hiding }
  const [hiding] = image.hiding
  if (hiding !== undefined) throw new FormatError(`no log can be found on it: ${hiding.text}`, { path, at: hiding.at })
  throw noLog(path, inside, files, below)
}

/**
 * The logs on a card that no folder lists: deleted ones, and those from before it was formatted. Every sector is looked at.
 * @throws LogError when the card has no FAT32 that can be read; UsageError when the path is no card
 */
export async function unlistedInputs(path: string): Promise<Input[]> {
  const found = await stat(path).catch(() => null)
  const isFile = found?.isFile() === true || found?.isBlockDevice() === true
  if (!isFile || !(await isImage(path)))
    throw new UsageError("is no card image or card reader: --deep looks into a card's free space", { path })
  const image = await openCard(path)
  try {
    const logs = await carveInputs(path, image.begins, namesOn(image))
    return logs.map((log) => bySignature(log, "no folder lists it"))
  } finally {
    await image.close()
  }
}

function namesOn({ entries }: CardImage): string[] {
  return entries.map(({ path }) => path.slice(1))
}

const UNLISTED = "its folder cannot be read in part"

/** A log that no folder tells of. Where it ends is a guess. */
function bySignature(log: Input, why: string): Input {
  return { ...log, issues: [issue("by-signature", "error", `${log.label}: found by its signature: ${why}`)] }
}

/** A btsf header that waits for the logger is no log yet. */
const WAITING = /^HEAD\d\d\.BTS$/i

async function isLog(image: CardImage, entry: CardEntry): Promise<boolean> {
  if (WAITING.test(entry.name) || entry.path.split("/").some(isDebris)) return false
  return byExtension(entry.name) !== null || hasSignature(image.open(entry.path))
}

function noLog(path: string, inside: string, files: readonly CardEntry[], below: readonly CardEntry[]): LogError {
  if (inside === "/" || below.length > 0) return new LogError("has no logs on it", { path, hint: `fieldlog card ls ${path}` })
  const names = files.map((entry) => entry.path)
  const [near] = nearest(inside, names, 1)
  const hint = near === undefined ? `fieldlog card ls ${path}` : `did you mean ${path}:${near}?`
  return new LogError(`no file ${inside} on the card`, { path, hint })
}

function cardInput(path: string, file: CardFile, image: CardImage, entry: CardEntry): Input {
  return {
    label: `${path}:${entry.path}`,
    path,
    kind: "bytes",
    issues: entry.issues,
    source: async () => file.lend(image.open(entry.path)),
    folders: async () => {
      const own = posix.dirname(entry.path)
      return [...new Set([own, "/"])].map((folder) => folderOn(file, image, path, folder))
    },
  }
}

/** The bytes of a card, for all logs on it. Its file is open while something on the card is read: who only lists the logs leaves none open. */
class CardFile implements Source {
  readonly name: string
  private users = 0

  private constructor(
    private readonly path: string,
    /** The file as it was opened last. */
    private latest: Source,
    private open: Promise<Source> | null,
  ) {
    this.name = basename(path)
  }

  /** @throws LogError if the file cannot be opened */
  static async of(path: string): Promise<CardFile> {
    const source = await fileSource(path)
    return new CardFile(path, source, Promise.resolve(source))
  }

  get size(): number {
    return this.latest.size
  }

  get unreadable(): readonly ByteRange[] {
    return this.latest.unreadable ?? []
  }

  async read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    return (await this.file()).read(at, length, into)
  }

  async refresh(): Promise<number> {
    return (await this.file()).refresh()
  }

  /** Opens the file again if it rests. */
  private async file(): Promise<Source> {
    this.open ??= fileSource(this.path)
    this.latest = await this.open
    return this.latest
  }

  /** A file on the card. Closing it closes the card's file if nothing else on the card is being read. */
  lend(source: Source): Source {
    this.users++
    let isOpen = true
    return renamedSource(source, source.name, async () => {
      if (!isOpen) return
      isOpen = false
      this.users--
      await this.rest()
    })
  }

  /** Closes the file if nothing on the card is being read. */
  async rest(): Promise<void> {
    if (this.users === 0) await this.close()
  }

  async close(): Promise<void> {
    const { open } = this
    this.open = null
    await (await open)?.close()
  }
}

function folderOn(file: CardFile, image: CardImage, path: string, folder: string): Folder {
  return {
    path: `${basename(path)}:${folder}`,
    async find(name) {
      const wanted = posix.join(folder, name).toLowerCase()
      const entry = image.entries.find((candidate) => !candidate.folder && candidate.path.toLowerCase() === wanted)
      return entry === undefined ? null : file.lend(image.open(entry.path))
    },
    async all(fits) {
      const inFolder = image.entries.filter((entry) => !entry.folder && posix.dirname(entry.path) === posix.join("/", folder))
      const fitting = inFolder.filter(({ path: own }) => fits(posix.basename(own)))
      return fitting.sort((a, b) => (a.path < b.path ? -1 : 1)).map((entry) => file.lend(image.open(entry.path)))
    },
  }
}
