import { EPOCH_2018, TIME_BITS } from "../../../shared/jls/layout.js"
import type { Chunk, Group, Log, Loss, Values } from "../../model/log.js"
import { counting } from "../../model/losses.js"
import { instantsOf, NO_INSTANT, rowTimes } from "../../model/time.js"
import { headRates } from "../../model/usual-rate.js"
import { isFloat } from "../../model/wire.js"
import { type Clock, suspectClocks } from "../../views/clocks.js"
import { resample } from "../../views/resample.js"
import type { JlsWriteOptions } from "./options.js"
import { columnFor, Ids, planSignals, type SignalPlan } from "./plan.js"
import type { JlsUtcPoint } from "./read.js"
import type { JlsLogAnnotation } from "./remarks.js"
import { remarkOf, restored, storageOf, stored } from "./stored-remark.js"
import { StampLine } from "./timed/stamps.js"
import type { JlsAnnotation } from "./timed/timed.js"
import { nsToJls } from "./timed/utc.js"
import type { JlsWriter } from "./writer.js"

const EPOCH_NS = BigInt(EPOCH_2018) * 1_000_000_000n
/** ns before and after 2018 that a JLS time holds: its 64 bits count 2^-30 s. */
const MOST_NS = 2n ** 33n * 1_000_000_000n

/**
 * Writes any log into an open JLS file: a signal a channel. A signal that comes from a JLS file keeps its definition,
 * sample ids, UTC pairs and annotations. Values that are missing become gaps. The writer stays open.
 * @returns what could not be carried
 */
export async function writeLog(log: Log, writer: JlsWriter, options: JlsWriteOptions): Promise<Loss[]> {
  const stamped = log.groups.some(({ time }) => time.kind === "stamped")
  if (options.rate === null || !stamped) return new LogCopy(log, writer, options.omit).run()
  const { rate, fill, hold } = options
  const grid = await resample(log, { rate, fill, hold })
  const losses = await new LogCopy(grid, writer, options.omit).run()
  return [...losses, ...grid.losses, { kind: "form", count: 1, text: `resampled at ${rate} Hz (${fill}), as asked` }]
}

class LogCopy {
  private readonly losses: Loss[] = []
  private readonly ids: Ids
  private plans: SignalPlan[] = []
  /** By group. */
  private readonly lines: (StampLine | undefined)[] = []
  /** ns since 1970 UTC; null where the log does not say, or JLS cannot. */
  private readonly start: bigint | null
  private clocks: readonly (Clock | null)[] | null = null
  private timeless = 0
  /** Values of other formats that are missing: of floats, and of integers. */
  private readonly missing = { floats: 0, integers: 0 }
  /** By group: ns of its first row from the log's start. */
  private readonly firsts: (bigint | undefined)[] = []
  /** By signal: annotations that wait for the samples before them, the next one last. */
  private readonly waiting: JlsAnnotation[][] = []
  private rates: number[] = []

  constructor(
    private readonly log: Log,
    private readonly writer: JlsWriter,
    private readonly omit: boolean,
  ) {
    this.ids = new Ids(writer)
    this.start = log.start !== null && holds(log.start) ? log.start : null
  }

  async run(): Promise<Loss[]> {
    const { log, writer } = this
    if (log.groups.some(({ time }) => time.kind === "stamped")) this.clocks = await suspectClocks(log, await log.survey())
    this.rates = await this.ratesOf()
    if (this.start !== log.start) this.lose("the start is dropped: JLS has the years 1745 to 2290")
    this.plans = planSignals(log, this.ids, (group) => this.rates[group] as number, this.losses)
    for (const { meta, kind, data } of log.userData) writer.userData({ meta, storage: storageOf(kind), data })
    for (const plan of this.plans) this.begin(plan)
    this.annotate()
    for await (const chunk of log.chunks({ reuse: true })) this.add(chunk)
    for (const [g, line] of this.lines.entries()) {
      line?.close()
      if (line !== undefined) this.losses.push(...stampLosses(log.groups[g] as Group, line))
    }
    for (const [t, plan] of this.plans.entries()) this.release(t, plan, Number.POSITIVE_INFINITY)
    this.losses.push(...missingLosses(this.missing))
    if (this.timeless > 0) {
      this.losses.push({ kind: "form", count: this.timeless, text: `${this.timeless} annotations without a time stand at the start` })
    }
    return this.losses
  }

  /** Whole Hz for each group: its own, the one asked for, or that of its rows. */
  private async ratesOf(): Promise<number[]> {
    const { log } = this
    const rates = await headRates(log)
    return log.groups.map((group, g) => {
      if (group.time.kind === "fixed") {
        const rate = Math.max(1, Math.round(group.time.rate))
        if (rate !== group.time.rate)
          this.lose(`${group.name}: ${group.time.rate} Hz is stored as ${rate} Hz with UTC pairs, as JLS rates are whole`)
        return rate
      }
      if (group.time.tick === 0) {
        this.lose(`${group.name}: its rows have no times and are stored at 1 Hz`)
        return 1
      }
      return Math.max(1, Math.round(rates[g] ?? 1))
    })
  }

