import { STREAM_INVENTORY, STREAM_TAGS } from "../../../shared/ddff/layout.js"
import { copyBytes } from "../../bytes/copy.js"
import type { Source } from "../../bytes/source.js"
import { UnsupportedError } from "../../model/errors.js"
import type { Appender } from "../../model/format.js"
import type { Group } from "../../model/log.js"
import { uniquelyNamed } from "../../views/unique-names.js"
import { BlockWriter } from "./blocks/block-writer.js"
import type { BlockList } from "./blocks/blocks.js"
import { writeLosses } from "./losses.js"
import { readOptions } from "./options.js"
import { type DdffLog, openDdff } from "./read.js"
import { labelText, nest } from "./records/label-text.js"
import { DdffFile, localTime, spanOf } from "./write.js"

/**
 * Writes the file `existing` with the rows of `log` behind its own rows, as further recordings: its bytes stay in place,
 * each stream goes on in its last block, and new blocks follow at the end. Groups go on in the stream of their name if its
 * label is the same; other groups get new streams.
 * @throws UnsupportedError if the file is damaged (recover it first), of the base variant, or stamped by a logger
 */
export const appendDdff: Appender = async (existing, opening, added, output, options) => {
  const { log, losses: nameLosses } = uniquelyNamed(added)
  const old = await openDdff(existing, opening)
  const { variant, inventory, tags } = old.structure
  const entries = inventory?.entries ?? []
  await refuse(old, existing.name)
  const lists = [...old.scan.streams.values()]
  const settings = { ...readOptions({ block: Math.max(...old.scan.sizes), ...options }), variant }
  const sink = output.sink()
  try {
    await copyBytes(existing, 0, Math.max(...lists.map(endOf)), sink)
    const blocks = new BlockWriter(sink, settings.block)
    for (const list of lists) await resume(existing, list, blocks)
    const used = new Set([...old.scan.streams.keys(), ...entries.map(({ id }) => id)])
    const file = new DdffFile(blocks, settings, {
      tags,
      lists: old.scan.streams,
      keys: entries.map(({ key }) => key),
      idOf: (key, group) => knownId(old, key, group),
      newId: () => newId(used, variant === "tagged" ? STREAM_TAGS + 1 : STREAM_INVENTORY + 1),
    })
    await file.copy(log)
    file.finish(localTime(log.start))
    sink.close()
    return [...writeLosses(log, file.met, settings), ...nameLosses()]
  } catch (error) {
    sink.abort()
    throw error
  }
}

async function refuse(old: DdffLog, path: string): Promise<void> {
  if (old.structure.variant === "base") {
    throw new UnsupportedError("the base variant has no names to append by", { format: "ddff", path, hint: "convert it to a tagged file" })
  }
  if (old.scan.session !== null) {
    throw new UnsupportedError("a logger's stamped blocks cannot be appended to", {
      format: "ddff",
      path,
      hint: "recover writes it without stamps",
    })
  }
  await old.survey()
  const damage = old.issues.find(({ severity }) => severity === "error")
  if (damage !== undefined) {
    throw new UnsupportedError(`is damaged: ${damage.text}`, { format: "ddff", path, at: damage.at, hint: "recover it, then append" })
  }
}

function endOf(list: BlockList): number {
  return (list.at[list.count - 1] as number) + (list.size[list.count - 1] as number)
}

async function resume(source: Source, list: BlockList, blocks: BlockWriter): Promise<void> {
  const last = list.count - 1
  const at = list.at[last] as number
  blocks.resume(list.id, await source.read(at, list.size[last] as number), at)
}

/** The stream that a group goes on in: same name, same label. */
function knownId(old: DdffLog, wanted: string, group: Group): number | null {
  const entry = old.structure.inventory?.entries.find(({ key }) => key === wanted)
  if (entry === undefined || !old.scan.streams.has(entry.id)) return null
  const span = spanOf(group.channels)
  const parts = nest(group.channels.map((_, i) => i).filter((i) => i !== span))
  return entry.label === labelText(group, parts, span >= 0) ? entry.id : null
}

function newId(used: Set<number>, from: number): number {
  let id = from
  while (used.has(id)) id++
  used.add(id)
  return id
}
