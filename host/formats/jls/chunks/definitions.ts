import * as jls from "../../../../shared/jls/layout.js"
import { readRecord, writeRecord } from "../../../bytes/layout.js"
import { joinBytes } from "../../../text/hex.js"
import { payloadView } from "./chunks.js"
import { type DataType, parseDataType } from "./datatype.js"

/** A device or program that gives signals. */
export interface SourceDef {
  readonly id: number
  readonly name: string
  readonly vendor: string
  readonly model: string
  readonly version: string
  readonly serial: string
}

/** How a signal is stored: how many samples, entries and remarks make a chunk. */
export interface Factors {
  readonly samplesPerData: number
  /** Samples in an entry of level 1. */
  readonly samplesPerEntry: number
  readonly entriesPerSummary: number
  /** Entries of level n - 1 in an entry of level n. */
  readonly entriesPerEntry: number
  readonly annotationsPerIndex: number
  readonly utcPerIndex: number
}

/** A signal's definition. */
export interface SignalDef extends Factors {
  readonly id: number
  readonly source: number
  readonly type: "fsr" | "vsr"
  readonly dataType: number
  /** Hz; 0 for VSR. */
  readonly rate: number
  readonly name: string
  readonly units: string
}

/** The source and the signal that every file starts with: they carry annotations of the whole file. */
export const GLOBAL_SOURCE: SourceDef = {
  id: 0,
  name: "global_annotation_source",
  vendor: "jls",
  model: "-",
  version: "1.0.0",
  serial: "-",
}
export const GLOBAL_SIGNAL: SignalDef = {
  ...{ id: 0, source: 0, type: "vsr", dataType: 0x2004, rate: 0, name: "global_annotation_signal", units: "" },
  ...{ samplesPerData: 10, samplesPerEntry: 10, entriesPerSummary: 10, entriesPerEntry: 10 },
  ...{ annotationsPerIndex: 100, utcPerIndex: 100 },
}

/** Reads a SOURCE_DEF payload; strings that are cut off or absent become empty. */
export function parseSource(id: number, payload: Uint8Array): SourceDef {
  const [name = "", vendor = "", model = "", version = "", serial = ""] = readStrings(payload, jls.SOURCE_RESERVED, 5)
  return { id, name, vendor, model, version, serial }
}

/** A SOURCE_DEF payload. */
export function sourcePayload(source: SourceDef): Uint8Array {
  const strings = [source.name, source.vendor, source.model, source.version, source.serial].map(stringBytes)
  return joinBytes([new Uint8Array(jls.SOURCE_RESERVED), ...strings])
}

/** Reads a SIGNAL_DEF payload. @returns null if it is too short */
export function parseSignal(id: number, payload: Uint8Array): SignalDef | null {
  if (payload.length < jls.signalDef.size) return null
  const record = readRecord(jls.signalDef, payloadView(payload), 0)
  const [name = "", units = ""] = readStrings(payload, jls.signalDef.size, 2)
  const { source, dataType, rate } = record
  return { ...factorsOf(record), id, source, type: record.type === jls.TYPE_VSR ? "vsr" : "fsr", dataType, rate, name, units }
}

/** A SIGNAL_DEF payload, factors unchanged. */
export function signalPayload(signal: SignalDef): Uint8Array {
  const fixed = new Uint8Array(jls.signalDef.size)
  const { source, dataType, rate } = signal
  const type = signal.type === "vsr" ? jls.TYPE_VSR : jls.TYPE_FSR
  writeRecord(jls.signalDef, payloadView(fixed), 0, { ...factorsOf(signal), source, dataType, rate, type })
  return joinBytes([fixed, stringBytes(signal.name), stringBytes(signal.units)])
}

/** The storage factors alone. */
function factorsOf(signal: Factors): Factors {
  const { samplesPerData, samplesPerEntry, entriesPerSummary, entriesPerEntry, annotationsPerIndex, utcPerIndex } = signal
  return { samplesPerData, samplesPerEntry, entriesPerSummary, entriesPerEntry, annotationsPerIndex, utcPerIndex }
}

/** Most samples of a DATA chunk, and entries of a SUMMARY: they are held in memory as a whole. */
const MAX_SAMPLES = 4 * 1024 * 1024
const MAX_ENTRIES = 1024 * 1024

