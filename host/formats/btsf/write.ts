import { SECTION_ANNOTATIONS, SECTION_BINARY } from "../../../shared/btsf/layout.js"
import type { Sink } from "../../bytes/sink.js"
import { UsageError } from "../../model/errors.js"
import type { Output, WriteOptions, Writer } from "../../model/format.js"
import type { Group, Log, Loss } from "../../model/log.js"
import { formLosses } from "../../model/losses.js"
import { positive } from "../../text/asked.js"
import { fileNames } from "../../text/unique.js"
import { fileLosses, uniquelyNamed } from "../../views/unique-names.js"
import { annotationsOf, notesSection, parseNotes } from "./annotations.js"
import { composeHeader, type NewSection } from "./compose.js"
import { encodeRows } from "./encode.js"
import type { ByteOrder, RowLayout } from "./head/row-layout.js"
import { type GroupFacts, isUnfit, type Plan, planGroup } from "./plan.js"

/** Most files written at once: every file has its buffers. */
const TOGETHER = 64

/**
 * Writes a log as btsf: one group into the main file; several groups into a file per group beside it, `run.imu.btsf`.
 * Options: `byteOrder` (default `<`), `padTo` (default 8).
 */
export const writeBtsf: Writer = async (original, output, options) => {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const { facts, unfit } = await firstPass(log)
  const losses: Loss[] = []
  const fit = [...log.groups.keys()].filter((g) => log.groups[g]?.channels.some((channel) => !isUnfit(channel)))
  if (fit.length === 0) throw new UsageError("no group has numbers: btsf has no place for anything else")
  for (let first = 0; first < fit.length; first += TOGETHER) {
    const files = new Map<number, GroupFile>()
    for (const g of fit.slice(first, first + TOGETHER)) files.set(g, openFile(log, g, facts[g] as GroupFacts, output, options, fit, losses))
    for await (const chunk of log.chunks({ groups: [...files.keys()] }))
      files.get(chunk.group)?.add(log.groups[chunk.group] as Group, chunk)
    for (const file of files.values()) file.close()
  }
  for (const [what, count] of unfit) {
    losses.push({ kind: "values", count, text: `${count} values of ${what} dropped: btsf has numbers only` })
  }
  if (fit.length > 1) losses.push(...fileLosses(namesOf(log), fit))
  return [...losses, ...nameLosses(), ...formLosses(log, "btsf", { units: true, annotations: true, userData: true, start: true })]
}

/** Passes over the rows once to learn what the header must say and which values cannot be stored. Makes the groups final. */
async function firstPass(log: Log): Promise<{ facts: GroupFacts[]; unfit: Map<string, number> }> {
  const facts: { incomplete: boolean[]; bigTicks: boolean; timeless: boolean }[] = []
  const unfit = new Map<string, number>()
  for await (const { group, rows, missing, ticks, first } of log.chunks()) {
    const { channels, name } = log.groups[group] as Group
    facts[group] ??= factsOf(log.groups[group] as Group)
    const fact = facts[group]
    if (ticks instanceof BigInt64Array) fact.bigTicks = true
    if (fact.timeless) fact.timeless = ticks instanceof Float64Array && ticks.every((tick, i) => tick === first + i)
    for (const [c, channel] of channels.entries()) {
      const gaps = missing[c]?.reduce((sum, flag) => sum + flag, 0) ?? 0
      if (gaps > 0) fact.incomplete[c] = true
      const key = `${name}.${channel.name} (${channel.type})`
      if (isUnfit(channel) && rows > gaps) unfit.set(key, (unfit.get(key) ?? 0) + rows - gaps)
    }
  }
  // In a group without rows no value is missing.
  return { facts: log.groups.map((group, g) => facts[g] ?? factsOf(group)), unfit }
}

function factsOf({ channels, time }: Group): { incomplete: boolean[]; bigTicks: boolean; timeless: boolean } {
  return { incomplete: channels.map(() => false), bigTicks: false, timeless: time.kind === "stamped" && time.tick === 0 }
}

function openFile(
  log: Log,
  g: number,
  facts: GroupFacts,
  output: Output,
  options: WriteOptions,
  fit: readonly number[],
  losses: Loss[],
): GroupFile {
  const plans = planGroup(log.groups[g] as Group, facts, losses)
  const padTo = positive(options, "padTo") ?? 8
  const header = composeHeader({
    metrics: plans.map(({ metric }) => metric),
    byteOrder: (options.byteOrder ?? "<") as ByteOrder,
    padTo,
    sections: sectionsOf(log, g, padTo, plans),
  })
  const sink = fit.length === 1 ? output.sink() : output.sink(besideName(log, g, output.name))
  sink.write(header.bytes)
  return new GroupFile(sink, plans, header.row, header.structSize)
}

/** `run.btsf` and the group `imu`: `run.imu.btsf`. */
function besideName(log: Log, g: number, main: string): string {
  return fileNames(main, namesOf(log))[g] as string
}

function namesOf(log: Log): string[] {
  return log.groups.map(({ name }) => name)
}

/** Annotations and start of the log, and its user data; sections that came from a btsf file keep their type. */
function sectionsOf(log: Log, g: number, padTo: number, plans: readonly Plan[]): NewSection[] {
  const sections: NewSection[] = []
  const ownSections = log.format === "btsf" ? log.userData.filter(({ meta }) => meta === SECTION_ANNOTATIONS) : []
  // An extract of a log has fewer annotations than the section that they came from.
  const annotationsInFile = ownSections.reduce((sum, { data }) => sum + annotationsOf(parseNotes(data), 1).length, 0)
  const whole = ownSections.length > 0 && annotationsInFile === log.annotations.length
  const notes = whole ? null : notesSection(log, g, plans.find(({ metric }) => metric.isTime)?.metric, padTo)
  if (notes !== null) sections.push(notes)
  for (const { meta, data } of log.userData) {
    if (!whole && ownSections.some((section) => section.data === data)) continue
    const type = log.format === "btsf" && meta > SECTION_ANNOTATIONS - 1 && meta < 256 ? meta : SECTION_BINARY
    sections.push({ type, payload: data })
  }
  return sections
}

/** A file that takes the rows of one group. */
class GroupFile {
  private buffer = new Uint8Array(0)

  constructor(
    private readonly sink: Sink,
    private readonly plans: readonly Plan[],
    private readonly row: RowLayout,
    private readonly structSize: number,
  ) {}

  add(group: Group, chunk: Parameters<Plan["column"]>[1]): void {
    const columns = this.plans.map((plan) => plan.column(group, chunk))
    const size = chunk.rows * this.structSize
    // Padding is written once: the rows of every chunk leave it as it is.
    if (this.buffer.length < size) this.buffer = new Uint8Array(size)
    encodeRows(this.row, this.structSize, columns, 0, chunk.rows, this.buffer)
    this.sink.write(this.buffer.subarray(0, size))
  }

  close(): void {
    this.sink.close()
  }
}
