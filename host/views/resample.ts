import { LimitError, UsageError } from "../model/errors.js"
import { type Extent, extent, NO_ROWS } from "../model/extent.js"
import type { Channel, Chunk, Group, GroupSurvey, Log, Loss, Selection } from "../model/log.js"
import { renameLosses } from "../model/losses.js"
import { hasTime, rowTimes } from "../model/time.js"
import { physicalColumn, seconds } from "../model/values.js"
import { isInteger, isNumeric, isWide } from "../model/wire.js"
import { computedNotes } from "../text/digits.js"
import { channelTitles } from "../text/unique.js"
import { Breath } from "./breath.js"
import { type LostSamples, sampleLosses } from "./lost-samples.js"
import { windows } from "./merge.js"
import { soundRows } from "./sound-rows.js"
import { View } from "./view.js"

/** How a log is put on a grid of equal steps. */
export interface GridOptions {
  /** Rows a second. */
  readonly rate: number
  /** Longest time in seconds over which a value is taken for a row without its own; then the cell is empty. */
  readonly hold: number
  /** `last` value before the row, `mean` of the step that begins at the row, or `linear` between neighbours. */
  readonly fill: "last" | "mean" | "linear"
  /** Rows of the log that take part; the grid begins with the first of them. */
  readonly selection?: Selection
}

/** A log on a grid, and what could not be put there; complete when the log has been read. */
interface GridLog extends Log {
  readonly losses: readonly Loss[]
}

/** Decimals of a mean beyond those of its values. */
export const MEAN_DIGITS = 2
/** Rows of a chunk that a grid gives. */
const CHUNK_ROWS = 64 * 1024
/** The extent of a log without rows. */
export const NOTHING: Extent = { from: 0, to: -1 }
/** Most rows that one pause of the log may fill: beyond this its clock has jumped. */
const LONGEST_GAP = 20_000_000

/**
 * One group `grid` with a fixed rate over all number channels of a log, physical values, empty where no sample is
 * near enough. Streams: holds a window of the log.
 * @throws UsageError when the log has no time; while reading LimitError when its clock jumps
 */
export async function resample(whole: Log, options: GridOptions): Promise<GridLog> {
  if (!(options.rate > 0) || !(options.hold >= 0)) throw new UsageError("a grid needs a rate above 0 and a hold limit of 0 or more seconds")
  await whole.survey()
  if (!whole.groups.every(hasTime))
    throw new UsageError("the log does not say how long a tick is, so its rows have no place on a grid", { hint: "give the tick's length" })
  const { log, losses: odd, range } = await soundRows(whole, options.selection)
  const survey = await log.survey()
  const losses: Loss[] = [...odd]
  const channels: Channel[] = []
  const places = log.groups.map((group) => group.channels.map((channel) => placeOf(channel, channels)))
  const texts = places.flat().filter((place) => place === -1).length
  if (texts > 0) losses.push({ kind: "values", count: texts, text: `${texts} text channels left out: a grid takes numbers` })
  const wide = channels.filter(({ type }) => isWide(type)).length
  if (wide > 0) losses.push({ kind: "form", count: wide, text: `${wide} channels of 64-bit integers rounded to f64` })
  const { from, to } = timeRange(log, survey.groups, options.selection, range) ?? NOTHING
  const first = Math.floor(from * options.rate + 1e-9)
  const time = { kind: "fixed", rate: options.rate, offset: first / options.rate } as const
  const more = options.fill === "last" ? 0 : MEAN_DIGITS
  const titles = titled(log, places, more)
  losses.push(
    ...renameLosses(
      titles.map(({ name }, c) => [channels[c]?.name ?? "", name]),
      "others have the same name",
    ),
  )
  const group: Group = { name: "grid", id: 0, channels: titles, time }
  const rows = Math.max(0, Math.floor(to * options.rate + 1e-9) - first + 1)
  const view = new View(log, {
    ...regrouped(log, options.rate),
    rows: {
      groups: [group],
      chunks: () => gridChunks(log, options, places, new Grid(group.channels.length, first), losses),
      survey: async () => ({
        groups: [{ rows, first: 0, last: Math.max(0, rows - 1) }],
        duration: rows === 0 ? null : (rows - 1) / options.rate,
      }),
    },
  })
  return Object.assign(view, { losses })
}

