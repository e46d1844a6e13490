import type { Source } from "../../bytes/source.js"
import { type IssueList, issue } from "../../model/issues.js"
import type { Issue, Selection } from "../../model/log.js"
import { ZoneReader } from "../../text/zones.js"
import { compareMoments, type Moment } from "./moment.js"
import { severityOf } from "./scan.js"
import { type Stretch, type StretchOptions, sourceStretches } from "./stretches.js"

/** 64 bits of ns hold the years 1678 to 2261. */
const MAX_TICK_SECONDS = 9_223_372_036

/** A series to be read: its files in date order. */
export interface SeriesInput {
  readonly name: string
  /** Looks at the directories anew; `from`: the last file that is known. */
  files(from?: SeriesInputFile): SeriesInputFile[]
  close(): Promise<void>
}

/** One file of a series. */
interface SeriesInputFile {
  readonly label: string
  readonly firstDay: number
  stretches(options?: StretchOptions): Iterable<Stretch> | AsyncIterable<Stretch>
}

/** A lone file as a series, named by the file. */
export function sourceSeries(source: Source): SeriesInput {
  const file: SeriesInputFile = {
    label: source.name,
    firstDay: Number.NEGATIVE_INFINITY,
    stretches: (options) => sourceStretches(source, options),
  }
  return { name: source.name, files: () => [file], close: () => source.close() }
}

/** Lines of a stretch. */
export interface Part {
  readonly stretch: Stretch
  readonly first: number
  readonly end: number
  /** Rows of the series before this part, and behind the part before, that the selection leaves out. */
  readonly skipped: number
}

/** Goes through the lines of a series that a selection wants. */
export class SeriesCursor {
  private stretches: Iterator<Stretch> | AsyncIterator<Stretch> | null = null
  private files: SeriesInputFile[]
  private current: SeriesInputFile | undefined
  private stretch: Stretch | null = null
  private next = 0
  private end = 0
  private skipped = 0
  /** Bytes of the current file that are done. */
  private consumed = 0
  private readonly zone: ZoneReader | undefined

  constructor(
    private readonly input: SeriesInput,
    private readonly selection: Selection,
    private readonly issues: IssueList,
    tz?: string,
  ) {
    this.zone = tz === undefined ? undefined : new ZoneReader(tz)
    this.files = input.files()
  }

  /** Time of the last line that `take` can give now. */
  get last(): Moment {
    return momentOf(this.stretch as Stretch, this.end - 1)
  }

  /** Makes sure that there are lines. @returns false when there are none left */
  async fill(): Promise<boolean> {
    while (this.stretch === null || this.next >= this.end) {
      const stretch = await this.nextStretch()
      if (stretch === null) return false
      this.enter(stretch)
    }
    return true
  }

  /** The lines up to `limit` and at it; null when there are none. */
  take(limit: Moment): Part | null {
    const { stretch, next: first } = this
    if (stretch === null || first >= this.end) return null
    let end = this.end
    while (end > first && compareMoments(momentOf(stretch, end - 1), limit) > 0) end--
    if (end === first) return null
    const part = { stretch, first, end, skipped: this.skipped }
    this.skipped = end === this.end ? stretch.lines.n - end : 0
    this.next = end
    return part
  }

  /** Looks for what was written since the end was reached. */
  lookAgain(): void {
    const { current, consumed } = this
    this.files = this.input.files(current)
    if (current === undefined) return
    const same = this.files.findIndex(({ label }) => label === current.label)
    this.files = this.files.slice(same + 1)
    this.stretches = iteratorOf(current.stretches({ from: consumed, endedOnly: true, zone: this.zone }))
  }

  private async nextStretch(): Promise<Stretch | null> {
    for (;;) {
      if (this.stretches !== null) {
        const { done, value } = await this.stretches.next()
        if (done !== true) return value
        this.stretches = null
      }
      const file = this.files.shift()
      if (file === undefined) return null
      this.current = file
      this.consumed = 0
      this.stretches = iteratorOf(file.stretches({ endedOnly: this.selection.follow !== undefined, zone: this.zone }))
    }
  }

  private enter(stretch: Stretch): void {
    const { lines } = stretch
    const { start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY } = this.selection
    const timeOf = (i: number) => (lines.seconds[i] as number) + (lines.nanos[i] as number) * 1e-9
    let first = 0
    while (first < lines.n && (lines.seconds[first] as number) < -MAX_TICK_SECONDS) first++
    let behind = lines.n
    while (behind > first && (lines.seconds[behind - 1] as number) >= MAX_TICK_SECONDS) behind--
    this.leaveOut(stretch, first, behind)
    while (first < behind && timeOf(first) < start) first++
    while (behind > first && timeOf(behind - 1) >= end) behind--
    this.stretch = stretch
    this.next = first
    this.end = behind
    this.skipped += behind === first ? lines.n : first
    this.consumed = stretch.at + lines.bytes.length
    for (const fault of lines.faults) this.issues.add(issueOf(fault, stretch, this.input.name))
  }

  /** Reports the lines beside `first` to `end`: their times are beyond what a tick holds. */
  private leaveOut({ lines, at, label }: Stretch, first: number, end: number): void {
    const left = lines.n - (end - first)
    if (left === 0) return
    const one = first > 0 ? 0 : end
    const place = { at: at + (lines.start[one] as number), length: (lines.end[one] as number) - (lines.start[one] as number) }
    const text = `${label}: ${left} lines left out: a time before 1678 or after 2261 does not fit into 64 bits of ns`
    this.issues.add(issue("beyond-time", "error", text, { ...place, group: this.input.name, file: label }))
  }
}

function iteratorOf(stretches: Iterable<Stretch> | AsyncIterable<Stretch>): Iterator<Stretch> | AsyncIterator<Stretch> {
  return Symbol.asyncIterator in stretches ? stretches[Symbol.asyncIterator]() : stretches[Symbol.iterator]()
}

function momentOf({ lines }: Stretch, i: number): Moment {
  return { seconds: lines.seconds[i] as number, nanos: lines.nanos[i] as number }
}

function issueOf(fault: Stretch["lines"]["faults"][number], { label, at, linesBefore }: Stretch, group: string): Issue {
  const severity = severityOf(fault)
  const place = fault.line === 0 ? label : `${label}:${fault.line + linesBefore}`
  return { kind: fault.kind, severity, at: at + fault.at, length: fault.length, group, file: label, text: `${place}: ${fault.text}` }
}
