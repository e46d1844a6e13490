import type { Channel, Chunk, Group, Log, Loss, Selection, Values } from "../model/log.js"
import { Moments } from "../model/moments.js"
import { rowTimes } from "../model/time.js"
import { physicalColumn } from "../model/values.js"
import { isNumeric } from "../model/wire.js"
import { computedNotes } from "../text/digits.js"
import { channelTitles } from "../text/unique.js"
import { windows } from "./merge.js"
import { MEAN_DIGITS, NOTHING, regrouped, timeRange } from "./resample.js"
import { soundRows } from "./sound-rows.js"
import { View } from "./view.js"

const CHUNK_ROWS = 4096
const KINDS = ["min", "mean", "max"] as const

/**
 * A log of at most `maxRows` rows: as it is when it fits, else equal steps in time with `min`, `mean` and `max` of every
 * number channel. For spreadsheets.
 */
export async function binned(whole: Log, maxRows: number, selection: Selection = {}): Promise<Log & { readonly losses?: readonly Loss[] }> {
  const { groups: counts } = await whole.survey()
  const chosen = new Set(selection.groups ?? whole.groups.keys())
  const rows = counts.reduce((sum, count, g) => sum + (chosen.has(g) ? count.rows : 0), 0)
  if (rows <= maxRows) return whole
  const { log, losses: odd, range: clockRange } = await soundRows(whole, selection)
  const losses: Loss[] = [...textLosses(whole), ...odd]
  const range = timeRange(log, (await log.survey()).groups, selection, clockRange) ?? NOTHING
  const steps = Math.max(1, Math.floor(maxRows))
  const width = (range.to - range.from) / steps || 1
  const places = columnPlaces(log)
  const group: Group = {
    name: "bins",
    id: 0,
    channels: channelsOf(log, places),
    time: { kind: "fixed", rate: 1 / width, offset: range.from },
  }
  const view = new View(log, {
    ...regrouped(log, 1 / width),
    rows: {
      groups: [group],
      chunks: () => binChunks(log, places, { from: range.from, width, steps }, selection, losses),
      survey: async () => ({ groups: [{ rows: steps, first: 0, last: steps - 1 }], duration: range.to - range.from }),
    },
  })
  return Object.assign(view, { losses })
}

function textLosses(log: Log): Loss[] {
  const texts = log.groups.flatMap(({ channels }) => channels).filter(({ type }) => !isNumeric(type)).length
  if (texts === 0) return []
  return [{ kind: "values", count: texts, text: `${texts} text channels left out: there is no mean of a text` }]
}

/** Per group and channel its place among the number channels, or -1. */
function columnPlaces(log: Log): number[][] {
  let next = 0
  return log.groups.map(({ channels }) => channels.map(({ type }) => (isNumeric(type) ? next++ : -1)))
}

function channelsOf(log: Log, places: readonly number[][]): Channel[] {
  const titles = channelTitles(log)
  return log.groups.flatMap((group, g) =>
    group.channels.flatMap((channel, c) => {
      if (places[g]?.[c] === -1) return []
      const title = titles[g]?.[c] as string
      return KINDS.map((kind): Channel => {
        const notes = computedNotes(channel, kind === "mean" ? MEAN_DIGITS : 0)
        return { name: `${title}.${kind}`, unit: channel.unit, type: "f64", calibration: null, notes }
      })
    }),
  )
}

/** Rows of a chunk on their way into bins. */
interface Part {
  /** The bin of each row. */
  readonly steps: Int32Array
  /** Per channel its place among the number channels and its physical values. */
  readonly columns: readonly { readonly place: number; readonly values: Float64Array }[]
  next: number
}

async function* binChunks(
  log: Log,
  places: readonly number[][],
  { from, width, steps }: { from: number; width: number; steps: number },
  selection: Selection,
  losses: Loss[],
): AsyncGenerator<Chunk> {
  const channels = places.flat().filter((place) => place >= 0).length
  let block = new Block(0, Math.min(steps, CHUNK_ROWS), channels)
  let behind = 0
  const following = () => {
    block = new Block(block.end, Math.min(steps, block.end + CHUNK_ROWS), channels)
  }
  for await (const chunks of windows(log, selection)) {
    const parts = chunks.map((chunk): Part => {
      const group = log.groups[chunk.group] as Group
      return {
        steps: binsOf(rowTimes(group, chunk), from, width, steps),
        columns: group.channels.flatMap(({ calibration }, c) => {
          const values = physicalColumn(chunk.columns[c] as Values, calibration, chunk.missing[c] ?? null)
          return values === null ? [] : [{ place: places[chunk.group]?.[c] as number, values }]
        }),
        next: 0,
      }
    })
    for (;;) {
      for (const part of parts) behind += block.add(part)
      if (parts.every((part) => part.next === part.steps.length)) break
      yield block.chunk()
      following()
    }
  }
  for (; block.first < steps; following()) yield block.chunk()
  if (behind > 0) losses.push({ kind: "values", count: behind, text: `${behind} rows left out: their clock goes back` })
}

function binsOf(times: Float64Array, from: number, width: number, steps: number): Int32Array {
  const bins = new Int32Array(times.length)
  for (let i = 0; i < bins.length; i++) bins[i] = Math.min(steps - 1, Math.max(0, Math.floor(((times[i] as number) - from) / width)))
  return bins
}

/** Neighbouring bins that are still being filled. */
class Block {
  private readonly moments: readonly Moments[]

  constructor(
    readonly first: number,
    readonly end: number,
    channels: number,
  ) {
    this.moments = Array.from({ length: channels }, () => new Moments(end - first))
  }

  /** Takes rows up to the first of a later block. @returns how many lie before the block: their clock goes back, and their bins are gone */
  add(part: Part): number {
    const { steps, columns } = part
    let { next } = part
    let behind = 0
    while (next < steps.length && (steps[next] as number) < this.end) {
      const step = steps[next] as number
      const begin = next++
      while (next < steps.length && steps[next] === step) next++
      if (step < this.first) {
        behind += next - begin
        continue
      }
      const slot = step - this.first
      for (const { place, values } of columns) (this.moments[place] as Moments).add(slot, values, begin, next)
    }
    part.next = next
    return behind
  }

  chunk(): Chunk {
    const { first, end } = this
    const reduced = this.moments.map((moments) => moments.reduced())
    const columns = reduced.flatMap((one) => KINDS.map((kind) => one[kind]))
    const missing = columns.map((column) => Uint8Array.from(column, (value) => (Number.isNaN(value) ? 1 : 0)))
    return { group: 0, first, rows: end - first, window: first / CHUNK_ROWS, ticks: null, columns, missing, order: null }
  }
}