/** Why a definition cannot be read or written, or null if it is sound. */
export function signalFault(signal: SignalDef): string | null {
  if (signal.type === "vsr") return null
  const type = parseDataType(signal.dataType)
  if (type === null) return `data type 0x${signal.dataType.toString(16)} is not defined`
  if (signal.rate === 0) return "sample rate is 0"
  if (signal.samplesPerData === 0 || signal.samplesPerEntry === 0) return "samples per chunk or per entry is 0"
  if (signal.samplesPerData % signal.samplesPerEntry !== 0) return "samples per chunk is no multiple of samples per entry"
  if (signal.samplesPerData > MAX_SAMPLES) return `chunks of ${signal.samplesPerData} samples, the limit is ${MAX_SAMPLES}`
  if (signal.entriesPerSummary > MAX_ENTRIES) return `summaries of ${signal.entriesPerSummary} entries, the limit is ${MAX_ENTRIES}`
  if (signal.entriesPerEntry < 2 || signal.entriesPerSummary % signal.entriesPerEntry !== 0) return "summary factors do not fit"
  return null
}

const NO_FACTORS: Factors = {
  ...{ samplesPerData: 0, samplesPerEntry: 0, entriesPerSummary: 0, entriesPerEntry: 0 },
  ...{ annotationsPerIndex: 100, utcPerIndex: 100 },
}

/** Default factors by size in bits: the reference has none for 24 bits and stores 10s there. */
function defaultFactors(bits: number): Factors {
  const all = { annotationsPerIndex: 100, utcPerIndex: 100 }
  if (bits <= 4) return { samplesPerData: 65536, samplesPerEntry: 1024, entriesPerSummary: 1280, entriesPerEntry: 20, ...all }
  if (bits === 8) return { samplesPerData: 32768, samplesPerEntry: 1024, entriesPerSummary: 640, entriesPerEntry: 20, ...all }
  if (bits === 16) return { samplesPerData: 16384, samplesPerEntry: 256, entriesPerSummary: 1280, entriesPerEntry: 20, ...all }
  return { samplesPerData: 8192, samplesPerEntry: 128, entriesPerSummary: 640, entriesPerEntry: 20, ...all }
}

/**
 * The factors that a writer stores for the wanted ones: zeros replaced by defaults, then rounded so that entries fill
 * chunks. The rounding follows the reference step by step. @param reference no defaults for 24 bits, as in the reference
 */
export function adjustFactors(wanted: Partial<Factors>, type: DataType, reference: boolean): Factors {
  const defaults = reference && type.bits === 24 ? NO_FACTORS : defaultFactors(type.bits)
  const pick = (key: keyof Factors) => wanted[key] || defaults[key]
  const upTo = (n: number, multiple: number) => Math.ceil(n / multiple) * multiple
  const samplesPerEntry = upTo(Math.max(10, pick("samplesPerEntry")), Math.floor(256 / type.bits))
  const entriesPerEntry = Math.max(10, pick("entriesPerEntry"))
  const entriesPerSummary = upTo(Math.max(10, pick("entriesPerSummary")), entriesPerEntry)
  let entriesPerData = Math.ceil(Math.max(10, pick("samplesPerData")) / samplesPerEntry)
  while (entriesPerSummary % entriesPerData !== 0) entriesPerData--
  return {
    samplesPerData: entriesPerData * samplesPerEntry,
    samplesPerEntry,
    entriesPerSummary,
    entriesPerEntry,
    annotationsPerIndex: pick("annotationsPerIndex"),
    utcPerIndex: pick("utcPerIndex"),
  }
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

function readStrings(payload: Uint8Array, from: number, count: number): string[] {
  const strings: string[] = []
  for (let i = from; strings.length < count && i < payload.length; ) {
    const end = payload.indexOf(0, i)
    const stop = end < 0 ? payload.length : end
    strings.push(utf8.decode(payload.subarray(i, stop)))
    i = stop + 1
    if (payload[i] === jls.STRING_END[1]) i++
  }
  return strings
}

function stringBytes(text: string): Uint8Array {
  return joinBytes([new TextEncoder().encode(text.replaceAll("\0", "")), Uint8Array.from(jls.STRING_END)])
}
