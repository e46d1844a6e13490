import { memorySource } from "../../host/bytes/source.js"
import { openSeries } from "../../host/formats/libarray/read.js"
import { findSeries, type TreeEntry, type TreeFiles } from "../../host/formats/libarray/tree.js"
import { treeSeries } from "../../host/formats/libarray/tree-series.js"
import type { Chunk, Group, Log, UtcPoint, Values } from "../../host/model/log.js"
import { rowTimes } from "../../host/model/time.js"
import { physicalColumn } from "../../host/model/values.js"
import { openSource } from "../../host/registry/open.js"
import type { MemoryOutput } from "./cases.js"
import { type Cell, cellOf } from "./expected.js"

/** What one channel holds: values that are there, each with its time in ns since 1970 (since the log's start where that is not known). */
export interface Series {
  readonly group: string
  readonly channel: string
  readonly times: number[]
  readonly cells: Cell[]
}

/** The logs that a writer's output holds: several where each group has its file, none where no row was written. */
export async function logsOf(format: string, output: MemoryOutput): Promise<Log[]> {
  const files = [...output.files.keys()]
  if (format === "libarray") {
    const tree = memoryTree(output)
    const series = findSeries(tree, ".").map((name) => treeSeries(tree, ".", name))
    return series.length === 0 ? [] : [await openSeries("case", "tree", series, {})]
  }
  const side = files.find((name) => name.endsWith(".json"))
  const spec = side === undefined ? {} : { spec: JSON.parse(output.text(side)) }
  const logs = files.filter((name) => name !== side)
  return Promise.all(logs.map((name) => openSource(memorySource(output.bytes(name), name), spec)))
}

/** All channels of a log, in its order. `base`: the time that times count from, in ns since 1970. */
export async function seriesOf(log: Log, base: bigint): Promise<Series[]> {
  const found = new Map<string, Series>()
  const of = (g: number, c: number): Series => {
    const group = log.groups[g] as Group
    const fresh = { group: group.name, channel: group.channels[c]?.name ?? "", times: [], cells: [] }
    const series = found.get(`${g} ${c}`) ?? fresh
    found.set(`${g} ${c}`, series)
    return series
  }
  for await (const chunk of log.chunks()) {
    const times = absoluteTimes(log, chunk, base)
    for (const [c, { calibration }] of (log.groups[chunk.group] as Group).channels.entries()) {
      const stored = chunk.columns[c] as Values
      const values = calibration === null ? stored : (physicalColumn(stored, calibration, null) ?? stored)
      const { times: at, cells } = of(chunk.group, c)
      for (let i = 0; i < chunk.rows; i++) {
        if (chunk.missing[c]?.[i] === 1) continue
        at.push(times[i] as number)
        cells.push(cellOf(values[i]))
      }
    }
  }
  return log.groups.flatMap((group, g) => group.channels.map((_, c) => of(g, c)))
}

function absoluteTimes(log: Log, chunk: Chunk, base: bigint): number[] {
  const group = log.groups[chunk.group] as Group
  const shift = log.start === null ? 0n : log.start - base
  const pairs = log.utc.filter((point) => point.group === chunk.group)
  if (group.time.kind === "fixed" && pairs.length > 1) {
    return Array.from({ length: chunk.rows }, (_, i) => Number(mapped(pairs, BigInt(chunk.first + i)) - base))
  }
  if (chunk.ticks instanceof BigInt64Array) return Array.from(chunk.ticks, (tick) => Number(tick + shift))
  return Array.from(rowTimes(group, chunk), (time) => time * 1e9 + Number(shift))
}

/** A sample's time between the pairs around it. */
function mapped(pairs: readonly UtcPoint[], sample: bigint): bigint {
  const next = Math.max(
    1,
    pairs.findIndex(({ tick }) => tick >= sample),
  )
  const [a, b] = [pairs[next - 1] as UtcPoint, pairs[next] as UtcPoint]
  const at = pairs.find(({ tick }) => tick === sample)
  return at?.utc ?? a.utc + ((sample - a.tick) * (b.utc - a.utc)) / (b.tick - a.tick)
}

function memoryTree({ files }: MemoryOutput): TreeFiles {
  return {
    list(path) {
      const entries = new Map<string, TreeEntry>()
      for (const file of files.keys()) {
        if (path !== "." && !file.startsWith(`${path}/`)) continue
        const [name, ...below] = file.slice(path === "." ? 0 : path.length + 1).split("/") as [string, ...string[]]
        entries.set(name, { name, isDirectory: below.length > 0 })
      }
      return [...entries.values()]
    },
    open(path) {
      const bytes = files.get(path)?.bytes()
      if (bytes === undefined) return null
      const read = (at: number, into: Uint8Array) => {
        const part = bytes.subarray(at, at + into.length)
        into.set(part)
        return part.length
      }
      return { size: bytes.length, read, close() {} }
    },
  }
}
