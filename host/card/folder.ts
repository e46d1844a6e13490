import { folderEntry } from "../../shared/card/layout.js"
import { readRecord } from "../bytes/layout.js"
import type { ByteRange } from "../bytes/unreadable.js"

/** One file or folder as its folder lists it. */
export interface FolderEntry {
  /** The long name if it is sound, else the short name. */
  readonly name: string
  /** `LOG00001.MET`. */
  readonly shortName: string
  readonly folder: boolean
  readonly attributes: number
  /** Local time of the last change, `2025-01-31T12:00:00`; null if the card does not say. */
  readonly modified: string | null
  readonly firstCluster: number
  /** Size in bytes by the entry; 0 for folders. */
  readonly size: number
  /** Offset of the entry in the folder. */
  readonly at: number
}

/** The entries of a folder, and what is wrong with them. */
interface Listing {
  readonly entries: readonly FolderEntry[]
  readonly label: string | null
  readonly oddities: readonly { at: number; text: string }[]
}

const LONG_NAME = 0x0f
const LABEL = 8
const FOLDER = 16
const DELETED = 0xe5

/**
 * Reads the entries of a folder, long names included, `.` and `..` left out.
 * Source: FAT32 File System Specification 1.03, Long Directory Entries.
 * @param unreadable what of `bytes` the device could not give: the zeros there do not end the folder
 */
export function readFolder(bytes: Uint8Array, unreadable: readonly ByteRange[] = []): Listing {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const entries: FolderEntry[] = []
  const oddities: { at: number; text: string }[] = []
  let label: string | null = null
  let long = new LongName()
  for (let at = 0; at + folderEntry.size <= bytes.length; at += folderEntry.size) {
    const first = bytes[at] as number
    if (first === 0) {
      if (!unreadable.some((range) => range.at <= at && at < range.at + range.length)) break
      long = new LongName()
      continue
    }
    const attributes = bytes[at + 11] as number
    if (first === DELETED) {
      long = new LongName()
      continue
    }
    if ((attributes & 0x3f) === LONG_NAME) {
      long.add(bytes, at)
      continue
    }
    const part = long
    long = new LongName()
    if ((attributes & LABEL) !== 0) {
      label = shortText(bytes, at, 11).trimEnd()
      continue
    }
    if (first === 0x2e) continue
    const record = readRecord(folderEntry, view, at)
    const shortName = readShortName(bytes, at, record.lowerCase)
    const longName = part.text(checksum(bytes, at))
    if (longName === null && !part.empty) oddities.push({ at, text: `the long name of ${shortName} belongs to another entry` })
    const given = longName ?? shortName
    const name = given.replace(UNSAFE, "_")
    if (name !== given) oddities.push({ at, text: `the name ${JSON.stringify(given)} holds characters that no name may have` })
    entries.push({
      name: name === "." || name === ".." || name === "" ? shortName.replace(UNSAFE, "_") : name,
      shortName,
      folder: (attributes & FOLDER) !== 0,
      attributes,
      modified: dateTime(record.modifiedDate, record.modifiedTime),
      firstCluster: (record.clusterHigh & 0x0fff) * 65536 + record.clusterLow,
      size: (attributes & FOLDER) !== 0 ? 0 : record.size,
      at,
    })
  }
  return { entries, label, oddities }
}

/** Characters that some system does not allow in a file name. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const UNSAFE = /[\u0000-\u001f"*/:<>?\\|]/g

/** The pieces of a long name, last piece first. */
class LongName {
  private pieces: string[] = []
  private expected = 0
  private sum = -1
  empty = true

  add(bytes: Uint8Array, at: number): void {
    this.empty = false
    const order = bytes[at] as number
    const sum = bytes[at + 13] as number
    const number = order & 0x3f
    if ((order & 0x40) !== 0) {
      this.pieces = []
      this.sum = sum
    } else if (number !== this.expected || sum !== this.sum) {
      this.expected = -1
      return
    }
    this.expected = number - 1
    this.pieces.unshift(piece(bytes, at))
  }

  /** Gives the name if it is complete and belongs to the short entry with that checksum. */
  text(sum: number): string | null {
    return !this.empty && this.expected === 0 && this.sum === sum ? this.pieces.join("") : null
  }
}

/** Thirteen UTF-16 units in three places; 0 ends the name. */
function piece(bytes: Uint8Array, at: number): string {
  let text = ""
  for (const [from, n] of [
    [1, 5],
    [14, 6],
    [28, 2],
  ] as const) {
    for (let i = 0; i < n; i++) {
      const unit = (bytes[at + from + 2 * i] as number) | ((bytes[at + from + 2 * i + 1] as number) << 8)
      if (unit === 0) return text
      text += String.fromCharCode(unit)
    }
  }
  return text
}

function checksum(bytes: Uint8Array, at: number): number {
  let sum = 0
  for (let i = 0; i < 11; i++) sum = (((sum & 1) << 7) + (sum >> 1) + (bytes[at + i] as number)) & 0xff
  return sum
}

function readShortName(bytes: Uint8Array, at: number, lowerCase: number): string {
  let base = shortText(bytes, at, 8).trimEnd()
  // 05 stands for a name that begins with E5.
  if (bytes[at] === 0x05) base = `\u00e5${base.slice(1)}`
  let extension = shortText(bytes, at + 8, 3).trimEnd()
  if ((lowerCase & 8) !== 0) base = base.toLowerCase()
  if ((lowerCase & 16) !== 0) extension = extension.toLowerCase()
  return extension === "" ? base : `${base}.${extension}`
}

/** Bytes beyond ASCII depend on a code page that the card does not name: they are taken as Latin-1. */
function shortText(bytes: Uint8Array, at: number, length: number): string {
  let text = ""
  for (let i = at; i < at + length; i++) text += String.fromCharCode(bytes[i] as number)
  return text
}

function dateTime(date: number, time: number): string | null {
  if (date === 0) return null
  const two = (n: number) => String(n).padStart(2, "0")
  const day = `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)}`
  return `${day}T${two(time >> 11)}:${two((time >> 5) & 63)}:${two((time & 31) * 2)}`
}
