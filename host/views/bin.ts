import type { Channel, Chunk, Group, Log, Selection } from "../model/log.js"
import { physicalColumn } from "../model/values.js"
import { isNumeric } from "../model/wire.js"
import { computedNotes } from "../text/digits.js"
import { mergeRows } from "./merge.js"
import { delegateRegrouped, MEAN_DIGITS, NOTHING, timeRange } from "./resample.js"

const CHUNK_ROWS = 16 * 1024
const KINDS = ["min", "mean", "max"] as const

/**
 * A log of at most `maxRows` rows: as it is when it fits, else equal steps in time with `min`, `mean` and `max` of every
 * number channel. For spreadsheets.
 */
export async function binned(log: Log, maxRows: number, selection: Selection = {}): Promise<Log> {
  const { groups: counts } = await log.survey()
  const chosen = new Set(selection.groups ?? log.groups.keys())
  const rows = counts.reduce((sum, count, g) => sum + (chosen.has(g) ? count.rows : 0), 0)
  if (rows <= maxRows) return log
  const range = timeRange(log, counts, selection) ?? NOTHING
  const steps = Math.max(1, Math.floor(maxRows))
  const width = (range.to - range.from) / steps || 1
  const places = columnPlaces(log)
  const group: Group = {
    name: "bins",
    id: 0,
    channels: channelsOf(log, places),
    time: { kind: "fixed", rate: 1 / width, offset: range.from },
  }
  return {
    ...delegateRegrouped(log, 1 / width),
    groups: [group],
    chunks: () => binChunks(log, places, range.from, width, steps, selection),
    survey: async () => ({ groups: [{ rows: steps, first: 0, last: steps - 1 }], duration: range.to - range.from }),
  }
}

/** Per group and channel its place among the number channels, or -1. */
function columnPlaces(log: Log): number[][] {
  let next = 0
  return log.groups.map(({ channels }) => channels.map(({ type }) => (isNumeric(type) ? next++ : -1)))
}

function channelsOf(log: Log, places: readonly number[][]): Channel[] {
  const names = log.groups.flatMap(({ channels }) => channels.map(({ name }) => name))
  return log.groups.flatMap((group, g) =>
    group.channels.flatMap((channel, c) => {
      if (places[g]?.[c] === -1) return []
      const title = names.indexOf(channel.name) === names.lastIndexOf(channel.name) ? channel.name : `${group.name}.${channel.name}`
      return KINDS.map((kind): Channel => {
        const notes = computedNotes(channel, kind === "mean" ? MEAN_DIGITS : 0)
        return { name: `${title}.${kind}`, unit: channel.unit, type: "f64", calibration: null, notes }
      })
    }),
  )
}

async function* binChunks(
  log: Log,
  places: readonly number[][],
  from: number,
  width: number,
  steps: number,
  selection: Selection,
): AsyncGenerator<Chunk> {
  const channels = places.flat().filter((place) => place >= 0).length
  const bins = new Bins(channels)
  let first = 0
  for await (const merged of mergeRows(log, selection)) {
    const columns = merged.chunks.map((chunk) =>
      (log.groups[chunk.group]?.channels ?? []).map((channel, c) =>
        physicalColumn(chunk.columns[c] as Float64Array, channel.calibration, chunk.missing[c] ?? null),
      ),
    )
    for (let i = 0; i < merged.rows; i++) {
      const slot = merged.slot[i] as number
      const row = merged.row[i] as number
      const step = Math.min(steps - 1, Math.max(0, Math.floor(((merged.key[i] as number) - from) / width)))
      while (step > bins.step) {
        bins.close()
        if (bins.closed === CHUNK_ROWS) {
          yield bins.take(first)
          first += CHUNK_ROWS
        }
      }
      const own = columns[slot] as (Float64Array | null)[]
      const into = places[(merged.chunks[slot] as Chunk).group] as number[]
      for (let c = 0; c < own.length; c++) {
        const column = own[c]
        if (column !== null && column !== undefined) bins.add(into[c] as number, column[row] as number)
      }
    }
  }
  while (bins.step < steps) {
    bins.close()
    if (bins.closed === CHUNK_ROWS || bins.step === steps) {
      yield bins.take(first)
      first += CHUNK_ROWS
    }
  }
}

/** The step being filled, and those that are done. */
class Bins {
  step = 0
  closed = 0
  private readonly count: Float64Array
  private readonly sum: Float64Array
  private readonly min: Float64Array
  private readonly max: Float64Array
  private columns: Float64Array[] = []

  constructor(private readonly channels: number) {
    this.count = new Float64Array(channels)
    this.sum = new Float64Array(channels)
    this.min = new Float64Array(channels).fill(Number.POSITIVE_INFINITY)
    this.max = new Float64Array(channels).fill(Number.NEGATIVE_INFINITY)
    this.fresh()
  }

  add(channel: number, value: number): void {
    if (Number.isNaN(value)) return
    this.count[channel] = (this.count[channel] as number) + 1
    this.sum[channel] = (this.sum[channel] as number) + value
    if (value < (this.min[channel] as number)) this.min[channel] = value
    if (value > (this.max[channel] as number)) this.max[channel] = value
  }

  close(): void {
    for (let c = 0; c < this.channels; c++) {
      const n = this.count[c] as number
      const values = n === 0 ? [Number.NaN, Number.NaN, Number.NaN] : [this.min[c], (this.sum[c] as number) / n, this.max[c]]
      for (let k = 0; k < 3; k++) (this.columns[3 * c + k] as Float64Array)[this.closed] = values[k] as number
      this.count[c] = 0
      this.sum[c] = 0
      this.min[c] = Number.POSITIVE_INFINITY
      this.max[c] = Number.NEGATIVE_INFINITY
    }
    this.closed++
    this.step++
  }

  take(first: number): Chunk {
    const rows = this.closed
    const columns = this.columns.map((column) => column.subarray(0, rows))
    const missing = columns.map((column) => Uint8Array.from(column, (value) => (Number.isNaN(value) ? 1 : 0)))
    this.fresh()
    return { group: 0, first, rows, window: first / CHUNK_ROWS, ticks: null, columns, missing, order: null }
  }

  private fresh(): void {
    this.closed = 0
    this.columns = Array.from({ length: 3 * this.channels }, () => new Float64Array(CHUNK_ROWS))
  }
}
