import { LogError, UsageError } from "../../model/errors.js"
import { compareMoments, DAY_SECONDS, type Moment, momentFrom } from "./moment.js"
import { checkReadableName, type SeriesName, seriesText } from "./names.js"
import { type LineFault, type Lines, severityOf } from "./scan.js"
import { readStretches } from "./stretches.js"
import { diskFiles, type SeriesFile, seriesFiles, type TreeFiles } from "./tree.js"

/** Which lines of a series. */
export interface RangeOptions {
  readonly root: string
  readonly series: SeriesName
  /** `von` and `bis`: a date (the whole day, at both ends) or a date and time (inclusive). Absent: from the first, to the last day. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /**
   * A last line without line end is left out: its writer may still be at it, and its data may be cut. Without this option such a
   * line is delivered, as files made by hand have it, and told as `no-line-end`.
   */
  readonly endedOnly?: boolean
  /** Default: the computer's. */
  readonly files?: TreeFiles
  /** Called for each line that breaks a rule and each file that is not in order. */
  readonly warn?: (warning: TreeWarning) => void
}

/** Something in a file of the tree that is not as it should be. */
export interface TreeWarning {
  readonly kind: LineFault["kind"]
  /** `note`: legal, but worth knowing. */
  readonly severity: "warning" | "note"
  readonly path: string
  /** From 1; 0 when it concerns the whole file. */
  readonly line: number
  readonly text: string
}

/** Lines of one file that lie in the range, with the place of the file. */
interface RangeLines {
  readonly file: SeriesFile
  readonly lines: Lines
  /** First line in the range, and the first one behind it. */
  readonly first: number
  readonly end: number
}

/**
 * The lines of a series in a range, file after file. At most one file is opened a day, and none outside the range.
 * @throws UsageError when the range ends before it begins, LogError when the series has no file at all
 */
export function* readRange({
  root,
  series,
  from,
  to,
  endedOnly = false,
  files = diskFiles,
  warn = () => {},
}: RangeOptions): Generator<RangeLines> {
  checkReadableName(series)
  const low = from === undefined ? null : momentFrom(from, "start")
  const given = to === undefined ? null : momentFrom(to, "end")
  const high = given?.isDate ? { seconds: given.seconds + DAY_SECONDS - 1, nanos: 999_999_999 } : given
  if (low !== null && high !== null && compareMoments(high, low) < 0) throw new UsageError(`the end ${to} is before the start ${from}`)
  const firstDay = low === null ? Number.NEGATIVE_INFINITY : Math.floor(low.seconds / DAY_SECONDS)
  const lastDay = high === null ? Number.POSITIVE_INFINITY : Math.floor(high.seconds / DAY_SECONDS)
  let found = false
  for (const file of seriesFiles(files, root, series, firstDay, lastDay)) {
    for (const { lines, linesBefore } of readStretches(files, file, { endedOnly })) {
      found = true
      for (const fault of lines.faults) {
        const { kind, line, text } = fault
        // A dump gives lines as they stand: it breaks no rule that the last one may be cut. Line 0 is the whole file.
        const severity = kind === "no-line-end" || severityOf(fault) === "note" ? "note" : "warning"
        warn({ kind, severity, path: file.path, line: line === 0 ? 0 : line + linesBefore, text })
      }
      // A line of another day stays with its file, as it is stored, unless the range cuts through the file.
      const first = low !== null && cutsStart(file, low) ? lowerBound(lines, low) : 0
      const end = high !== null && cutsEnd(file, high) ? upperBound(lines, high) : lines.n
      if (first < end) yield { file, lines, first, end }
    }
  }
  if (!found) assertExists(files, root, series)
}

/** A range as text: the stored lines unchanged, each ended by one LF, in time order. */
export function* dump(options: RangeOptions): Generator<Uint8Array> {
  for (const { lines, first, end } of readRange(options)) {
    if (lines.verbatim) yield lines.bytes.subarray(lines.start[first] as number, (lines.end[end - 1] as number) + 1)
    else yield joined(lines, first, end)
  }
}

function joined({ bytes, start, end: ends }: Lines, first: number, end: number): Uint8Array {
  let size = 0
  for (let i = first; i < end; i++) size += (ends[i] as number) - (start[i] as number) + 1
  const text = new Uint8Array(size)
  let at = 0
  for (let i = first; i < end; i++) {
    const line = bytes.subarray(start[i] as number, ends[i] as number)
    text.set(line, at)
    text[at + line.length] = 10
    at += line.length + 1
  }
  return text
}

function cutsStart({ firstDay }: SeriesFile, low: Moment): boolean {
  return low.seconds > firstDay * DAY_SECONDS || low.nanos > 0
}

function cutsEnd({ lastDay }: SeriesFile, high: Moment): boolean {
  return high.seconds < (lastDay + 1) * DAY_SECONDS - 1 || (high.seconds < (lastDay + 1) * DAY_SECONDS && high.nanos < 999_999_999)
}

/** The first line at or behind a moment. */
function lowerBound(lines: Lines, moment: Moment): number {
  let i = 0
  while (i < lines.n && compareMoments(momentOf(lines, i), moment) < 0) i++
  return i
}

/** The first line behind a moment. */
function upperBound(lines: Lines, moment: Moment): number {
  let i = lines.n
  while (i > 0 && compareMoments(momentOf(lines, i - 1), moment) > 0) i--
  return i
}

function momentOf({ seconds, nanos }: Lines, i: number): Moment {
  return { seconds: seconds[i] as number, nanos: nanos[i] as number }
}

function assertExists(files: TreeFiles, root: string, series: SeriesName): void {
  for (const file of seriesFiles(files, root, series, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) {
    const open = files.open(file.path)
    open?.close()
    if (open !== null) return
  }
  throw new LogError(`no series ${seriesText(series)}`, {
    format: "libarray",
    path: root,
    hint: "the root is TSDIR, or the working directory",
  })
}
