import { readable } from "../../bytes/readable.js"
import type { Source } from "../../bytes/source.js"
import { writtenEnd } from "../../bytes/written-end.js"
import { FormatError, UsageError } from "../../model/errors.js"
import { durationOf } from "../../model/extent.js"
import type { OpenOptions } from "../../model/format.js"
import { earlyEnd, IssueList, issue } from "../../model/issues.js"
import type { Annotation, Chunk, Group, GroupSurvey, Issue, Log, Selection, Survey, UserData, UtcPoint } from "../../model/log.js"
import { BlockList } from "./blocks/blocks.js"
import { Pages } from "./blocks/pages.js"
import { Payload } from "./blocks/payload.js"
import { Scan } from "./blocks/scan.js"
import { readStructure, type Structure } from "./inventory/structure.js"
import { tagAnnotations } from "./inventory/tags.js"
import { blockIssues, lostIssue, misfitIssue, recordingIssue, StrangerRuns, staleTagsIssue, unlinkedText, untimedIssue } from "./issues.js"
import { CutFinder, hasStaleTags, type StreamCuts } from "./recordings.js"
import { type CursorEvents, type CursorOptions, RowCursor } from "./records/cursor.js"
import type { Lost } from "./records/records.js"
import { readSchema, type Schema } from "./records/schema.js"
import { readSideFile, type SideFile } from "./side-file.js"
import { readWindows, Track } from "./windows.js"

/** Bytes of a card's sector, which is also the block size of our logger. */
const SECTOR = 512

/** One data stream: its blocks, how its records become rows, and its group. */
interface Stream {
  readonly blocks: BlockList
  readonly schema: Schema
  readonly group: Group
  /** Rows to deliver, half open: the rows of one recording, or all rows. */
  from: number
  to: number
}

/** Opens a ddff file: walks all its blocks, judges their CRC, and reads the inventory, the tags and each stream's first records. */
export async function openDdff(given: Source, options: OpenOptions): Promise<DdffLog> {
  const source = await readable(given)
  if (source.size === 0) throw new FormatError("is empty, expected ddff blocks", { format: "ddff", path: source.name, at: 0 })
  const pages = new Pages(source)
  const scan = new Scan(source, pages)
  await scan.advance()
  scan.finish()
  if (scan.blocks === 0) {
    throw new FormatError("holds no sound block, expected 28-byte headers with CRC-16", { format: "ddff", path: source.name, at: 0 })
  }
  if (firstBlock(scan) >= SECTOR && (await writtenEnd(source)) === SECTOR) {
    throw new FormatError("holds nothing yet: the power went in its first sector, and what lies behind it is an older log's", {
      format: "ddff",
      path: source.name,
      at: 0,
    })
  }
  const log = new DdffLog(source, pages, scan, options)
  await log.discover()
  for (const end of earlyEnd(source, given)) log.tell(end)
  if (options.recording !== undefined) await log.selectRecording(options.recording)
  return log
}

/** Place of the first sound block. */
function firstBlock(scan: Scan): number {
  let first = Number.POSITIVE_INFINITY
  for (const { at } of scan.streams.values()) first = Math.min(first, at[0] as number)
  return first
}

/** An open ddff file. */
export class DdffLog implements Log {
  readonly format = "ddff"
  readonly name: string
  readonly start: bigint | null
  readonly utc: readonly UtcPoint[] = []
  readonly userData: readonly UserData[] = []
  annotations: readonly Annotation[] = []
  structure: Structure = { variant: "base", inventory: null, tags: [], dataIds: [] }
  readonly streams: Stream[] = []
  private readonly issueList = new IssueList()
  private readonly strangers = new StrangerRuns((issue) => this.issueList.add(issue))
  private readonly side: SideFile

  constructor(
    private readonly source: Source,
    private readonly pages: Pages,
    readonly scan: Scan,
    private readonly options: OpenOptions,
  ) {
    this.name = source.name.replace(/\.[^.]*$/, "")
    this.side = readSideFile(options.spec)
    this.start = this.side.start
  }

