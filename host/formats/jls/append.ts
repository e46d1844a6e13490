import type { Sink } from "../../bytes/sink.js"
import { UnsupportedError } from "../../model/errors.js"
import { NO_ROWS } from "../../model/extent.js"
import type { Appender } from "../../model/format.js"
import type { Annotation, Channel, Chunk, Group, Log, Loss, Selection } from "../../model/log.js"
import { shifted, shiftedTicks } from "../../views/join.js"
import { resample } from "../../views/resample.js"
import type { JlsChannel, LogSignal } from "./groups.js"
import { jlsOptions } from "./options.js"
import { type JlsLog, type JlsUtcPoint, openJls } from "./read.js"
import { leavesOut } from "./recover.js"
import { nsToJls } from "./timed/utc.js"
import { writeLog } from "./write.js"
import { JlsWriter } from "./writer.js"

/**
 * Continues a file, closed or not: copies all of it into `sink` and leaves the writer open behind the last sample of
 * each signal. The result is the file that one recording would have given; the input stays as it is.
 * @throws UnsupportedError if another file has taken the log's name since it was opened
 */
export async function appendTo(log: JlsLog, sink: Sink): Promise<JlsWriter> {
  // Else the rows that another writer has added since would be lost.
  if ((await log.source.isCurrent?.()) === false) throw refusal(log, "was replaced since it was opened", "open it again, then append")
  const writer = new JlsWriter(sink)
  await writeLog(log, writer, { ...jlsOptions({}), omit: await leavesOut(log) })
  return writer
}

/**
 * Writes a JLS file with the rows of another log behind its own rows: signals of the same name go on, at the sample ids that
 * match their times if both logs say when they were, else right behind; the time between is a marked gap. Other channels
 * become new signals. Groups with stamps need the option `rate`.
 * @throws UnsupportedError if the file is damaged, or a signal has another type or rate, or rows older than its last row
 */
export const appendJls: Appender = async (existing, opening, log, output, options) => {
  const old = await openJls(existing, opening)
  const damage = old.issues.find(({ severity }) => severity === "error")
  if (damage !== undefined) throw refusal(old, `is damaged: ${damage.text}`, "repair it, then append")
  const wanted = jlsOptions(options)
  const losses: Loss[] = []
  let added = log
  if (log.groups.some(({ time }) => time.kind === "stamped")) {
    if (wanted.rate === null)
      throw refusal(old, "has signals of fixed rate, the rows to append have stamps", "--rate HZ puts them on a grid")
    const grid = await resample(log, { rate: wanted.rate, fill: wanted.fill, hold: wanted.hold })
    losses.push(...grid.losses)
    added = grid
  }
  const sink = output.sink()
  const writer = new JlsWriter(sink)
  losses.push(
    ...(await writeLog(new Continued(old, added), writer, { ...wanted, rate: null, omit: wanted.omit || (await leavesOut(old)) })),
  )
  writer.close()
  sink.close()
  return losses
}

/** Where a channel of the added log goes. */
interface Joint {
  /** The added log's channel. */
  readonly group: number
  readonly channel: number
  /** Of the whole, and the row that the channel's row 0 becomes there. */
  readonly into: number
  readonly row: number
}

/** A JLS log followed by another log. */
class Continued implements Log {
  readonly format = "jls"
  readonly variant: string
  readonly name: string
  readonly start: bigint | null
  readonly groups: readonly Group[]
  readonly annotations: readonly Annotation[]
  readonly utc: Log["utc"]
  readonly userData: Log["userData"]
  private readonly joints: readonly Joint[]
  /** Seconds from the old log's start to the added one's. */
  private readonly shift: number

  constructor(
    private readonly old: JlsLog,
    private readonly added: Log,
  ) {
    this.variant = old.variant
    this.name = old.name
    this.start = old.start ?? added.start
    const shift = old.start === null || added.start === null ? 0 : Number(added.start - old.start) / 1e9
    const groups: Group[] = [...old.groups]
    const taken = new Set<number>()
    this.joints = added.groups.flatMap((group, g) =>
      group.channels.map((channel, c): Joint => {
        const known = old.groups.findIndex(({ name }, i) => name === channel.name && !taken.has(i))
        taken.add(known)
        if (known >= 0) return { group: g, channel: c, into: known, row: rowBehind(old, known, group, channel, added.start) }
        groups.push(moved(group, channel, shift))
        return { group: g, channel: c, into: groups.length - 1, row: 0 }
      }),
    )
    this.groups = groups
    this.utc = [...old.utc, ...this.joints.flatMap((joint) => this.pairOf(joint))]
    this.shift = shift
    const remarks = added.annotations.map((annotation): Annotation => {
      const { kind, text, data, y, time } = annotation
      const joint = this.joints.find(({ group }) => group === annotation.group)
      return { kind, text, data, y, tick: null, group: joint?.into ?? null, time: time === null ? null : time + shift }
    })
    this.annotations = [...old.annotations, ...remarks]
    this.userData = [...old.userData, ...added.userData]
  }

