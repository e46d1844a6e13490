import { IDS } from "../../../shared/jls/layout.js"
import { LimitError } from "../../model/errors.js"
import type { Calibration, Channel, Log, Loss, Values, Wire } from "../../model/log.js"
import { renameLosses } from "../../model/losses.js"
import { physicalColumn } from "../../model/values.js"
import { isFloat, isNumeric, WIRES } from "../../model/wire.js"
import { channelTitles } from "../../text/unique.js"
import { dataTypeCode, isJlsWire, type JlsWire } from "./chunks/datatype.js"
import type { SignalDef, SourceDef } from "./chunks/definitions.js"
import type { JlsChannel, JlsOrigin } from "./groups.js"
import type { JlsWriter, NewSignal } from "./writer.js"

/** Where a channel of a log goes. */
export interface SignalPlan {
  /** Index into `Log.groups`, and within its channels. */
  readonly group: number
  readonly channel: number
  /** Signal id. */
  readonly id: number
  /** Hz as stored. */
  readonly rate: number
  readonly wire: JlsWire
  /** Null when raw values are stored. */
  readonly calibration: Calibration | null
  /** Set for a signal that comes from a JLS file and keeps its sample ids. */
  readonly jls: JlsOrigin | null
  /** `samples` of an FSR signal; `remarks`: annotations of a VSR signal, one a row. */
  readonly kind: "samples" | "remarks"
}

/** Gives ids to the sources and signals of one output: the wanted id if it is free. */
export class Ids {
  private readonly sources = new Map<string, number>()
  private readonly sourceIds = new Set([0])
  private readonly signalIds = new Set([0])

  constructor(private readonly writer: JlsWriter) {}

  /** The id of a source; defines the source if it is new. */
  source(source: SourceDef): number {
    const { id: wanted, ...rest } = source
    const key = JSON.stringify(rest)
    const known = this.sources.get(key)
    if (known !== undefined) return known
    if (wanted === 0) return 0
    const id = free(this.sourceIds, wanted, "sources")
    this.sources.set(key, id)
    this.writer.source({ ...source, id })
    return id
  }

  /** Defines a signal under the wanted id or the next free one. */
  signal(signal: NewSignal): SignalDef {
    return this.writer.signal({ ...signal, id: free(this.signalIds, signal.id, "signals") })
  }
}

function free(taken: Set<number>, wanted: number, what: string): number {
  let id = wanted
  for (let tries = 0; taken.has(id); tries++) {
    if (tries === IDS) throw new LimitError(`a JLS file holds ${IDS - 1} ${what}`, { format: "jls", hint: "choose channels with -c" })
    id = (id + 1) % IDS
  }
  taken.add(id)
  return id
}

/** Defines a signal for every channel of a log. @param rateOf whole Hz to store for a group */
export function planSignals(log: Log, ids: Ids, rateOf: (group: number) => number, losses: Loss[]): SignalPlan[] {
  const own = { id: 1, name: log.name, vendor: "fieldlog", model: log.format, version: log.variant, serial: "" }
  const names = channelTitles(log)
  const renames = log.groups.flatMap(({ channels }, g) => channels.map(({ name }, c) => [name, names[g]?.[c] ?? name] as const))
  losses.push(...renameLosses(renames, "other signals have the same name"))
  return log.groups.flatMap((group, g) =>
    group.channels.map((channel, c): SignalPlan => {
      const name = names[g]?.[c] ?? channel.name
      const { jls } = channel as Partial<JlsChannel>
      // Rows on another clock than their own (joined, resampled) are written anew.
      if (jls !== undefined && group.time === jls.clock.time) {
        const source = jls.source === null ? 0 : ids.source(jls.source)
        const { id, rate } = ids.signal({ ...jls.def, name, source })
        return { group: g, channel: c, id, rate, wire: channel.type as JlsWire, calibration: null, jls, kind: "samples" }
      }
      const source = ids.source(own)
      if (!isNumeric(channel.type)) {
        losses.push({ kind: "form", count: 1, text: `${name}: stored as annotations, as JLS has no samples of ${channel.type}` })
        const { id } = ids.signal({ id: 1, source, type: "vsr", dataType: dataTypeCode("f32"), rate: 0, name, units: channel.unit })
        return { group: g, channel: c, id, rate: 0, wire: "u8", calibration: null, jls: null, kind: "remarks" }
      }
      const { wire, q, calibration } = storedAs(channel)
      if (calibration !== null)
        losses.push({ kind: "form", count: 1, text: `${name}: physical values are stored, as JLS has no calibration` })
      const rate = rateOf(g)
      const { id } = ids.signal({ id: 1, source, type: "fsr", dataType: dataTypeCode(wire, q), rate, name, units: channel.unit })
      return { group: g, channel: c, id, rate, wire, calibration, jls: null, kind: "samples" }
    }),
  )
}

/** The JLS types for integers that JLS lacks. */
function widened(type: Wire): JlsWire {
  if (type === "bool") return "u1"
  return WIRES[type].kind === "signed" ? "i64" : "u64"
}

/** The JLS type that keeps a channel's values: raw, fixed point, or physical values in f32 or f64. */
function storedAs({ type, calibration }: Channel): { wire: JlsWire; q: number; calibration: Calibration | null } {
  const wire = isJlsWire(type) ? type : widened(type)
  if (calibration === null) return { wire, q: 0, calibration: null }
  const { addition, divisor, multiplier } = calibration
  const q = Math.log2(divisor / multiplier)
  if (addition === 0 && Number.isInteger(q) && q >= -128 && q <= 127 && !isFloat(wire)) return { wire, q, calibration: null }
  const small = ["u1", "u4", "u8", "u16", "i4", "i8", "i16", "f32"].includes(wire)
  return { wire: small ? "f32" : "f64", q: 0, calibration }
}

/** A chunk's column as the signal stores it; missing values of floats are NaN. */
export function columnFor(plan: SignalPlan, values: Values, missing: Uint8Array | null): Values {
  if (plan.calibration !== null) {
    const physical = physicalColumn(values, plan.calibration, missing) as Float64Array
    return plan.wire === "f32" ? Float32Array.from(physical) : physical
  }
  if (plan.wire === "u64" && !(values instanceof BigUint64Array)) return BigUint64Array.from(values as Float64Array, toBig)
  if (plan.wire === "i64" && !(values instanceof BigInt64Array)) return BigInt64Array.from(values as Float64Array, toBig)
  if (missing === null || !isFloat(plan.wire)) return values
  const floats = (values as Float64Array).slice()
  for (let i = 0; i < floats.length; i++) if (missing[i] === 1) floats[i] = Number.NaN
  return floats
}

function toBig(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.trunc(value)) : 0n
}