  private begin(plan: SignalPlan): void {
    const { log, writer } = this
    const group = log.groups[plan.group] as Group
    if (plan.kind === "remarks") return
    if (this.omit) writer.omit(plan.id, true)
    if (plan.jls !== null) {
      const own = log.utc.flatMap((point) => (point.group === plan.group ? ((point as Partial<JlsUtcPoint>).jls ?? []) : []))
      for (const pair of own.length > 0 ? own : plan.jls.pairs) writer.utc(plan.id, pair)
    } else if (group.time.kind === "fixed") {
      const { rate, offset } = group.time
      if (this.start !== null) writer.utc(plan.id, { sample: this.idOf(plan, 0), utc: this.time(offset) })
      // A rate that is not whole: a second pair gives the map its true slope.
      if (rate !== plan.rate) {
        const rows = Math.max(1, Math.round(rate * 3600))
        if (this.start === null) {
          writer.utc(plan.id, { sample: this.idOf(plan, 0), utc: this.time(offset) })
          this.loseStart(group)
        }
        writer.utc(plan.id, { sample: this.idOf(plan, rows), utc: this.time(offset + rows / rate) })
      }
    } else if (group.time.tick !== 0 && this.lines[plan.group] === undefined) {
      const signals = this.plans.filter((other) => other.group === plan.group && other.kind === "samples")
      const line = new StampLine((group.time.tick / 2) * 1e9, (row, ns) => {
        for (const { id } of signals) writer.utc(id, { sample: row, utc: nsToJls(since + (this.firsts[plan.group] ?? 0n) + BigInt(ns)) })
      })
      const since = this.start ?? EPOCH_NS
      this.lines[plan.group] = line
      if (this.start === null) this.loseStart(group)
    }
  }

  private add(chunk: Chunk): void {
    const group = this.log.groups[chunk.group] as Group
    const line = this.lines[chunk.group]
    if (line !== undefined && chunk.rows > 0) {
      this.addTimes(group, chunk, line)
    }
    for (const [t, plan] of this.plans.entries()) {
      if (plan.group !== chunk.group) continue
      const missing = chunk.missing[plan.channel] ?? null
      const values = chunk.columns[plan.channel] as Values
      if (plan.kind === "remarks") {
        this.remarks(plan, chunk, values, missing)
        continue
      }
      this.samples(t, plan, chunk, columnFor(plan, values, missing), missing)
    }
  }

  private addTimes(group: Group, chunk: Chunk, line: StampLine): void {
    const odd = this.clocks?.[chunk.group]?.odd
    const instants = instantsOf({ start: null }, group, chunk)
    const since = this.start ?? EPOCH_NS
    for (let i = 0; i < chunk.rows; i++) {
      const row = chunk.first + i
      const ns = instants[i] as bigint
      if (ns === NO_INSTANT || odd?.has(row) === true || !holds(since + ns)) line.untimed++
      else line.add(row, Number(ns - (this.firsts[chunk.group] ??= ns)))
    }
  }

  /** Writes the runs that have values. Floats of other formats hold NaN where they have none, and stay one run. */
  private samples(t: number, plan: SignalPlan, chunk: Chunk, column: Values, missing: Uint8Array | null): void {
    const first = this.idOf(plan, chunk.first)
    const before = this.writer.nextSample(plan.id) ?? first
    this.release(t, plan, before)
    if (missing !== null && plan.jls === null) this.missing[isFloat(plan.wire) ? "floats" : "integers"] += set(missing)
    if (missing === null || (plan.jls === null && isFloat(plan.wire))) {
      this.writer.fsr(plan.id, first, column)
      return
    }
    for (let from = missing.indexOf(0); from >= 0; from = missing.indexOf(0, from)) {
      const next = missing.indexOf(1, from)
      const to = next < 0 ? missing.length : next
      this.writer.fsr(plan.id, first + from, (column as Float64Array).subarray(from, to))
      from = to
    }
  }

  /** Sample id of a row: its own in a JLS file; else so that groups keep their distance in time. */
  private idOf(plan: SignalPlan, row: number): number {
    if (plan.jls !== null) return plan.jls.first + row
    const { time } = this.log.groups[plan.group] as Group
    return time.kind === "fixed" ? Math.round(time.offset * plan.rate) + row : row
  }

  /** The sample nearest to a time. */
  private idAt(plan: SignalPlan, seconds: number): bigint {
    const { time } = this.log.groups[plan.group] as Group
    const offset = time.kind === "fixed" ? time.offset : 0
    if (plan.jls !== null) return BigInt(plan.jls.first + Math.round(plan.jls.clock.rowAt(seconds)))
    return BigInt(this.idOf(plan, 0) + Math.round((seconds - offset) * plan.rate))
  }

