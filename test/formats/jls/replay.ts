import { MemorySink } from "../../../host/bytes/sink.js"
import { type DataType, parseDataType } from "../../../host/formats/jls/chunks/datatype.js"
import { JlsWriter, type JlsWriterOptions } from "../../../host/formats/jls/writer.js"
import type { Values } from "../../../host/model/log.js"
import { isBig, newValues } from "../../../host/model/values.js"
import { goldenBytes } from "./golden.js"

/** How the samples of a call are made: `MANIFEST.md` gives the formulas. */
export interface Gen {
  kind: "hash" | "const" | "step" | "ramp" | "wave"
  seed: number
  value: number | string
  period: number
}

interface Call {
  op: "source" | "signal" | "fsr" | "utc" | "annotation" | "user_data" | "omit" | "close"
  rc?: number
  [field: string]: unknown
}

/** The calls of a case. */
export function callsOf(name: string): Call[] {
  const text = Buffer.from(goldenBytes(name, "ops.jsonl") as Uint8Array).toString("utf8")
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Call)
}

/** Makes the calls of a case. @returns the bytes written; without a `close` call those of an open file */
export function replay(calls: readonly Call[], options: JlsWriterOptions): Uint8Array {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink, options)
  const types = new Map<number, DataType>()
  for (const call of calls) {
    if (call.rc !== undefined && call.rc !== 0) continue
    const n = (field: string) => call[field] as number
    const s = (field: string) => call[field] as string
    switch (call.op) {
      case "source":
        writer.source({
          id: n("source_id"),
          name: s("name"),
          vendor: s("vendor"),
          model: s("model"),
          version: s("version"),
          serial: s("serial_number"),
        })
        break
      case "signal":
        types.set(n("signal_id"), parseDataType(n("data_type")) as DataType)
        writer.signal({
          id: n("signal_id"),
          source: n("source_id"),
          type: n("signal_type") === 1 ? "vsr" : "fsr",
          dataType: n("data_type"),
          rate: n("sample_rate"),
          samplesPerData: n("samples_per_data"),
          samplesPerEntry: n("sample_decimate_factor"),
          entriesPerSummary: n("entries_per_summary"),
          entriesPerEntry: n("summary_decimate_factor"),
          annotationsPerIndex: n("annotation_decimate_factor"),
          utcPerIndex: n("utc_decimate_factor"),
          name: s("name"),
          units: s("units"),
        })
        break
      case "fsr":
        writer.fsr(
          n("signal_id"),
          n("sample_id"),
          generate(types.get(n("signal_id")) as DataType, call.gen as Gen, n("sample_id"), n("length")),
        )
        break
      case "omit":
        writer.omit(n("signal_id"), n("enable") === 1)
        break
      case "utc":
        writer.utc(n("signal_id"), { sample: Number(call.sample_id), utc: BigInt(s("utc")) })
        break
      case "annotation": {
        const { storage_type, annotation_type, group_id } = call as unknown as { [field: string]: number }
        const timestamp = BigInt(s("timestamp"))
        const remark = { timestamp, type: annotation_type as number, storage: storage_type as number, group: group_id as number }
        writer.annotation(n("signal_id"), { ...remark, y: Number(call.y), data: dataOf(call) })
        break
      }
      case "user_data":
        writer.userData({ meta: n("chunk_meta"), storage: n("storage_type"), data: dataOf(call) })
        break
      case "close":
        writer.close()
    }
  }
  return sink.bytes()
}

function dataOf(call: Call): Uint8Array {
  if (typeof call.text === "string") return Buffer.from(call.text, "utf8")
  if (typeof call.hex === "string") return Buffer.from(call.hex, "hex")
  const { length, seed } = call.gen_bytes as { length: number; seed: number }
  return Uint8Array.from({ length }, (_, k) => hash(seed, k) & 255)
}

/** Samples `first` to `first + length` of a generator, as a column of the type. */
export function generate(type: DataType, { kind, seed, value, period }: Gen, first: number, length: number): Values {
  const values = newValues(type.wire, length)
  const isFloat = type.wire.startsWith("f")
  const put = isBig(values)
    ? (i: number, v: number | bigint) => (values[i] = BigInt(v))
    : (i: number, v: number | bigint) => ((values as Float64Array)[i] = Number(v))
  for (let i = 0; i < length; i++) {
    const id = first + i
    if (kind === "const") put(i, Number(value))
    else if (kind === "step") put(i, isFloat ? Math.floor(id / period) % 16 : wrap(type, BigInt(Math.floor(id / period))))
    else if (kind === "ramp") put(i, isFloat ? id % period : wrap(type, BigInt(id % period)))
    else if (kind === "wave") put(i, wave(seed, id))
    else if (type.wire === "f32") put(i, (hash(seed, id) >>> 8) / 2 ** 24 - 0.5)
    else if (type.wire === "f64") put(i, (hash(seed, 2 * id) * 2 ** 21 + (hash(seed, 2 * id + 1) >>> 11)) / 2 ** 53)
    else if (type.bits <= 32) put(i, wrapNumber(type, hash(seed, 2 * id + 1)))
    else put(i, wrap(type, (BigInt(hash(seed, 2 * id)) << 32n) | BigInt(hash(seed, 2 * id + 1))))
  }
  return values
}

function wrap(type: DataType, value: bigint): bigint {
  return type.wire.startsWith("i") ? BigInt.asIntN(type.bits, value) : BigInt.asUintN(type.bits, value)
}

function wrapNumber(type: DataType, value: number): number {
  const shift = 32 - type.bits
  return type.wire.startsWith("i") ? (value << shift) >> shift : (value << shift) >>> shift
}

function wave(seed: number, id: number): number {
  const t = id % 20000
  const s = Math.floor(id / 20000) % 10
  const n = (hash(seed, id) >>> 8) / 2 ** 24 - 0.5
  let v = 2.5e-6
  if (t < 400) {
    v = 8e-3
    if (t < 40) v = v + (12e-3 * (40 - t)) / 40
  }
  if (s === 3 && t >= 200 && t < 260) v = 24e-3
  if (s === 7 && t >= 5000 && t < 15000) v = 1e-3 + (4e-3 * (t - 5000)) / 10000
  return v + n * (v * 0.02 + 1e-7)
}

/** murmur3's finaliser over seed + i. */
function hash(seed: number, i: number): number {
  let x = (i + seed) | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}
