import "../bytes/device-buffer.js"
import type { BlockDevice, CardError } from "../../shared/card/bus.js"
import { Fat32 } from "../../shared/card/fat32.js"
import { type DirEntry, fatDate, fatTime } from "../../shared/card/root-folder.js"
import { LogError, UsageError } from "../model/errors.js"

/** What goes onto a card. */
interface Preparation {
  /** `LOGGER.CFG`; null leaves what is there. */
  readonly settings: Uint8Array | null
  /** `LOGSPEC.JSN`. */
  readonly spec: Uint8Array
  /** The header of a btsf log, which the board cannot make; null for the other formats. */
  readonly head: { readonly name: string; readonly bytes: Uint8Array } | null
  /** Files made ahead for the board to log into, and the size of each in bytes, which is rounded up to whole space units. */
  readonly segments: number
  readonly segmentBytes: number
  /** Time of the files. */
  readonly now: Date
}

/** What was done. */
interface Prepared {
  readonly files: readonly string[]
  /** Files ahead that the card has now, those that were there included. */
  readonly segments: number
  readonly segmentBytes: number
}

/** More files ahead would make the board's look through the folder slow. */
const MOST_SEGMENTS = 64
/** Bytes at the start of a specification that name its channel list: `{"fieldlog":"b31259f5`. */
const SPEC_HEAD = 21

/** True for a specification that another channel list of ours wrote: logs on the card may need it. */
export function isOlderSpec(old: Uint8Array, spec: Uint8Array): boolean {
  const head = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes.subarray(0, SPEC_HEAD))
  return head(old).startsWith('{"fieldlog":"') && head(old) !== head(spec)
}

/** Clusters that a small file may have: what one FAT sector describes. */
const SMALL_CLUSTERS = 128

/**
 * Writes settings, specification and files ahead onto a card, by the file system code of the board. A file ahead is
 * `SPAREnnn.SEG`: contiguous, aligned as the board makes its logs, its first sector cleared. The board gives the first of them
 * a log's name when it needs one, and has then neither to search for space nor to link it.
 * @throws LogError when the card has no room, or cannot be written
 */
export async function prepareCard(
  device: BlockDevice,
  { settings, spec, head, segments, segmentBytes, now }: Preparation,
): Promise<Prepared> {
  if (segments > MOST_SEGMENTS) throw new UsageError(`${segments} files ahead, at most ${MOST_SEGMENTS}`)
  const volume = new Fat32(device)
  try {
    await volume.mount()
    const date = fatDate(now.getFullYear(), now.getMonth() + 1, now.getDate())
    volume.setTime(date, fatTime(now.getHours(), now.getMinutes(), now.getSeconds()))
    const files: string[] = []
    if (settings !== null && (await put(volume, "LOGGER  CFG", settings))) files.push("LOGGER.CFG")
    if (await keepOldSpec(volume, spec)) files.push("LOGSPEC.OLD")
    if (await put(volume, "LOGSPEC JSN", spec)) files.push("LOGSPEC.JSN")
    if (head !== null && (await put(volume, head.name, head.bytes))) files.push(shown(head.name))
    const units = Math.max(1, Math.ceil(segmentBytes / volume.unitBytes()))
    for (let n = 1; n <= MOST_SEGMENTS; n++) await makeAhead(device, volume, n, n <= segments ? units : 0)
    return { files, segments, segmentBytes: units * volume.unitBytes() }
  } catch (error) {
    throw explained(error)
  }
}

/** Keeps the specification of the logs that are on the card already as `LOGSPEC.OLD`, as the board does. @returns true where it did */
async function keepOldSpec(volume: Fat32, spec: Uint8Array): Promise<boolean> {
  const old = Buffer.alloc(SPEC_HEAD)
  if ((await volume.readSmall("LOGSPEC JSN", old)) <= 0 || !isOlderSpec(old, spec)) return false
  const older: DirEntry | null = await volume.root.find("LOGSPEC OLD")
  if (older !== null) await volume.remove(older)
  const entry: DirEntry | null = await volume.root.find("LOGSPEC JSN")
  if (entry !== null) await volume.root.rename(entry, "LOGSPEC OLD")
  return entry !== null
}

/** `HEAD00  BTS` as people know it. */
function shown(name: string): string {
  return `${name.slice(0, 8).trimEnd()}.${name.slice(8)}`
}

/** @returns false where the file is there already, byte for byte */
async function put(volume: Fat32, name: string, bytes: Uint8Array): Promise<boolean> {
  const most = SMALL_CLUSTERS * volume.fat.sectorsPerCluster * 512
  if (bytes.length > most) throw new UsageError(`${name.trim()} has ${bytes.length} bytes, the card takes ${most}`)
  const old = Buffer.alloc(bytes.length + 1)
  if ((await volume.readSmall(name, old)) === bytes.length && old.subarray(0, bytes.length).equals(bytes)) return false
  await volume.writeSmall(name, Buffer.from(bytes), bytes.length)
  return true
}

/** The n-th file ahead with so many units; one of another size is made anew, one that is not wanted goes. */
async function makeAhead(device: BlockDevice, volume: Fat32, n: number, units: number): Promise<void> {
  const name = `SPARE${String(n).padStart(3, "0")}SEG`
  const old: DirEntry | null = await volume.root.find(name)
  if (old !== null) {
    if (old.size === units * volume.unitBytes()) return
    await volume.remove(old)
  }
  if (units === 0) return
  const run = await volume.findRun(units, units)
  // What an older file has left there shall not be taken for a log.
  await device.write(volume.lba(run.first), Buffer.alloc(512, 0xff))
  await volume.createContiguous(name, run)
}

/** The board's word for what is wrong, in a sentence. */
function explained(error: unknown): unknown {
  const { code, lba } = error as CardError
  if (error instanceof LogError || typeof code !== "string") return error
  const said = SENTENCES[code]
  return said === undefined ? error : new LogError(lba >= 0 ? `${said} (sector ${lba})` : said)
}

const SENTENCES: Readonly<Record<string, string>> = {
  full: "the card has no room in one piece for that",
  "root-full": "the card's root folder is full",
  verify: "what is read back from the card differs from what was written",
  damaged: "the card's file system contradicts itself: fsck.vfat or a fresh format mends it",
}
