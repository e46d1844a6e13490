import type { Source } from "../../bytes/source.js"
import { IssueList } from "../../model/issues.js"
import type { GroupSurvey, Selection } from "../../model/log.js"
import { tickAt } from "../../model/values.js"
import type { Header } from "./head/header.js"
import { readRows } from "./scan.js"
import { rowsFrom, usedEnd } from "./tail.js"

/** Facts about the rows that need no full reading. */
interface RowsSurvey extends GroupSurvey {
  /** Byte offset behind the last whole row that holds data. */
  readonly end: number
}

/** A smaller file is read whole: that takes no longer than a blink, and finds damage that leaves the ends as they were. */
const SMALL = 4 * 1024 * 1024

/**
 * Counts the rows of a large file from the size and two rows of the file; if these look as if rows were torn, shifted or allocated ahead, and in a
 * small file, by reading all.
 * @param issues gets what a full reading finds
 */
export async function surveyRows(
  source: Source,
  header: Header,
  issues: IssueList,
  selection: Pick<Selection, "signal" | "progress"> = {},
): Promise<RowsSurvey> {
  const ends = source.size > SMALL ? await surveyEnds(source, header) : null
  return ends ?? (await fromAll(source, header, issues, selection))
}

/** The same from the size and two rows of the file; null if the last row does not look as if it were in its place. */
export async function surveyEnds(source: Source, header: Header): Promise<RowsSurvey | null> {
  const { dataOffset, master } = header
  const size = master.structSize
  const { rows, torn, zeroRows } = rowsFrom(dataOffset, size, source.size, await usedEnd(source, header))
  if (torn !== 0 || zeroRows !== 0) return null
  if (rows === 0) return { rows: 0, first: null, last: null, end: dataOffset }
  const end = dataOffset + rows * size
  const padding = (await source.read(end - size, size)).subarray(master.row.used)
  if (padding.some((byte) => byte !== 0)) return null
  if (!master.metrics.some((metric) => metric.isTime)) return { rows, first: 0, last: rows - 1, end }
  const first = await tickOf(source, header, dataOffset)
  const last = await tickOf(source, header, end - size)
  return first !== null && last !== null && last >= first ? { rows, first, last, end } : null
}

async function tickOf(source: Source, header: Header, at: number): Promise<number | bigint | null> {
  for await (const { ticks } of readRows(source, { ...header, dataOffset: at }, new IssueList(), { rows: 1 })) return tickAt(ticks, 0)
  return null
}

async function fromAll(
  source: Source,
  header: Header,
  issues: IssueList,
  selection: Pick<Selection, "signal" | "progress">,
): Promise<RowsSurvey> {
  let survey: RowsSurvey = { rows: 0, first: null, last: null, end: header.dataOffset }
  for await (const { at, ticks, rows } of readRows(source, header, issues, selection)) {
    const end = at + rows * header.master.structSize
    survey = { rows: survey.rows + rows, first: survey.first ?? tickAt(ticks, 0), last: tickAt(ticks, rows - 1), end }
    selection.progress?.(end)
  }
  return survey
}
