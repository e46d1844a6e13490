import { HEAD_SIZES, HEAD_SUMS } from "../btsf/put.js"
import type { BlockDevice } from "../card/bus.js"
import { type DirEntry, fiveDigits } from "../card/root-folder.js"

/**
 * Which logs are ours: told by the mark that the logger puts into a log's first sectors before it gives the log a name. A name alone
 * says nothing: other loggers number their files in the same way.
 */

/** First letter of a kind: MET, DDF, BTS. */
const METEOR = 77
const DDFF = 68

/** The first two words of a Meteor file. */
const METEOR_FIRST = 0x45274289
const METEOR_SECOND = 0x4752454e
/** Where the name's length stands, and the name: `a1b2c3d4-00012`, session and number. */
const NAME_LENGTH_AT = 21
const NAME_AT = 22
const LEAST_NAME = 14

/** The stamp at the end of a ddff block: session, and number in the file. */
const SESSION_AT = 504
const SEQUENCE_AT = 508
const STREAM_AT = 11
const TAG_STREAM = 1
const PAYLOAD_AT = 28
/** Blocks of the longest inventory, and the tag's. */
const TAG_WITHIN = 20
const LOG_LETTERS = 0x474f4c

/**
 * True for a log that this logger made under this name.
 * @param base first sector of the file, which is in one piece
 * @param sector its bytes are lost
 * @throws CardError
 */
export async function isOwnLog(device: BlockDevice, base: number, entry: DirEntry, sector: Buffer): Promise<boolean> {
  const kind = entry.name.charCodeAt(8)
  if (kind === METEOR) return await isMeteor(device, base, entry.number, sector)
  if (kind === DDFF) return await isDdff(device, base, entry, sector)
  return await isBtsf(device, base, entry, sector)
}

async function isMeteor(device: BlockDevice, base: number, number: number, b: Buffer): Promise<boolean> {
  await device.read(base, b)
  if (b.getAt(0, "i32") !== METEOR_FIRST || b.getAt(4, "i32") !== METEOR_SECOND || (b[NAME_LENGTH_AT] as number) < LEAST_NAME) return false
  await device.pause()
  for (let i = 0; i < 8; i++) {
    const c = b[NAME_AT + i] as number
    if ((c < 48 || c > 57) && (c < 97 || c > 102)) return false
  }
  await device.pause()
  return b[NAME_AT + 8] === 45 && fiveDigits(b, NAME_AT + 9) === number
}

/** Each block of the head has the file's session and its own number; the tag among them has the log's number. */
async function isDdff(device: BlockDevice, base: number, entry: DirEntry, b: Buffer): Promise<boolean> {
  let session = 0
  for (let n = 0; n < TAG_WITHIN && n << 9 < entry.size; n++) {
    await device.read(base + n, b)
    const mark = b.getAt(SESSION_AT, "i32")
    if (n === 0) session = mark
    const sequence = ((b[SEQUENCE_AT + 2] as number) << 8) | (b[SEQUENCE_AT + 3] as number)
    if (mark !== session || sequence !== n || b[SEQUENCE_AT] !== 0 || b[SEQUENCE_AT + 1] !== 0) return false
    if (b[STREAM_AT] !== TAG_STREAM) continue
    for (let at = PAYLOAD_AT; at < SESSION_AT - 8; at++) {
      if ((at & 31) === 0) await device.pause()
      if ((b.getAt(at, "i32") & 0xffffff) === LOG_LETTERS && fiveDigits(b, at + 3) === entry.number) return true
    }
    return false
  }
  return false
}

/** A btsf log begins with a header that the laptop made for this program. */
async function isBtsf(device: BlockDevice, base: number, entry: DirEntry, b: Buffer): Promise<boolean> {
  let sum = 0
  let place = 0
  for (let n = 0; n < TAG_WITHIN && n << 9 < entry.size; n++) {
    await device.read(base + n, b)
    for (let i = 0; i < 512; i++) {
      if ((i & 15) === 0) await device.pause()
      place++
      sum = (sum + Math.imul(b[i] as number, place)) | 0
    }
    for (let k = 0; k < HEAD_SIZES.length; k++) if (HEAD_SIZES[k] === place && HEAD_SUMS[k] === sum) return true
  }
  return false
}