/**
 * From the earliest row's time to the latest one's, in seconds (ticks without time), of the rows that are selected; null without rows.
 * @param more a range that a survey does not tell of, as of clocks that go back
 */
export function timeRange(log: Log, counts: readonly GroupSurvey[], selection: Selection = {}, more: Extent | null = null): Extent | null {
  const chosen = [...(selection.groups ?? log.groups.keys())].filter((g) => log.groups[g] !== undefined)
  const groups = chosen.map((g) => inTicks(log.groups[g] as Group))
  const ends = extent(
    groups,
    chosen.map((g) => counts[g] ?? NO_ROWS),
  )
  const span = ends && { from: Math.min(ends.from, more?.from ?? ends.from), to: Math.max(ends.to, more?.to ?? ends.to) }
  return span && { from: Math.max(span.from, selection.start ?? span.from), to: Math.min(span.to, selection.end ?? span.to) }
}

/** The group with its ticks as seconds where the file does not say how long they are: so does `rowTimes`. */
function inTicks(group: Group): Group {
  return hasTime(group) ? group : { ...group, time: { kind: "stamped", tick: 1 } }
}

function placeOf(channel: Channel, channels: Channel[]): number {
  if (!isNumeric(channel.type)) return -1
  channels.push(channel)
  return channels.length - 1
}

/** The grid's channels: f64, each with a title of its own. */
function titled(log: Log, places: readonly number[][], more: number): Channel[] {
  const titles = channelTitles(log)
  return log.groups.flatMap(({ channels }, g) =>
    channels.flatMap((channel, c): Channel[] => {
      if (places[g]?.[c] === -1) return []
      return [{ ...channel, name: titles[g]?.[c] as string, type: "f64", calibration: null, notes: computedNotes(channel, more) }]
    }),
  )
}

/** A log's annotations and UTC pairs, for one group of rows at a rate of its own that stands for all groups. */
export function regrouped(log: Log, rate: number): Pick<Log, "annotations" | "utc"> {
  const annotations = log.annotations.map((each) => ({ ...each, group: each.group === null ? null : 0, tick: null }))
  const utc = log.utc.flatMap(({ group, tick, utc: at }) => {
    const own = log.groups[group]
    // At a fixed rate a tick is the absolute number of a sample.
    const time = own === undefined ? Number.NaN : own.time.kind === "fixed" ? Number(tick) / own.time.rate : seconds(own, tick, 0)
    if (Number.isNaN(time)) return []
    const row = Math.round(time * rate)
    return [{ group: 0, tick: BigInt(row), utc: at + BigInt(Math.round((row / rate - time) * 1e9)) }]
  })
  return { annotations, utc }
}

/** One channel on its way to the grid. */
interface Cursor {
  /** Next grid row to fill. */
  next: number
  time: number
  value: number
  /** The row that was next when the last sample came: it is in no row while this is the next row still. */
  begun: number
  /** The step being averaged. */
  step: number
  sum: number
  n: number
}

