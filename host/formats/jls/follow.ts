import type { Source } from "../../bytes/source.js"
import type { Chunk, Selection } from "../../model/log.js"
import { ChunkReader } from "./chunks/chunks.js"
import type { RowClock } from "./clock.js"
import type { LogSignal } from "./groups.js"
import { Rebuild } from "./rebuild.js"
import { gapsOf, markGaps } from "./samples/gaps.js"
import type { PartsMap } from "./samples/parts.js"
import { FsrReader } from "./samples/reader.js"
import { firstRow, ROWS } from "./samples/windows.js"

/**
 * Reads the rows that an unclosed file gets while it grows, as chunks behind those that it had when it was opened. Every look
 * scans the new bytes. Signals that are defined later are left out. Samples that a writer omits because they are
 * all equal come with their INDEX, and the samples behind them wait for it.
 * @param window index of the next window
 */
export async function* grownRows(
  { signals }: { readonly signals: readonly LogSignal[] },
  source: Source,
  selection: Selection,
  window: number,
): AsyncGenerator<Chunk> {
  const rebuild = new Rebuild(source)
  const ends = signals.map(({ fsr }) => fsr.map.end)
  for (let index = window; await selection.follow?.(); index++) {
    const { maps, annotations } = await rebuild.scan()
    for (const group of selection.groups ?? signals.keys()) {
      selection.signal?.throwIfAborted()
      const { clock, fsr: own } = signals[group] as LogSignal
      const { signal, map: opened } = own
      const map = maps.get(signal.def.id)
      if (map === undefined) continue
      const fsr = new FsrReader(new ChunkReader(source), signal, map, () => {})
      const gaps = gapsOf(annotations.get(signal.def.id) ?? [])
      const end = settledEnd(map, signal.type?.bits ?? 0)
      const rows = rowsWithin(clock, Math.max(ends[group] as number, map.first) - opened.first, end - opened.first, selection)
      for (let from = rows.from; from < rows.to; from += ROWS) {
        const to = Math.min(rows.to, from + ROWS)
        const [a, b] = [opened.first + from, opened.first + to]
        const { values, missing: lost } = await fsr.samples(a, b)
        const missing = markGaps(lost, gaps, a, b)
        const order = selection.order === "file" ? await fsr.offsets(a, b) : null
        yield {
          group,
          first: from,
          rows: to - from,
          window: index,
          ticks: clock.ticks(from, to),
          columns: [values],
          missing: [missing],
          order,
        }
      }
      ends[group] = Math.max(ends[group] as number, end)
    }
  }
}

/** Where the final samples end: for a signal with omitted chunks, at the first stretch that is still open. */
function settledEnd(map: PartsMap, bits: number): number {
  if (bits > 8) return map.end
  for (const { first } of map.holes()) return first
  return map.end
}

function rowsWithin(clock: RowClock, from: number, to: number, { start, end }: Selection): { from: number; to: number } {
  return {
    from: start === undefined ? from : Math.max(from, firstRow(clock, to, start)),
    to: end === undefined ? to : firstRow(clock, to, end),
  }
}