  /** JLS time of seconds from the log's start. */
  private time(seconds: number): bigint {
    const start = this.start ?? EPOCH_NS
    const whole = Math.floor(seconds)
    return nsToJls(start + BigInt(whole) * 1_000_000_000n) + BigInt(Math.round((seconds - whole) * 2 ** TIME_BITS))
  }

  /** JLS time of seconds from the log's start; of the start, and counted, where there is no time that JLS holds. */
  private timeOr(seconds: number | null): bigint {
    const whole = Math.floor(seconds ?? Number.NaN)
    if (Number.isFinite(whole) && holds((this.start ?? EPOCH_NS) + BigInt(whole) * 1_000_000_000n)) return this.time(seconds as number)
    this.timeless++
    return this.time(0)
  }

  private remarks(plan: SignalPlan, chunk: Chunk, values: Values, missing: Uint8Array | null): void {
    const group = this.log.groups[chunk.group] as Group
    const times = rowTimes(group, chunk)
    for (let i = 0; i < chunk.rows; i++) {
      if (missing?.[i] !== 1) this.writer.annotation(plan.id, remarkOf(values[i], this.timeOr(times[i] as number)))
    }
  }

  /** Sorts annotations to their signals; those of samples wait until the samples come, so that all are in order. */
  private annotate(): void {
    const others = new Map<string, number>()
    for (const annotation of this.log.annotations) {
      const { jls } = annotation as Partial<JlsLogAnnotation>
      const t = annotation.group === null ? -1 : this.plans.findIndex(({ group, kind }) => group === annotation.group && kind === "samples")
      const plan = this.plans[t]
      const { time } = (plan === undefined ? undefined : this.log.groups[plan.group]) ?? { time: null }
      if (jls !== undefined && plan?.jls) {
        ;(this.waiting[t] ??= []).push(restored(annotation, jls, (seconds) => this.idAt(plan, seconds)))
      } else if (jls !== undefined && jls.def.type === "vsr") {
        this.writer.annotation(
          this.vsrSignal(jls, others),
          restored(annotation, jls, (seconds) => this.time(seconds)),
        )
      } else if (plan !== undefined && annotation.time !== null && Number.isFinite(annotation.time) && time?.kind === "fixed") {
        ;(this.waiting[t] ??= []).push(stored(annotation, this.idAt(plan, annotation.time)))
      } else {
        this.writer.annotation(0, stored(annotation, this.timeOr(annotation.time)))
      }
    }
    for (const list of this.waiting) list?.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0)).reverse()
  }

  private vsrSignal({ def, source }: JlsLogAnnotation["jls"], known: Map<string, number>): number {
    if (def.id === 0) return 0
    const key = `${def.id} ${def.name}`
    let id = known.get(key)
    if (id === undefined) known.set(key, (id = this.ids.signal({ ...def, source: source === null ? 0 : this.ids.source(source) }).id))
    return id
  }

  /** Writes the annotations of a signal before a sample id. */
  private release(t: number, plan: SignalPlan, before: number): void {
    const list = this.waiting[t]
    while (list !== undefined && list.length > 0 && Number((list.at(-1) as JlsAnnotation).timestamp) < before) {
      this.writer.annotation(plan.id, list.pop() as JlsAnnotation)
    }
  }

  private loseStart({ name }: Group): void {
    this.lose(`${name}: the log does not say when it started; its times count from 2018-01-01`)
  }

  private lose(text: string): void {
    this.losses.push({ kind: "form", count: 1, text })
  }
}

/** True for ns since 1970 UTC that a JLS time holds. */
function holds(ns: bigint): boolean {
  const since2018 = ns - EPOCH_NS
  return since2018 > -MOST_NS && since2018 < MOST_NS
}

function set(flags: Uint8Array): number {
  let count = 0
  for (const flag of flags) count += flag
  return count
}

function missingLosses({ floats, integers }: { readonly floats: number; readonly integers: number }): Loss[] {
  return counting(
    { kind: "form", count: floats, text: `${floats} missing values written as NaN` },
    { kind: "form", count: integers, text: `${integers} missing values marked as gaps, in which other readers find 0` },
  )
}

/** What the pairs of a group cannot say. */
function stampLosses({ name }: Group, { back, rounded, lost, untimed }: StampLine): Loss[] {
  const losses: Loss[] = []
  if (untimed > 0) {
    const text = `${name}: ${untimed} rows have no time, or one far from those around it; they are timed by the rows around them`
    losses.push({ kind: "values", count: untimed, text })
  }
  if (back > 0) {
    const text = `${name}: time goes back; ${back} rows are timed by the rows around them, as UTC pairs only go forward`
    losses.push({ kind: "values", count: back, text })
  }
  if (rounded !== null) {
    losses.push({
      kind: "form",
      count: 1,
      text: `${name}: times behind row ${rounded} are exact to half a tick, as each row would need a UTC pair`,
    })
  }
  if (lost !== null) losses.push({ kind: "values", count: 1, text: `${name}: times behind row ${lost} are lost: too many UTC pairs` })
  return losses
}
