import { FormatError } from "../../model/errors.js"
import type { OpenOptions } from "../../model/format.js"
import { IssueList, issue } from "../../model/issues.js"
import type { Channel, Chunk, Group, GroupSurvey, Log, Selection, Survey } from "../../model/log.js"
import { given } from "../../model/options.js"
import { ZoneReader } from "../../text/zones.js"
import { readColumns, type Shape, ShapeGuess } from "./fields.js"
import { compareMoments, type Moment } from "./moment.js"
import { type Part, SeriesCursor, type SeriesInput } from "./series.js"
import type { Stretch } from "./stretches.js"

/** Bytes that are looked at to find the columns of all series: small trees are read whole, of large ones the first and last days first. */
const LOOKED_AT = 64 * 1024 * 1024
/** Rows of a chunk at most. */
const CHUNK_ROWS = 65536

/**
 * Opens series of lines as a log: one group a series, ticks in ns: of the naive time, or with a zone (`tz`) of UTC.
 * @throws FormatError when there is no series, UsageError for an unknown zone
 */
export async function openSeries(name: string, variant: string, inputs: readonly SeriesInput[], options: OpenOptions): Promise<Log> {
  if (inputs.length === 0) throw new FormatError("no series in the tree", { format: "libarray", path: name })
  const issues = new IssueList()
  const shapes: Shape[] = []
  for (const input of inputs) shapes.push(await shapeOf(input, LOOKED_AT / inputs.length, issues))
  const { tz } = options
  if (tz !== undefined) new ZoneReader(tz)
  return new SeriesLog(name, variant, inputs, shapes, issues, tz)
}

/** The columns of a series, by its first and last lines. */
async function shapeOf(input: SeriesInput, budget: number, issues: IssueList): Promise<Shape> {
  const guess = new ShapeGuess()
  const [firstFile, ...others] = input.files()
  let bytes = 0
  const ordered = firstFile === undefined ? [] : [firstFile, ...others.slice(-1), ...others.slice(0, -1)]
  for (const [k, file] of ordered.entries()) {
    for await (const { lines } of file.stretches()) {
      guess.learn(lines)
      bytes += lines.bytes.length
      if (bytes > budget) break
    }
    if (k >= 1 && (guess.isText || bytes > budget)) break
  }
  if (bytes > budget && !guess.isText) {
    const text = "columns are found from the first and last days; lines that do not fit are reported while they are read"
    issues.add(issue("sampled", "note", text, { group: input.name }))
  }
  return guess.shape
}

class SeriesLog implements Log {
  readonly format = "libarray"
  readonly groups: readonly Group[]
  readonly annotations = []
  readonly userData = []
  readonly utc = []
  /** Naive times without a zone are taken for UTC. */
  readonly start = 0n

  constructor(
    readonly name: string,
    readonly variant: string,
    private readonly inputs: readonly SeriesInput[],
    private readonly shapes: readonly Shape[],
    private readonly found: IssueList,
    private readonly tz: string | undefined,
  ) {
    const time = { kind: "stamped", tick: 1e-9, naive: true, ...given({ zone: tz }) } as const
    this.groups = inputs.map((input, id) => {
      return { name: input.name, time, channels: channelsOf(this.shapes[id] as Shape), id }
    })
  }

  get issues() {
    return this.found.all
  }

  async survey(selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Survey> {
    const groups: GroupSurvey[] = this.groups.map(() => ({ rows: 0, first: null, last: null }))
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for await (const { group, part } of this.windows(selection)) {
      const { lines } = part.stretch
      const survey = groups[group] as GroupSurvey
      const [first, last] = [tickOf(part.stretch, part.first), tickOf(part.stretch, part.end - 1)]
      groups[group] = { rows: survey.rows + part.end - part.first, first: survey.first ?? first, last }
      low = Math.min(low, lines.seconds[part.first] as number)
      high = Math.max(high, lines.seconds[part.end - 1] as number)
    }
    return { groups, duration: high >= low ? high - low : null }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    const counts = this.groups.map(() => 0)
    for await (const { group, part, window } of this.windows(selection)) {
      for (let from = part.first; from < part.end; from += CHUNK_ROWS) {
        const end = Math.min(part.end, from + CHUNK_ROWS)
        const first = counts[group] as number
        counts[group] = first + end - from
        yield this.chunk(group, part.stretch, from, end, { first: first + part.skipped, window, order: selection.order === "file" })
      }
      counts[group] = (counts[group] as number) + part.skipped
    }
  }

  async close(): Promise<void> {
    for (const input of this.inputs) await input.close()
  }

  /**
   * The lines of all series, in windows of time: each series holds one stretch of lines, and a window ends where the first of them does.
   */
  private async *windows(selection: Selection): AsyncGenerator<{ group: number; part: Part; window: number }> {
    const wanted = this.inputs.map((_, i) => i).filter((i) => selection.groups?.includes(i) ?? true)
    const cursors = wanted.map((group) => ({
      group,
      cursor: new SeriesCursor(this.inputs[group] as SeriesInput, selection, this.found, this.tz),
    }))
    let done = 0
    for (let window = 0; ; window++) {
      selection.signal?.throwIfAborted()
      let limit: Moment | null = null
      for (const { cursor } of cursors) {
        if ((await cursor.fill()) && (limit === null || compareMoments(cursor.last, limit) < 0)) limit = cursor.last
      }
      if (limit === null) {
        if (selection.follow === undefined || !(await selection.follow())) return
        for (const { cursor } of cursors) cursor.lookAgain()
        continue
      }
      for (const { group, cursor } of cursors) {
        const part = cursor.take(limit)
        if (part === null) continue
        done += bytesOf(part)
        yield { group, part, window }
      }
      selection.progress?.(done)
    }
  }

  private chunk(
    group: number,
    stretch: Stretch,
    from: number,
    end: number,
    place: { first: number; window: number; order: boolean },
  ): Chunk {
    const { columns, missing, misfits } = readColumns(this.shapes[group] as Shape, stretch.lines, from, end)
    for (const line of misfits) {
      const at = stretch.at + (stretch.lines.start[line] as number)
      const text = `${stretch.label}: a line at ${at} does not have the numbers of the others: its data is left out`
      this.found.add(issue("not-numbers", "error", text, { at, group: this.groups[group]?.name ?? null, file: stretch.label }))
    }
    const rows = end - from
    const ticks = new BigInt64Array(rows)
    const order = place.order ? new Float64Array(rows) : null
    for (let i = 0; i < rows; i++) ticks[i] = tickOf(stretch, from + i)
    if (order !== null) for (let i = 0; i < rows; i++) order[i] = stretch.at + (stretch.lines.start[from + i] as number)
    return { group, first: place.first, rows, window: place.window, ticks, columns, missing, order }
  }
}

function bytesOf({ stretch: { lines }, first, end }: Part): number {
  return (lines.end[end - 1] as number) - (lines.start[first] as number)
}

/** The tick of a line. */
function tickOf({ lines }: Stretch, i: number): bigint {
  return BigInt(lines.seconds[i] as number) * 1_000_000_000n + BigInt(lines.nanos[i] as number)
}

function channelsOf(shape: Shape): Channel[] {
  const plain = { unit: "", calibration: null, notes: {} }
  if (shape.kind === "text") return [{ ...plain, name: "text", type: "text" }]
  return Array.from({ length: shape.fields }, (_, i) => ({ ...plain, name: `c${i + 1}`, type: "f64" }))
}
