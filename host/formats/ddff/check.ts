import { blockStamp, CHAIN_END, CHAIN_END_PY, HEADER_SIZE, STREAM_TAGS } from "../../../shared/ddff/layout.js"
import type { Source } from "../../bytes/source.js"
import { Findings } from "../../model/findings.js"
import type { Finding, OpenOptions } from "../../model/format.js"
import type { BlockList } from "./blocks/blocks.js"
import { checkRecords, type RecordStarts } from "./check-records.js"
import { unlinkedText } from "./issues.js"
import { type DdffLog, openDdff } from "./read.js"
import { hasStaleTags } from "./recordings.js"
import { parseLabel } from "./records/label.js"

/**
 * Finds every rule of the format that a file breaks: the rules of blocks and their chain, of the inventory, of tags and of records,
 * and those that only the readers of DUECA or pyddff need (warnings). In file order; findings without a place last.
 * @throws FormatError if no sound block is found
 */
export async function* checkDdff(source: Source, options: OpenOptions): AsyncGenerator<Finding> {
  const log = await openDdff(source, { ...options, recording: undefined })
  const found = new Findings()
  checkSpans(log, found)
  for (const blocks of log.scan.streams.values()) {
    const starts = await checkRecords(log, blocks, found)
    await checkBlocks(log, source, blocks, starts, found)
  }
  if (log.scan.session !== null && log.scan.unlinked > 0) found.add("unlinked", "note", -1, "nextOffset", unlinkedText(log.scan.unlinked))
  checkInventory(log, found)
  checkTags(log, found)
  await checkTagRange(log, found)
  yield* inBlocks(log, found.inFileOrder())
}

/** Names the block of each finding that has a place and does not name it yet. @param findings in file order */
function* inBlocks(log: DdffLog, findings: readonly Finding[]): Generator<Finding> {
  const all: { at: number; end: number; name: string }[] = []
  for (const { id, count, at, size, number } of log.scan.streams.values()) {
    for (let i = 0; i < count; i++) {
      all.push({ at: at[i] as number, end: (at[i] as number) + (size[i] as number), name: `block ${number[i]} of stream ${id}` })
    }
  }
  all.sort((a, b) => a.at - b.at)
  let i = 0
  for (const finding of findings) {
    while (i < all.length && (all[i] as { end: number }).end <= finding.at) i++
    const block = all[i]
    const inside = finding.at >= 0 && block !== undefined && block.at <= finding.at && !/^(block|bytes) /.test(finding.where)
    yield inside ? { ...finding, where: `${block.name}, ${finding.where}` } : finding
  }
}

function checkSpans(log: DdffLog, found: Findings): void {
  for (const { at, length, kind, text } of log.scan.badSpans) {
    const harmless = kind === "unused-tail" || kind === "stale-block"
    const field = kind === "bad-crc" ? "crc" : "header"
    const said = kind === "zeros" || kind === "truncated" ? `${text}, expected a whole block` : text
    found.add(kind, harmless ? "note" : "error", at, `bytes ${at} to ${at + length - 1}, ${field}`, said)
  }
}

async function checkBlocks(log: DdffLog, source: Source, blocks: BlockList, starts: RecordStarts, found: Findings): Promise<void> {
  const size = blocks.size[0] as number
  for (let i = 0; i < blocks.count; i++) {
    const at = blocks.at[i] as number
    const where = (field: string) => `block ${blocks.number[i]} of stream ${blocks.id}, ${field}`
    const bytes = await source.read(at, blocks.size[i] as number)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const number = i === 0 ? 0 : (blocks.number[i - 1] as number) + 1
    if (!blocks.follows(i)) found.add("block-number", "error", at + 24, where("blockNumber"), `${blocks.number[i]}, expected ${number}`)
    if (blocks.size[i] !== size) {
      found.add(
        "block-size",
        "warning",
        at + 12,
        where("blockSize"),
        `${blocks.size[i]}, expected ${size} as in the stream's first block: DUECA needs one size`,
      )
    }
    const next = view.getBigInt64(0)
    // The board's blocks without a link are one note for the whole file.
    if (log.scan.session === null || next !== CHAIN_END) checkNext(next, blocks, i, where("nextOffset"), found)
    const first = view.getUint32(20)
    const start = starts.get(i) ?? 0
    const isEmptyFirst = i === 0 && start === 0 && (first === 0 || first === HEADER_SIZE)
    if (first !== start && !isEmptyFirst) {
      const expected = start === 0 ? "0: no record begins in this block" : `${start}, where the first record begins`
      found.add("object-offset", "warning", at + 20, where("objectOffset"), `${first}, expected ${expected}`)
    }
    checkPadding(bytes, blocks, i, where("padding"), found)
  }
}

function checkNext(next: bigint, blocks: BlockList, i: number, where: string, found: Findings): void {
  const at = blocks.at[i] as number
  if (i + 1 === blocks.count) {
    if (next !== CHAIN_END && next !== CHAIN_END_PY) {
      found.add("chain", "error", at, where, `${next}, expected ${CHAIN_END} at the end of the chain`)
    }
    return
  }
  const expected = blocks.at[i + 1] as number
  if (next !== BigInt(expected)) found.add("chain", "error", at, where, `${next}, expected ${expected}`)
}