async function* gridChunks(
  log: Log,
  { rate, hold, fill, selection }: GridOptions,
  places: readonly (readonly number[])[],
  grid: Grid,
  losses: Loss[],
): AsyncGenerator<Chunk> {
  const first = grid.base
  const cursors = Array.from(
    { length: grid.width },
    (): Cursor => ({ next: first, time: Number.NEGATIVE_INFINITY, value: Number.NaN, begun: Number.NaN, step: first, sum: 0, n: 0 }),
  )
  const options = { rate, hold, fill }
  const breath = new Breath()
  let last = Number.NEGATIVE_INFINITY
  const lost: LostSamples = { early: 0, covered: 0, nan: 0 }
  let window = 0
  for await (const chunks of windows(log, selection)) {
    const runs = chunks.flatMap((chunk) => runsOf(log.groups[chunk.group] as Group, chunk, places[chunk.group] ?? [], lost))
    const end = runs.reduce((most, { times }) => latest(times, most), last)
    const pause = end - Math.max(last, grid.base / rate)
    if (pause * rate > LONGEST_GAP) {
      throw new LimitError(`the log's clock jumps by ${Math.round(pause)} s, which is ${Math.round(pause * rate)} rows of the grid`, {
        hint: "--repair-clock, or a range with --start and --end",
      })
    }
    last = end
    // Nothing later than this window's end is known, and only rows that no later sample can change are final.
    const known = Math.ceil(last * rate - 1e-9)
    // A pause may fill many rows of the grid: they are given piece by piece.
    for (let to = grid.base + CHUNK_ROWS, isLast = false; !isLast; to += CHUNK_ROWS) {
      await breath.taken()
      isLast = !(to < known)
      const until = isLast ? Number.POSITIVE_INFINITY : to / rate
      for (const each of runs) feed(grid, each, cursors[each.place] as Cursor, until, options, lost)
      const final = isLast ? known : to
      for (const [c, cursor] of cursors.entries()) settle(grid, c, cursor, final, options)
      const done = cursors.reduce((least, { next }) => Math.min(least, next), final)
      for (const columns of grid.take(done)) yield gridChunk(columns, grid.taken - (columns[0]?.length ?? 0), window++)
    }
  }
  if (Number.isFinite(last)) {
    const all = Math.floor(last * rate + 1e-9) + 1
    for (const [c, cursor] of cursors.entries()) finish(grid, c, cursor, all, options)
    for (const columns of grid.take(all)) yield gridChunk(columns, grid.taken - (columns[0]?.length ?? 0), window++)
  }
  losses.push(...sampleLosses(lost))
}

/** Samples of one channel on their way to the grid. */
interface Run {
  readonly place: number
  readonly times: Float64Array
  readonly values: Float64Array
  /** The next sample. */
  next: number
}

function runsOf(group: Group, chunk: Chunk, places: readonly number[], lost: LostSamples): Run[] {
  const times = rowTimes(group, chunk)
  return group.channels.flatMap(({ calibration, type }, c) => {
    const place = places[c] ?? -1
    if (place < 0) return []
    const missing = chunk.missing[c] ?? null
    const values = physicalColumn(chunk.columns[c] as Float64Array, calibration, missing) as Float64Array
    if (!isInteger(type)) for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]) && missing?.[i] !== 1) lost.nan++
    return [{ place, times, values, next: 0 }]
  })
}

function latest(times: Float64Array, most: number): number {
  for (let i = 0; i < times.length; i++) if ((times[i] as number) > most) most = times[i] as number
  return most
}

function gridChunk(columns: readonly Float64Array[], first: number, window: number): Chunk {
  const missing = columns.map((column) => {
    const flags = new Uint8Array(column.length)
    let any = 0
    for (let i = 0; i < column.length; i++) if (Number.isNaN(column[i])) any = flags[i] = 1
    return any === 0 ? null : flags
  })
  return { group: 0, first, rows: columns[0]?.length ?? 0, window, ticks: null, columns, missing, order: null }
}

/** Takes the samples of a run before a time. */
function feed(grid: Grid, run: Run, cursor: Cursor, until: number, { rate, hold, fill }: GridOptions, lost: LostSamples): void {
  const { place, times, values } = run
  for (; run.next < times.length; run.next++) {
    const time = times[run.next] as number
    const value = values[run.next] as number
    if (time >= until) break
    if (Number.isNaN(value) || Number.isNaN(time)) continue
    if (time < cursor.time) {
      lost.early++
      continue
    }
    if (fill === "mean") {
      const step = Math.floor(time * rate + 1e-9)
      if (step !== cursor.step) closeStep(grid, place, cursor, step, { rate, hold, fill })
      cursor.sum += value
      cursor.n++
    } else {
      for (; (cursor.next + 1e-9) / rate < time; cursor.next++) {
        grid.put(place, cursor.next, between(cursor, cursor.next / rate, time, value, hold, fill))
      }
      if (fill === "last" && cursor.begun === cursor.next) lost.covered++
      cursor.begun = cursor.next
    }
    cursor.time = time
    cursor.value = value
  }
}

