import { fileHeader, TYPE_TOPIC } from "../../../shared/meteor/layout.js"
import { readable } from "../../bytes/readable.js"
import type { Source } from "../../bytes/source.js"
import { NO_ROWS } from "../../model/extent.js"
import type { OpenOptions } from "../../model/format.js"
import { earlyEnd, IssueList, issue } from "../../model/issues.js"
import type { Chunk, Group, GroupSurvey, Issue, Log, Selection, Survey } from "../../model/log.js"
import { type Head, readHead } from "./head/head.js"
import type { MeteorHeader } from "./head/header.js"
import { isForeign, markIn, shownName } from "./head/name.js"
import { MAX_WIDTH, type MeteorSpec } from "./head/spec.js"
import { PlaceCollector, recall, type SeekIndex, type SeekPlace, seekRange } from "./places.js"
import { Arena } from "./rows/arena.js"
import { decode } from "./rows/decode.js"
import { Groups, WIDE } from "./rows/groups.js"
import { type Batch, BLOCK, Scan } from "./scan/scan.js"
import { type GroupOf, Slots } from "./scan/slots.js"
import { indexName, readIndex } from "./seek.js"

/** Block for files that are smaller. */
const SMALL_BLOCK = 4 * 1024
/** ms per second: Meteor's stamps are ms. */
const TICKS_PER_SECOND = 1000

/**
 * Opens a Meteor log.
 * @param blockSize bytes in memory at once; for tests
 * @throws FormatError if the file has no Meteor header, or the side file is not a specification
 */
export async function openMeteor(source: Source, options: OpenOptions, blockSize = blockFor(source)): Promise<MeteorLog> {
  const given = await readable(source)
  const { header, spec } = await readHead(given, options)
  return openBehind(given, { header: { ...header, issues: [...header.issues, ...earlyEnd(given, source)] }, spec }, options, blockSize)
}

/** Opens a log whose head is known. @param source begins with the header */
export async function openBehind(
  source: Source,
  { header, spec }: Head,
  options: OpenOptions,
  blockSize = blockFor(source),
): Promise<MeteorLog> {
  return new MeteorLog(source, header, spec, options.beside ?? null, await learnGroups(source, header, spec, blockSize), blockSize)
}

/** A small file needs no large block. */
function blockFor(source: Source): number {
  return Math.max(SMALL_BLOCK, Math.min(BLOCK, source.size))
}

/** A look at the first block: the ids and widths that occur. */
async function learnGroups(source: Source, header: MeteorHeader, spec: MeteorSpec | null, blockSize: number): Promise<Groups> {
  const slots = new Slots(spec, () => 0, blockSize)
  const batch = await new Scan(source, header, slots, new IssueList(), { blockSize }).next()
  return new Groups(spec, header, batch === null ? [] : slots.list)
}

/** A Meteor log: its chunks are the frames that are whole, its issues say what is not. */
export class MeteorLog implements Log {
  readonly format = "meteor"
  readonly variant: string
  readonly name: string
  readonly start: bigint | null
  readonly annotations = []
  readonly utc = []
  readonly userData = []
  private readonly list = new IssueList()
  /** The places that a pass with `remember` has found, and how long the file was then. */
  private seen: { readonly index: SeekIndex; readonly size: number } | null = null

  constructor(
    readonly source: Source,
    readonly header: MeteorHeader,
    readonly spec: MeteorSpec | null,
    private readonly beside: OpenOptions["beside"] | null,
    private readonly known: Groups,
    private readonly blockSize: number,
  ) {
    this.variant = `version ${header.version}`
    this.name = shownName(header, spec) || source.name
    this.start = header.start ?? spec?.start ?? null
    for (const issue of header.issues) this.list.add(issue)
    if (isForeign(header, spec)) this.list.add(foreignIssue(header, spec))
    for (const fault of spec?.faults ?? []) this.list.add(specIssue(fault))
  }

  get groups(): readonly Group[] {
    return this.known.all
  }

  get issues(): readonly Issue[] {
    return this.list.all
  }

  /** Index of the group of a topic or composite that the first block or a pass has shown; -1 for none. */
  groupIndex(type: number, id: number): number {
    return this.known.of(type, id, 0)
  }