  get variant(): string {
    const sizes = [...this.scan.sizes].sort((a, b) => a - b).join("+")
    const stamped = this.scan.session === null ? "" : ", stamped"
    return `${this.structure.variant}, block ${sizes}${stamped}`
  }

  get groups(): readonly Group[] {
    return this.streams.map((stream) => stream.group)
  }

  get issues(): readonly Issue[] {
    return this.issueList.all
  }

  /** Adds something that was found around the log. */
  tell(found: Issue): void {
    this.issueList.add(found)
  }

  /** Reads the inventory, the tags, and the first records of streams that are not known yet. */
  async discover(): Promise<void> {
    const { scan } = this
    const moved = [...scan.streams.values()].filter((blocks) => blocks.sortByNumber()).map((blocks) => blocks.id)
    this.structure = await readStructure(scan, this.pages, (id, what) => this.issueList.add(lostIssue(what, `stream ${id}`)))
    for (const id of this.structure.dataIds) {
      if (!this.streams.some((stream) => stream.group.id === id)) this.streams.push(await this.openStream(id))
    }
    this.annotations = tagAnnotations(this.structure.tags)
    const nameOf = (id: number) => this.streams.find((stream) => stream.group.id === id)?.group.name ?? null
    for (const issue of blockIssues(scan, moved, nameOf)) this.issueList.add(issue)
    if (scan.session !== null && scan.unlinked > 0 && !this.issues.some(({ kind }) => kind === "unlinked"))
      this.issueList.add(issue("unlinked", "note", unlinkedText(scan.unlinked)))
    if (hasStaleTags(this.structure.tags)) this.issueList.add(staleTagsIssue(this.structure.tags.length))
    for (const { at, length } of this.structure.inventory?.strangers ?? []) this.strangers.add("inventory", "[key, id, label]", at, length)
    this.strangers.flush()
  }

  /**
   * Delivers only one recording's rows from now on.
   * @param wanted its number or its tag's label @throws UsageError if there is no such recording
   */
  async selectRecording(wanted: string): Promise<void> {
    const cuts = await this.recordings()
    const count = Math.max(0, ...cuts.map(({ rows }) => rows.length))
    const tag = this.structure.tags.findIndex(({ label }) => label === wanted)
    const number = tag >= 0 ? tag : /^\d+$/.test(wanted) ? Number(wanted) : -1
    if (number < 0 || number >= Math.max(count, this.structure.tags.length)) {
      const labels = this.structure.tags.map(({ label }) => label).join(", ")
      const hint = labels === "" ? `it has recordings 0 to ${count - 1}` : `it has ${labels}, or 0 to ${count - 1}`
      throw new UsageError(`no recording ${wanted}`, { format: "ddff", path: this.source.name, hint })
    }
    for (const [i, { rows, total, by }] of cuts.entries()) {
      const stream = this.streams[i] as Stream
      stream.from = rows[number] ?? total
      stream.to = rows[number + 1] ?? total
      this.issueList.add(recordingIssue(stream.group.name, by))
    }
  }

