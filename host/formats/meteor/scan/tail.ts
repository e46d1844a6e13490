import { LONGEST_NAME } from "../../../../shared/logger/settings.js"
import { frameHeader, TYPE_PAD } from "../../../../shared/meteor/layout.js"
import { MARK_DIGITS } from "../../../../shared/meteor/mark.js"
import type { Source } from "../../../bytes/source.js"
import { writtenEnd } from "../../../bytes/written-end.js"

/** The names that fieldlog's logger gives: session, number, perhaps its own name, and its specification's mark; of a name that the power went in, the beginning. */
const OWN_NAME = /^(?:[0-9a-f]{0,8}|[0-9a-f]{8}-\d{0,5}|[0-9a-f]{8}-\d{5}(?:-[\w-]*)?)$/
const SHORTEST_NAME = 14
const LONGEST_OWN = SHORTEST_NAME + 1 + LONGEST_NAME + 1 + MARK_DIGITS

const STEP = 64 * 1024
const SECTOR = 512

/**
 * Where the constant tail of a file starts: from there to the end all bytes are 00, or all are FF, as in a file that was
 * allocated before it was written. In a log of our own logger it ends at the first such sectors, whatever an older log has left
 * behind them.
 * @returns a byte offset between `from` and the source's size; the size when the last byte is neither 00 nor FF
 */
export async function unusedTail(source: Source, from: number, name: string): Promise<number> {
  const { size } = source
  if (isOwn(name)) {
    const written = await writtenEnd(source)
    const torn = await tornFrame(source, written)
    if (torn < size) return Math.max(from, torn)
  }
  const buffer = new Uint8Array(Math.min(STEP, Math.max(0, size - from)))
  let fill = -1
  for (let end = size; end > from; ) {
    const start = Math.max(from, end - buffer.length)
    const bytes = await source.read(start, end - start, buffer)
    if (fill < 0) fill = bytes[bytes.length - 1] ?? 1
    if (fill !== 0 && fill !== 0xff) return size
    for (let i = bytes.length - 1; i >= 0; i--) if (bytes[i] !== fill) return start + i + 1
    end = start
  }
  return from
}

function isOwn(name: string): boolean {
  return name.length >= SHORTEST_NAME && name.length <= LONGEST_OWN && OWN_NAME.test(name.replace(/[\0\xff]+$/, ""))
}

/**
 * The start of the frame that the power went in, in a log of our own logger: each of its sectors ends with a pad frame, so a last
 * sector that is blank from the middle of another frame on was torn. @returns `end` when it was not
 */
async function tornFrame(source: Source, end: number): Promise<number> {
  if (end <= SECTOR || end % SECTOR !== 0) return end
  const bytes = await source.read(end - SECTOR, SECTOR)
  const fill = bytes[SECTOR - 1]
  if (fill !== 0 && fill !== 0xff) return end
  let written = SECTOR
  while (written > 0 && bytes[written - 1] === fill) written--
  for (let at = 0; at < written; ) {
    const type = bytes[at + 4]
    const next = at + frameHeader.size + (bytes[at + 6] ?? 0)
    if (next > written) return type === TYPE_PAD ? end : end - SECTOR + at
    at = next
  }
  return end
}
