import { CHAIN_END } from "../../../shared/ddff/layout.js"
import type { Sink } from "../../bytes/sink.js"
import type { Source } from "../../bytes/source.js"
import type { OpenOptions, Output, Rescue } from "../../model/format.js"
import { holesOf } from "../../model/issues.js"
import type { BlockList } from "./blocks/blocks.js"
import { type DdffLog, openDdff } from "./read.js"
import { hasStaleTags } from "./recordings.js"
import { recoverDdff } from "./recover.js"

/**
 * Writes the file with a sound chain. If no block is missing, every block is copied byte for byte except its chain
 * pointer, which the CRC does not cover; zeros and foreign bytes between and behind them are left out. If blocks are
 * missing, or tags point at the wrong recordings, the records are put into new blocks.
 * @throws FormatError if no sound block is found
 */
export async function repairDdff(source: Source, output: Output, options: OpenOptions): Promise<Rescue> {
  const log = await openDdff(source, { ...options, recording: undefined })
  const { groups } = await log.survey()
  const rows = groups.reduce((sum, group) => sum + group.rows, 0)
  if (!isRelinkable(log)) return recoverDdff(source, output, options)
  const sink = output.sink()
  try {
    await relink(source, log, sink)
    sink.close()
    return { rows, holes: holesOf(log.issues) }
  } catch (error) {
    sink.abort()
    throw error
  }
}

/** True if all blocks are there, all their bytes are records, and no tag would point outside its block. */
function isRelinkable(log: DdffLog): boolean {
  const lists = [...log.scan.streams.values()]
  const whole = lists.every((blocks) => Array.from({ length: blocks.count }, (_, i) => blocks.follows(i)).every(Boolean))
  const clean = !log.issues.some(
    ({ kind }) => kind === "schema" || kind === "no-msgpack" || kind === "cut-record" || kind === "block-order",
  )
  const moved = log.scan.badSpans.some(({ at, kind }) => kind !== "unused-tail" && at < lastByte(lists))
  return whole && clean && !(log.structure.variant === "tagged" && (moved || hasStaleTags(log.structure.tags)))
}

function lastByte(lists: readonly BlockList[]): number {
  return Math.max(...lists.map((blocks) => blocks.at[blocks.count - 1] as number))
}

async function relink(source: Source, log: DdffLog, sink: Sink): Promise<void> {
  const lists = [...log.scan.streams.values()]
  const places = lists.map((list) => new Float64Array(list.count))
  let end = 0
  for (const { list, i } of inFileOrder(lists)) {
    ;(places[list] as Float64Array)[i] = end
    end += lists[list]?.size[i] as number
  }
  for (const { list, i } of inFileOrder(lists)) {
    const blocks = lists[list] as BlockList
    // A copy: the source may hand out its own bytes.
    const bytes = new Uint8Array(await source.read(blocks.at[i] as number, blocks.size[i] as number))
    const next = places[list]?.[i + 1]
    new DataView(bytes.buffer).setBigInt64(0, next === undefined ? CHAIN_END : BigInt(next))
    sink.write(bytes)
  }
}

/** Every block as index into `lists` and number in its list. */
function* inFileOrder(lists: readonly BlockList[]): Generator<{ readonly list: number; readonly i: number }> {
  const next = lists.map(() => 0)
  const at = (list: number) => lists[list]?.at[next[list] as number] as number
  for (;;) {
    let first = -1
    for (const [list, blocks] of lists.entries()) {
      if ((next[list] as number) < blocks.count && (first < 0 || at(list) < at(first))) first = list
    }
    if (first < 0) return
    yield { list: first, i: next[first] as number }
    next[first] = (next[first] as number) + 1
  }
}
