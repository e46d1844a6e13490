import { issue } from "../../model/issues.js"
import type { Channel, Group, Issue } from "../../model/log.js"
import type { TimeMap } from "../../model/time-map.js"
import { type DataType, fixedPoint } from "./chunks/datatype.js"
import type { SignalDef, SourceDef } from "./chunks/definitions.js"
import { evenClock, pairedClock, type RowClock } from "./clock.js"
import type { Contents } from "./contents.js"
import type { Stretch } from "./samples/gaps.js"
import type { FsrReader } from "./samples/reader.js"
import type { JlsUtc } from "./timed/timed.js"
import { jlsToNs } from "./timed/utc.js"

/** What a JLS channel says beyond the model: it lets a writer keep the signal as it is. */
export interface JlsChannel extends Channel {
  readonly jls: JlsOrigin
}

/** Where a channel's samples come from. */
export interface JlsOrigin {
  readonly def: SignalDef
  readonly source: SourceDef | null
  /** Sample id of row 0. */
  readonly first: number
  readonly clock: RowClock
  /** UTC pairs as stored. */
  readonly pairs: readonly JlsUtc[]
}

/** An FSR signal of an open file: samples and summaries by sample id, where samples were never recorded, and the times of all. */
export interface LogSignal extends TimedSignal {
  readonly gaps: readonly Stretch[]
  readonly clock: RowClock
}

/** A signal and what its UTC pairs say, before the log's second 0 is known. */
export interface TimedSignal {
  readonly fsr: FsrReader
  readonly pairs: readonly JlsUtc[]
  /** ns since 1970 of sample ids; null without UTC pairs. */
  readonly times: TimeMap | null
}

/** A mean that is further off than this (ppm) is no drift of a clock: the rows were uneven. */
const MOST_DRIFT = 10_000

/** Second 0: the UTC time of the earliest first sample; without UTC the earliest first sample counted from sample id 0. */
interface Origin {
  readonly utc: bigint | null
  /** Seconds from sample id 0 to second 0, for signals without UTC. */
  readonly seconds: number
}

/** Where the times of a file begin. */
export function originOf(signals: readonly TimedSignal[], annotations: Contents["annotations"]): Origin {
  let utc: bigint | null = null
  let earliest = Number.POSITIVE_INFINITY
  for (const { fsr, times } of signals) {
    earliest = Math.min(earliest, fsr.map.first / fsr.signal.def.rate)
    const begin = times === null ? null : times.nsAt(fsr.map.first)
    if (begin !== null && (utc === null || begin < utc)) utc = begin
  }
  if (signals.length === 0) {
    // A file of remarks only: the first one starts it.
    for (const list of annotations.values())
      for (const { timestamp } of list) if (utc === null || jlsToNs(timestamp) < utc) utc = jlsToNs(timestamp)
  }
  return { utc, seconds: Number.isFinite(earliest) ? earliest : 0 }
}

/** When a signal's rows are: evenly, where its UTC pairs lie on one line; each by its own stamp where they do not. */
export function clockOf({ fsr, times }: TimedSignal, origin: Origin): RowClock {
  const { rate } = fsr.signal.def
  const { first } = fsr.map
  if (times === null || origin.utc === null) return evenClock(rate, first / rate - origin.seconds, first)
  const step = times.line()
  if (step === null || !(step > 0)) return pairedClock(times, origin.utc, fsr.map)
  const hz = Math.abs(step * rate - 1e9) < 1e-6 ? rate : 1e9 / step
  return evenClock(hz, Number(times.nsAt(first) - origin.utc) / 1e9, first)
}

/** What of a signal's UTC pairs is odd: those that go back, and where time does not run at the signal's rate. */
export function clockIssues({ name, rate }: SignalDef, times: TimeMap): Issue[] {
  const found: Issue[] = []
  if (times.back > 0) {
    const text = `signal ${name}: ${times.back} UTC pairs go back in time and are not used; samples there are timed by the pairs before`
    found.push(issue("clock-step", "warning", text, { group: name }))
  }
  const worst = times.worst()
  if (worst !== null) {
    const [took, due] = [worst.ns, worst.nominal].map((ns) => Number((ns / 1e9).toPrecision(6)))
    const text = `signal ${name}: by UTC samples ${worst.from} to ${worst.to} took ${took} s, at ${rate} Hz it would be ${due} s; times go by UTC`
    found.push(issue("uneven-clock", "note", text, { group: name }))
  }
  return found
}

/** The group of a signal: one channel. */
export function groupOf({ fsr, times, clock, pairs }: LogSignal, sources: readonly SourceDef[]): Group {
  const { def, type } = fsr.signal
  const { first } = fsr.map
  const source = sources.find(({ id }) => id === def.source) ?? null
  const { wire, q } = type as DataType
  const notes: Record<string, string> = source === null ? {} : { source: source.name }
  const channel: JlsChannel = {
    name: def.name,
    unit: def.units,
    type: wire,
    calibration: fixedPoint(q),
    notes,
    jls: { def, source, first, clock, pairs },
  }
  const drift = times === null || times.pairs < 2 ? Number.NaN : times.drift()
  const told = Math.abs(drift) <= MOST_DRIFT ? { drift } : {}
  return { name: def.name, id: def.id, time: clock.time, channels: [channel], ...told }
}