  /** Finds where the recordings of every stream begin, by reading the ticks of all rows. */
  async recordings(): Promise<StreamCuts[]> {
    const cuts: StreamCuts[] = []
    for (const [i, { blocks }] of this.streams.entries()) {
      const finder = new CutFinder(this.structure.tags, blocks)
      const cursor = this.cursor(i, new Payload(this.pages, blocks), { ticksOnly: true, places: true })
      for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) finder.add(batch)
      cuts.push(finder.cuts())
    }
    return cuts
  }

  async survey(selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Survey> {
    const surveys: GroupSurvey[] = []
    for (const [i, { blocks, from, to }] of this.streams.entries()) {
      const cursor = this.cursor(i, new Payload(this.pages, blocks), { ticksOnly: true })
      const found = { rows: 0, first: null as number | null, last: null as number | null }
      for (let batch = await cursor.next(); batch !== null; batch = await cursor.next()) {
        selection.signal?.throwIfAborted()
        selection.progress?.((this.source.size * i + Math.min(cursor.at, this.source.size)) / this.streams.length)
        const first = Math.max(0, from - batch.first)
        const end = Math.min(batch.rows, to - batch.first)
        if (first >= end) continue
        found.rows += end - first
        found.first ??= batch.ticks[first] as number
        found.last = batch.ticks[end - 1] as number
      }
      surveys.push(found)
    }
    this.strangers.flush()
    return { groups: surveys, duration: durationOf(this.groups, surveys) }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    const window = { next: 0 }
    const tracks: Track[] = []
    for (;;) {
      const wanted = selection.groups ?? [...this.streams.keys()]
      for (const group of wanted) {
        if (!tracks.some((track) => track.options.group === group)) tracks.push(this.track(group, selection))
      }
      const growing = selection.follow !== undefined
      for await (const chunk of readWindows(tracks, this.groups, selection, window, growing)) yield chunk
      this.strangers.flush()
      selection.progress?.(this.source.size)
      if (selection.follow === undefined) return
      if (!(await selection.follow())) return
      await this.pages.clear()
      await this.scan.follow()
      await this.discover()
    }
  }

  async close(): Promise<void> {
    await this.pages.clear()
    await this.source.close()
  }

  private async openStream(id: number): Promise<Stream> {
    const blocks = this.scan.streams.get(id) ?? new BlockList(id)
    const entry = this.structure.inventory?.entries.find((candidate) => candidate.id === id)
    const wantedName = entry?.key ?? `stream-${id}`
    const name = this.streams.some((stream) => stream.group.name === wantedName) ? `${wantedName}-${id}` : wantedName
    const schema = await readSchema(new Payload(this.pages, blocks), entry?.label ?? null, this.side.channels[name] ?? {})
    const tick = schema.elements === 0 ? 0 : (this.options.tick ?? this.side.tickSeconds ?? schema.tickSeconds ?? 0)
    return {
      blocks,
      schema,
      group: { name, id, time: { kind: "stamped", tick }, channels: schema.channels },
      from: 0,
      to: Number.POSITIVE_INFINITY,
    }
  }

  private track(group: number, selection: Selection): Track {
    const { blocks, group: of, from, to } = this.streams[group] as Stream
    const payload = new Payload(this.pages, blocks)
    const tick = of.time.kind === "stamped" ? of.time.tick : 0
    // The rows of a recording are counted from the stream's first.
    if (selection.start !== undefined && tick !== 0 && to === Number.POSITIVE_INFINITY)
      payload.seek(blocks.blockAtTick(selection.start / tick))
    const cursor = this.cursor(group, payload, { places: selection.order === "file" })
    return new Track({ group, cursor, from, to, ascending: blocks.ascending })
  }

  /** A stream's payload from its beginning. */
  payload(id: number): Payload {
    return new Payload(this.pages, this.scan.streams.get(id) ?? new BlockList(id))
  }

  /** Reports the foreign values that were held back to make one issue of a run. */
  reportStrangers(): void {
    this.strangers.flush()
  }

  tellLost(index: number, what: Lost): void {
    this.issueList.add(lostIssue(what, (this.streams[index] as Stream).group.name))
  }

  reportStranger(index: number, at: number, length: number): void {
    const { group, schema } = this.streams[index] as Stream
    this.strangers.add(group.name, recordText(schema), at, length)
  }

  private cursor(index: number, payload: Payload, options: CursorOptions): RowCursor {
    const { group, schema } = this.streams[index] as Stream
    const events: CursorEvents = {
      lost: (what) => this.tellLost(index, what),
      stranger: (at, length) => this.reportStranger(index, at, length),
      misfit: (at, values) => this.issueList.add(misfitIssue(at, values, group.name)),
      untimed: (at, rows) => this.issueList.add(untimedIssue(at, rows, group.name)),
    }
    return new RowCursor(payload, schema, events, options)
  }
}

function recordText(schema: Schema): string {
  const data = schema.strict && schema.data.kind === "fork" ? `data of ${schema.data.items.length} members` : "data"
  return schema.elements === 3 ? `[tick, span, ${data}]` : `[tick, ${data}]`
}