function checkPadding(bytes: Uint8Array, blocks: BlockList, i: number, where: string, found: Findings): void {
  const fill = blocks.fill[i] as number
  const end = fill <= bytes.length - blockStamp.size ? bytes.length - blockStamp.size : bytes.length
  const odd = bytes.subarray(fill, end).findIndex((byte) => byte !== 0)
  if (odd < 0) return
  const at = (blocks.at[i] as number) + fill + odd
  found.add("padding", "note", at, where, `${bytes[fill + odd]} behind the fill of ${fill}, expected zeros`)
}

function checkInventory(log: DdffLog, found: Findings): void {
  const { inventory, dataIds } = log.structure
  if (inventory === null) return
  const ids = new Set<number>()
  const keys = new Set<string>()
  for (const { key, id, label, at } of inventory.entries) {
    const where = `inventory entry ${JSON.stringify(key)}`
    if (ids.has(id)) found.add("inventory-id", "error", at, `${where}, id`, `${id} for a second time`)
    if (keys.has(key)) found.add("inventory-key", "error", at, `${where}, key`, "named for a second time")
    if (!log.scan.streams.has(id))
      found.add("inventory-stream", "warning", at, `${where}, id`, `${id}, but the file has no block of stream ${id}`)
    if (parseLabel(label) === null) {
      found.add(
        "inventory-label",
        "warning",
        at,
        `${where}, label`,
        "free text, expected JSON with class and members: pyddff cannot open the file",
      )
    }
    ids.add(id)
    keys.add(key)
  }
  for (const id of dataIds) {
    const at = log.scan.streams.get(id)?.at[0] ?? -1
    if (!ids.has(id)) found.add("inventory-missing", "warning", at, "streamId", `${id}, expected an inventory entry for it`)
  }
  for (const { at, length } of inventory.strangers) {
    found.add("inventory-record", "error", at, "inventory record", `${length} bytes that are no entry, expected [key, id, label]`)
  }
}

function checkTags(log: DdffLog, found: Findings): void {
  const { tags, dataIds } = log.structure
  if (hasStaleTags(tags)) {
    found.add(
      "tag-stale",
      "warning",
      tags[1]?.at ?? -1,
      "tag 1, offset",
      "the places of the tag before, expected those of its own rows: other readers give the recordings each other's rows",
    )
  }
  for (const [i, { at, cycle, offsets, inblock, index0, index1 }] of tags.entries()) {
    const where = (field: string) => `tag ${i}, ${field}`
    if (cycle !== i) found.add("tag-cycle", "error", at, where("cycle"), `${cycle}, expected ${i}: DUECA refuses the file`)
    if (index1 < index0) found.add("tag-index", "error", at, where("index1"), `${index1}, expected at least index0, ${index0}`)
    for (const id of dataIds) {
      const k = id - STREAM_TAGS - 1
      const offset = offsets[k] ?? 0
      if (offset === 0) {
        if (i === 0)
          found.add("tag-empty", "warning", at, where(`offset of stream ${id}`), "0, expected a block: pyddff cannot open the file")
        continue
      }
      const place = inblock[k]
      checkPlace(log.scan.streams.get(id), offset, place, at, where(`offset of stream ${id}`), found)
    }
  }
}

/** pyddff leaves out the rows of a recording outside its tag's range: the first and last rows of every stream must lie in some tag's. */
async function checkTagRange(log: DdffLog, found: Findings): Promise<void> {
  const { tags } = log.structure
  const [tag] = tags
  if (tag === undefined) return
  const from = Math.min(...tags.map(({ index0 }) => index0))
  const to = Math.max(...tags.map(({ index1 }) => index1))
  const { groups } = await log.survey()
  for (const [i, { first, last }] of groups.entries()) {
    const outside = [first, last].find((tick) => tick !== null && (tick < from || tick > to))
    if (outside === undefined) continue
    const text = `${from} to ${to}, expected a range with all rows: ${log.groups[i]?.name} has one of tick ${outside}, which pyddff leaves out`
    found.add("tag-range", "warning", tag.at, "tags, index0 and index1", text)
  }
}

/** A tag's place must lie in a block of the stream; with `inblock`, the offset is the block's. */
function checkPlace(
  blocks: BlockList | undefined,
  offset: number,
  inblock: number | undefined,
  at: number,
  where: string,
  found: Findings,
): void {
  const i = blocks === undefined ? -1 : blocks.indexAt(offset)
  if (blocks === undefined || i < 0) {
    found.add("tag-offset", "error", at, where, `${offset}, expected the place of a block of this stream`)
    return
  }
  if (inblock === undefined) return
  if (blocks.at[i] !== offset) found.add("tag-offset", "error", at, where, `${offset}, expected the beginning of a block: ${blocks.at[i]}`)
  const fill = blocks.fill[i] as number
  if (inblock < HEADER_SIZE || inblock > fill) {
    found.add("tag-inblock", "error", at, where, `${inblock} in the block, expected ${HEADER_SIZE} to its fill, ${fill}`)
  }
}