  async survey(selection: Pick<Selection, "signal" | "progress"> = {}): Promise<Survey> {
    const rows: { rows: number; first: number; last: number }[] = []
    let earliest = Number.POSITIVE_INFINITY
    let latest = Number.NEGATIVE_INFINITY
    for await (const { batch, slots } of this.batches(selection)) {
      for (const slot of slots.list) {
        const n = slots.count(slot.index)
        if (slot.group < 0 || n === 0) continue
        const start = slot.index * slots.stride
        const first = stampAt(batch, start)
        const last = stampAt(batch, start + n - 1)
        const entry = (rows[slot.group] ??= { rows: 0, first, last })
        entry.last = last
        entry.rows += n
        earliest = Math.min(earliest, first)
        latest = Math.max(latest, last)
      }
    }
    const groups: GroupSurvey[] = this.groups.map((_, g) => rows[g] ?? NO_ROWS)
    return { groups, duration: latest >= earliest ? (latest - earliest) / TICKS_PER_SECOND : null }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    const wanted = selection.groups === undefined ? null : new Set(selection.groups)
    const arena = new Arena()
    let window = 0
    for await (const { batch, slots } of this.batches(selection)) {
      if (selection.reuse === true) arena.reuse()
      const byGroup = slots.list.filter((slot) => slot.group >= 0).sort((a, b) => a.group - b.group)
      for (const slot of byGroup) {
        const n = slots.count(slot.index)
        const first = slot.rows
        if (n === 0 || (wanted !== null && !wanted.has(slot.group))) continue
        const shape = this.known.shape(slot.group)
        yield* decode(batch, slot, slot.index * slots.stride, n, shape, { window, first, selection, arena })
      }
      window++
    }
  }

  async close(): Promise<void> {
    await this.source.close()
  }

  private async *batches(selection: Selection): AsyncGenerator<{ batch: Batch; slots: Slots }> {
    const groupOf: GroupOf = (type, id, length) => this.known.of(type, id, 1 << Math.min(length, MAX_WIDTH + 1), length)
    const slots = new Slots(this.spec, groupOf, this.blockSize)
    const part = await this.part(selection, slots)
    const isWhole = part.from === undefined && part.to === Number.POSITIVE_INFINITY && selection.follow === undefined
    // Looking at every stamp takes a pass a quarter longer.
    const places = selection.remember === true && isWhole ? new PlaceCollector() : null
    const scan = new Scan(this.source, this.header, slots, this.list, { blockSize: this.blockSize, ...part })
    for (;;) {
      selection.signal?.throwIfAborted()
      if (scan.position >= part.to) {
        scan.stop()
        return
      }
      const batch = await scan.next()
      selection.progress?.(scan.position)
      if (batch !== null) {
        places?.add(batch, slots, scan.place)
        this.noteRounding(slots)
        yield { batch, slots }
        continue
      }
      if (selection.follow === undefined || !(await selection.follow())) break
      scan.grown()
    }
    scan.finish()
    if (places !== null) this.seen = { index: places.index(slots), size: this.source.size }
  }

  /** Which part of the file holds the selected time, by the index beside the log or an earlier pass: all of it without either. */
  private async part({ start, end, follow }: Selection, slots: Slots): Promise<{ from?: SeekPlace; to: number }> {
    const whole = { to: Number.POSITIVE_INFINITY }
    if (follow !== undefined || (start === undefined && end === undefined)) return whole
    const index = this.seen?.size === this.source.size ? this.seen.index : await this.seekIndex()
    if (index === null) return whole
    const { from, to } = seekRange(index, start, end)
    if (from === null) return { to }
    recall(index, from, slots)
    return { from, to }
  }

  private async seekIndex(): Promise<SeekIndex | null> {
    const name = indexName(this.source.name)
    const file = (await this.beside?.(name)) ?? null
    if (file === null) return null
    try {
      const index = await readIndex(file, this.source, this.spec)
      if (index === null) this.list.add(staleIndex(name))
      return index
    } finally {
      await file.close()
    }
  }

  /** A column of f64 stays one, also when wider integers turn up late. */
  private noteRounding(slots: Slots): void {
    for (const { type, widths, group, id } of slots.list) {
      if (type !== TYPE_TOPIC || (widths & WIDE) === 0 || group < 0) continue
      const column = this.groups[group]?.channels[0]?.type
      if (column !== "uint" && column !== "int") continue
      const text = `topic ${id}: integers of 7 or 8 bytes turn up late; those beyond 2^53 are rounded`
      this.list.add(issue("rounded", "warning", text, { group: this.groups[group]?.name ?? null }))
    }
  }
}

function stampAt({ view, offsets, epoch }: Batch, entry: number): number {
  return view.getUint32(offsets[entry] as number) + epoch
}

function staleIndex(name: string): Issue {
  const text = `the index ${name} is not of this log as it is now: not used`
  return issue("stale-index", "note", text)
}

function foreignIssue(header: MeteorHeader, spec: MeteorSpec | null): Issue {
  const text = `the specification is not this log's: it has the mark ${spec?.mark}, the log ${markIn(header)}; names, units and scales may be wrong`
  return issue("foreign-specification", "error", text, { at: fileHeader.size })
}

function specIssue(fault: { rule: string; severity: "error" | "warning"; where: string; text: string }): Issue {
  return issue(`spec-${fault.rule}`, "warning", `specification ${fault.where}: ${fault.text}`)
}
