import { SECTION_ANNOTATIONS } from "../../../shared/btsf/layout.js"
import type { Source } from "../../bytes/source.js"
import { rowsInRange } from "../../model/chunk.js"
import { LimitError } from "../../model/errors.js"
import { durationOf } from "../../model/extent.js"
import { IssueList, issue } from "../../model/issues.js"
import type { Annotation, Channel, Chunk, Group, Log, Selection, Survey, UserData } from "../../model/log.js"
import { UniqueNames } from "../../text/unique.js"
import { annotationsOf, parseNotes } from "./annotations.js"
import { type Header, readHeader, type Section } from "./head/header.js"
import type { Master } from "./head/master.js"
import { type Rows, readRows } from "./scan.js"
import { surveyEnds, surveyRows } from "./survey.js"
import { countsFrom1970, tickSeconds } from "./time.js"

/** Largest section payload that is held in memory. */
const MAX_PAYLOAD = 64 * 1024 * 1024

/** Opens a btsf file of any layout. @throws FormatError, UnsupportedError or LimitError if its header cannot be read. */
export async function openBtsf(source: Source): Promise<Log> {
  const header = await readHeader(source)
  const log = new BtsfLog(source, header)
  for (const section of header.sections.slice(1)) await log.addSection(section)
  return log
}

class BtsfLog implements Log {
  readonly format = "btsf"
  readonly variant: string
  readonly name: string
  readonly groups: readonly Group[]
  readonly annotations: Annotation[] = []
  readonly utc = []
  readonly userData: UserData[] = []
  start: bigint | null
  private readonly found = new IssueList()

  constructor(
    private readonly source: Source,
    private readonly header: Header,
  ) {
    const { master, variant } = header
    this.name = source.name.replace(/\.(btsf|btfs)$/i, "")
    this.variant = `${variant}, rows of ${master.structSize} bytes, byte order ${master.byteOrder}`
    const time = master.metrics.find((metric) => metric.isTime)
    const tick = time === undefined ? 0 : tickSeconds(time)
    this.groups = [{ name: this.name, time: { kind: "stamped", tick }, channels: channelsOf(master), id: 0 }]
    this.start = time !== undefined && tick > 0 && countsFrom1970(time) ? 0n : null
    for (const issue of header.issues) this.found.add(issue)
  }

  get issues() {
    return this.found.all
  }

  /** Reads a section beside the master. */
  async addSection(section: Section): Promise<void> {
    if (section.payloadSize > MAX_PAYLOAD) {
      const text = `section of type ${section.type} with ${section.payloadSize} bytes, more than ${MAX_PAYLOAD}: left out`
      this.found.add(issue("section-size", "error", text, { at: section.at, length: section.payloadSize }))
      return
    }
    const payload = await this.source.read(section.payloadAt, section.payloadSize)
    if (payload.length < section.payloadSize)
      throw new LimitError("the file shrank while it was opened", { format: "btsf", at: section.at })
    const data = payload.slice()
    if (section.type !== SECTION_ANNOTATIONS) {
      this.userData.push({ meta: section.type, kind: "binary", data })
      return
    }
    const notes = parseNotes(data)
    this.annotations.push(...annotationsOf(notes, this.tick))
    if (notes.start !== null) this.start = notes.start
    this.userData.push({ meta: section.type, kind: typeof notes.document === "string" ? "text" : "json", data })
  }

  async survey(selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Survey> {
    const { rows, first, last } = await surveyRows(this.source, this.header, this.found, selection)
    const groups = [{ rows, first, last }]
    return { groups, duration: durationOf(this.groups, groups) }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    if (selection.groups !== undefined && !selection.groups.includes(0)) return
    let window = 0
    for await (const rows of readRows(this.source, this.header, this.found, selection)) {
      yield* rowsInRange(this.groups[0] as Group, this.chunk(rows, window, selection), selection)
      window++
      selection.progress?.(rows.at + rows.rows * this.header.master.structSize)
    }
  }

  /** The rows at both ends of a file whose rows are where its size says. */
  async ends(count: number): Promise<Chunk[] | null> {
    const survey = await surveyEnds(this.source, this.header)
    if (survey === null) return null
    const size = this.header.master.structSize
    const chunks: Chunk[] = []
    for (const first of new Set([0, Math.max(0, survey.rows - count)])) {
      const part = { ...this.header, dataOffset: this.header.dataOffset + first * size }
      for await (const rows of readRows(this.source, part, new IssueList(), { rows: Math.min(count, survey.rows - first) }))
        chunks.push(this.chunk(this.numberedFrom(first, rows), chunks.length, {}))
    }
    return chunks
  }

  async close(): Promise<void> {
    await this.source.close()
  }

  /** Renumbers rows that were counted from 0, so that they count from `first`. */
  private numberedFrom(first: number, rows: Rows): Rows {
    const counted = this.header.master.metrics.some(({ isTime }) => isTime)
    const ticks = counted ? rows.ticks : Float64Array.from({ length: rows.rows }, (_, i) => first + rows.first + i)
    return { ...rows, first: first + rows.first, ticks }
  }

  private get tick(): number {
    const { time } = this.groups[0] as Group
    return time.kind === "stamped" ? time.tick : 0
  }

  private chunk({ at, first, rows, ticks, columns }: Rows, window: number, selection: Selection): Chunk {
    const order = selection.order === "file" ? new Float64Array(rows) : null
    if (order !== null) for (let i = 0; i < rows; i++) order[i] = at + i * this.header.master.structSize
    return { group: 0, first, rows, window, ticks, columns, missing: columns.map(() => null), order }
  }
}

/** The metrics as channels; equal identifiers get a number, since channels are known by name. */
function channelsOf(master: Master): Channel[] {
  const names = new UniqueNames({ join: "_" })
  return master.metrics.map((metric, i) => {
    const field = master.row.fields[i]
    const name = names.take(metric.identifier)
    const notes: Record<string, string> = {}
    if (name !== metric.identifier) notes.identifier = metric.identifier
    if (metric.name !== "") notes.name = metric.name
    if (metric.description !== "") notes.description = metric.description
    if (metric.isTime) notes.is_time = "true"
    return { name, unit: metric.unit, type: field?.wire ?? "u8", calibration: null, notes }
  })
}
