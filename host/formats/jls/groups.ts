import type { Channel, Group } from "../../model/log.js"
import { type DataType, fixedPoint } from "./chunks/datatype.js"
import type { SignalDef, SourceDef } from "./chunks/definitions.js"
import type { Contents } from "./contents.js"
import type { Stretch } from "./samples/gaps.js"
import type { FsrReader } from "./samples/reader.js"
import { jlsToNs, type UtcMap } from "./timed/utc.js"

/** Facts about a JLS channel beyond the model, with which a writer can keep the signal unchanged. */
export interface JlsChannel extends Channel {
  readonly jls: { readonly def: SignalDef; readonly source: SourceDef | null; readonly first: number }
}

/** An FSR signal of an open file: samples and summaries by sample id, where samples were never recorded, and the times of all. */
export interface LogSignal {
  readonly fsr: FsrReader
  readonly gaps: readonly Stretch[]
  /** Null without UTC pairs. */
  readonly times: UtcMap | null
}

/** Second 0: the UTC time of the earliest first sample; without UTC the earliest first sample counted from sample id 0. */
interface Origin {
  readonly utc: bigint | null
  /** Seconds from sample id 0 to second 0, for signals without UTC. */
  readonly seconds: number
}

/** The times at which a file begins. */
export function originOf(signals: readonly LogSignal[], annotations: Contents["annotations"]): Origin {
  let utc: bigint | null = null
  let earliest = Number.POSITIVE_INFINITY
  for (const { fsr, times } of signals) {
    earliest = Math.min(earliest, fsr.map.first / fsr.signal.def.rate)
    const begin = times === null ? null : jlsToNs(times.timeOf(fsr.map.first))
    if (begin !== null && (utc === null || begin < utc)) utc = begin
  }
  if (signals.length === 0) {
    // A file that holds only remarks starts at the first one.
    for (const list of annotations.values())
      for (const { timestamp } of list) if (utc === null || jlsToNs(timestamp) < utc) utc = jlsToNs(timestamp)
  }
  return { utc, seconds: Number.isFinite(earliest) ? earliest : 0 }
}

/** The group of a signal: one channel. */
export function groupOf({ fsr, times }: LogSignal, origin: Origin, sources: readonly SourceDef[]): Group {
  const { def, type } = fsr.signal
  const { first } = fsr.map
  const source = sources.find(({ id }) => id === def.source) ?? null
  const known = times !== null && origin.utc !== null
  const offset = known ? Number(jlsToNs(times.timeOf(first)) - (origin.utc as bigint)) / 1e9 : first / def.rate - origin.seconds
  const { wire, q } = type as DataType
  const notes: Record<string, string> = source === null ? {} : { source: source.name }
  const channel: JlsChannel = {
    name: def.name,
    unit: def.units,
    type: wire,
    calibration: fixedPoint(q),
    notes,
    jls: { def, source, first },
  }
  return { name: def.name, id: def.id, time: { kind: "fixed", rate: def.rate, offset, first }, channels: [channel] }
}