/** The value of a row between the last sample and the next. */
function between(cursor: Cursor, at: number, time: number, value: number, hold: number, fill: GridOptions["fill"]): number {
  const since = at - cursor.time
  if (fill === "last" || Math.abs(since) < 1e-9) return since <= hold + 1e-9 ? cursor.value : Number.NaN
  if (!(time - cursor.time <= hold + 1e-9)) return Number.NaN
  return cursor.value + ((value - cursor.value) * since) / (time - cursor.time)
}

/** Ends the step being averaged and fills those without samples up to `step`. */
function closeStep(grid: Grid, place: number, cursor: Cursor, step: number, { rate, hold }: GridOptions): void {
  if (cursor.n > 0) cursor.value = cursor.sum / cursor.n
  for (; cursor.next < step; cursor.next++) {
    const own = cursor.next === cursor.step && cursor.n > 0
    const near = cursor.next / rate - cursor.time <= hold + 1e-9
    grid.put(place, cursor.next, own || near ? cursor.value : Number.NaN)
  }
  cursor.step = step
  cursor.sum = 0
  cursor.n = 0
}

/** Fills the rows before `known` that no later sample can change. */
function settle(grid: Grid, place: number, cursor: Cursor, known: number, { rate, hold, fill }: GridOptions): void {
  // Behind these rows no sample comes any more, not even of a group that lags behind in the file.
  const over = known - CHUNK_ROWS
  if (fill === "mean") {
    if (cursor.step < over) closeStep(grid, place, cursor, over, { rate, hold, fill })
    return
  }
  const mayJoin = fill === "linear" && over / rate - cursor.time <= hold + 1e-9
  for (; cursor.next < known; cursor.next++) {
    if (mayJoin && cursor.next / rate - cursor.time <= hold + 1e-9) return
    grid.put(place, cursor.next, between(cursor, cursor.next / rate, Number.POSITIVE_INFINITY, Number.NaN, hold, fill))
  }
}

function finish(grid: Grid, place: number, cursor: Cursor, all: number, options: GridOptions): void {
  if (options.fill === "mean") {
    closeStep(grid, place, cursor, all, options)
    return
  }
  for (; cursor.next < all; cursor.next++) {
    const since = cursor.next / options.rate - cursor.time
    const holds = options.fill === "last" ? since <= options.hold + 1e-9 : Math.abs(since) < 1e-9
    grid.put(place, cursor.next, holds ? cursor.value : Number.NaN)
  }
}

/** Rows of the grid that are not final yet: a growing column per channel. */
class Grid {
  /** Rows given away. */
  taken = 0
  private columns: Float64Array[]

  /** @param base grid row of each column's first value */
  constructor(
    readonly width: number,
    public base: number,
  ) {
    this.columns = Array.from({ length: width }, () => new Float64Array(0))
  }

  put(place: number, row: number, value: number): void {
    const at = row - this.base
    let column = this.columns[place] as Float64Array
    if (at >= column.length) {
      const larger = new Float64Array(Math.max(1024, at + 1, column.length * 2))
      larger.set(column)
      column = this.columns[place] = larger
    }
    column[at] = value
  }

  /** Gives the rows before `row`, in pieces; they are gone then. */
  *take(row: number): Generator<Float64Array[]> {
    const rows = row - this.base
    if (rows <= 0) return
    const columns = this.columns
    this.columns = columns.map((column) => column.slice(rows))
    this.base = row
    for (let from = 0; from < rows; from += CHUNK_ROWS) {
      const to = Math.min(rows, from + CHUNK_ROWS)
      this.taken += to - from
      yield columns.map((column) => column.slice(from, to))
    }
  }
}