  get issues(): Log["issues"] {
    return [...this.old.issues, ...this.added.issues]
  }

  async survey(): ReturnType<Log["survey"]> {
    const [old, added] = [await this.old.survey(), await this.added.survey()]
    const groups = this.groups.map((_, i) => {
      const joint = this.joints.find(({ into }) => into === i)
      const more = joint === undefined ? undefined : added.groups[joint.group]
      return old.groups[i] ?? more ?? NO_ROWS
    })
    return { groups, duration: old.duration }
  }

  async *chunks(selection: Selection = {}): AsyncGenerator<Chunk> {
    yield* this.old.chunks(selection)
    const { added, shift } = this
    for await (const chunk of added.chunks(selection)) {
      for (const { group, channel, into, row } of this.joints) {
        if (group !== chunk.group) continue
        const columns = [chunk.columns[channel] as Chunk["columns"][number]]
        const ticks = shiftedTicks(chunk.ticks, (added.groups[group] as Group).time, shift)
        yield { ...chunk, ticks, group: into, first: row + chunk.first, columns, missing: [chunk.missing[channel] ?? null] }
      }
    }
  }

  close(): Promise<void> {
    return this.old.close()
  }

  /** When the rows of a signal that goes on begin. */
  private pairOf({ group, channel, into, row }: Joint): Log["utc"] {
    const { added, old } = this
    const signal = old.signals[into]
    const own = added.groups[group]
    const begin = own === undefined ? null : beginOf(own, own.channels[channel], added.start)
    if (signal === undefined || begin === null) return []
    const sample = signal.fsr.map.first + row
    const point: JlsUtcPoint = { group: into, tick: BigInt(sample), utc: begin, jls: { sample, utc: nsToJls(begin) } }
    return [point]
  }
}

/** ns since 1970 of row 0 of a channel with a sample rate; null without a start. */
function beginOf({ time }: Group, channel: Channel | undefined, start: bigint | null): bigint | null {
  const { jls } = (channel ?? {}) as Partial<JlsChannel>
  const seconds = jls !== undefined ? jls.clock.timeAt(0) : time.kind === "fixed" ? time.offset : null
  return start === null || seconds === null ? null : start + BigInt(Math.round(seconds * 1e9))
}

/** The row of a signal that row 0 of the channel with its name becomes. */
function rowBehind(old: JlsLog, index: number, group: Group, channel: Channel, start: bigint | null): number {
  const { fsr, times } = old.signals[index] as LogSignal
  const { def, type } = fsr.signal
  const { first, end } = fsr.map
  const { jls } = channel as Partial<JlsChannel>
  const rate = jls?.def.rate ?? (group.time.kind === "fixed" ? group.time.rate : 0)
  if (rate !== def.rate || channel.type !== type?.wire) {
    throw refusal(old, `has ${def.name} as ${type?.wire} at ${def.rate} Hz, the rows to append are ${channel.type} at ${rate} Hz`, MERGE)
  }
  const begin = beginOf(group, channel, start)
  let id = end
  if (times !== null && begin !== null) id = Math.round(times.sampleAt(begin))
  else if (jls !== undefined && jls.first >= end) id = jls.first
  // A sample more or less is the clock's, not the recording's.
  if (id < end - 1) throw refusal(old, `has ${def.name} up to sample ${end}, the rows to append begin at ${id}`, MERGE)
  return Math.max(id, end) - first
}

const MERGE = "convert merges logs into a new file: fieldlog convert a.jls b.jls -o c.jls"

/** A group of one channel in a log whose second 0 is `by` seconds earlier. */
function moved(group: Group, channel: Channel, by: number): Group {
  const { jls } = channel as Partial<JlsChannel>
  if (jls !== undefined && jls.clock.time === group.time) {
    const clock = jls.clock.later(by)
    const own: JlsChannel = { ...channel, jls: { ...jls, clock } }
    return { ...group, time: clock.time, channels: [own] }
  }
  return { ...group, channels: [channel], time: shifted(group.time, by) }
}

function refusal(old: JlsLog, text: string, hint: string): UnsupportedError {
  return new UnsupportedError(text, { format: "jls", path: old.source.name, hint })
}
