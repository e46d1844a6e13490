import { describe, expect, test } from "vitest"
import { crc32c } from "../../../host/bytes/crc32c.js"
import { memorySource } from "../../../host/bytes/source.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import type { Group } from "../../../host/model/log.js"
import { TimeMap } from "../../../host/model/time-map.js"
import { storedTick } from "../../../host/text/ticks.js"
import { TIME_BITS } from "../../../shared/jls/layout.js"
import { cases, type Expected, type ExpectedSignal, goldenBytes, goldenJson, type Truth } from "./golden.js"
import { statistics } from "./reference-statistics.js"
import { type Column, hex, packedCrc, readAll } from "./samples.js"

const readable = cases.filter((name) => goldenBytes(name, "file.jls") !== null)

/** Signals whose samples the reference stored otherwise than they were given: `truth.json` says what it was given. */
const STORED_WRONG = ["bits_unaligned 1", "bits_unaligned 2", "bits_unaligned 3"]
/** Data types whose statistics the reference gets wrong: uninitialised or misread summaries. */
const WRONG_STATISTICS = ["i32", "u32", "i24", "u24"]

describe.each(readable)("golden file %s", (name) => {
  const expected = goldenJson<Expected>(name, "expected.json")
  const truth = goldenJson<Truth>(name, "truth.json") as Truth
  const open = () => openJls(memorySource(goldenBytes(name, "file.jls") as Uint8Array))

  test("opens by its lists, without any issue", async () => {
    const log = await open()
    expect(log.contents.closed).toBe(true)
    expect(log.issues.filter(({ kind }) => kind !== "gap")).toEqual([])
  })

  test("samples read through chunks are those that were written", async () => {
    const log = await open()
    const columns = await readAll(log)
    for (const written of truth.written) {
      const { values, type, first, rows } = columns.get(written.signal_id) as Column
      expect({ first, rows }).toEqual({ first: rows === 0 ? 0 : written.sample_id_first, rows: written.length })
      const same = packedCrc(type, values, rows) === written.data_crc32c
      const isStoredWrong = STORED_WRONG.includes(`${name} ${written.signal_id}`)
      if (rows > 0) expect({ signal: written.signal_id, same }).toEqual({ signal: written.signal_id, same: !isStoredWrong })
    }
  })

  test("statistics of the whole signal are those of its samples", async () => {
    const log = await open()
    const columns = await readAll(log)
    for (const { fsr } of log.signals) {
      const { values, rows } = columns.get(fsr.signal.def.id) as Column
      if (rows < 2) continue
      const numbers = Float64Array.from(values as Float64Array, Number)
      const [mean, std, min, max] = await statistics(fsr, 0, rows, 1)
      if (numbers.some(Number.isNaN)) continue
      const direct = moments(numbers)
      // The reference takes the population deviation of entries for that of a sample: up to 1/15 of D = 16 too small.
      expect(Math.abs((mean as number) - direct.mean)).toBeLessThanOrEqual(1e-6 * Math.max(Math.abs(direct.min), Math.abs(direct.max)))
      expect(Math.abs((std as number) - direct.std)).toBeLessThanOrEqual(0.05 * direct.std)
      expect([min, max]).toEqual([direct.min, direct.max])
    }
  })

  // The reference reader never returns from omit_signed.
  if (expected === null) return

  test("definitions, UTC, annotations and user data are what the reference reads", async () => {
    const { contents } = await open()
    const { sources, signals, user_data } = expected
    expect(contents.structure.sources.map(({ id, serial, ...rest }) => ({ source_id: id, serial_number: serial, ...rest }))).toEqual(
      sources,
    )
    expect(contents.structure.signals.map(({ def }) => def.id)).toEqual(signals.map(({ signal_id }) => signal_id))
    for (const signal of signals) {
      const { def, type } = contents.structure.signals.find(
        ({ def }) => def.id === signal.signal_id,
      ) as JlsLog["contents"]["structure"]["signals"][number]
      expect(def).toEqual(definition(signal))
      expect(type?.q ?? 0).toBe(signal.q)
      const first = contents.maps.get(def.id)?.first ?? 0
      expect(String(first)).toBe(signal.sample_id_offset)
      expect((contents.utc.get(def.id) ?? []).map(({ sample, utc }) => [String(sample - first), String(utc)])).toEqual(signal.utc ?? [])
      expect(annotationsOf(contents, def.id, def.type === "fsr" ? first : 0)).toEqual(signal.annotations ?? [])
      if (signal.timestamp_first === undefined) continue
      const pairs = (contents.utc.get(def.id) ?? []).map(({ sample, utc }) => ({ at: sample, ns: utc }))
      // In JLS time, as the reference gives it. Without any pair it counts from the first sample.
      const map = new TimeMap(pairs.length === 0 ? [{ at: first, ns: 0n }] : pairs, 2 ** TIME_BITS / def.rate)
      expect(String(map.nsAt(first))).toBe(signal.timestamp_first[1])
    }
    expect(contents.userData.map(({ meta, storage, data }) => ({ meta, storage, crc: sumOf(data, storage) }))).toEqual(
      user_data.map(({ chunk_meta, storage_type, crc32c: crc }) => ({ meta: chunk_meta, storage: storage_type, crc })),
    )
  })

  test("statistics are the reference's bit for bit, where it is right", async () => {
    const { signals } = await open()
    for (const { fsr } of signals) {
      const asked = expected.signals.find(({ signal_id }) => signal_id === fsr.signal.def.id)?.statistics ?? []
      const wire = fsr.signal.type?.wire ?? ""
      for (const { start, increment, count, rc, mean_std_min_max } of asked) {
        if (rc !== 0) continue
        const ours = [...(await statistics(fsr, start, increment, count))]
        const theirs = mean_std_min_max.flat().map(Number)
        if (!WRONG_STATISTICS.includes(wire)) expect(ours).toEqual(theirs)
        else if (increment > 64) expect(ours).not.toEqual(theirs)
      }
    }
  })
})

test("the tick of a row is its sample id, also when the log does not begin with it", async () => {
  const log = await openJls(memorySource(goldenBytes("offset", "file.jls") as Uint8Array))
  const survey = await log.survey()
  const found: unknown[] = []
  for await (const chunk of log.chunks()) if (chunk.first === 0) found[chunk.group] = storedTick(log.groups[chunk.group] as Group, chunk, 0)
  expect(found).toEqual([1_000_003, -500, 1600])
  expect(survey.groups.map(({ first }) => first)).toEqual(found)
})

/** The reference sums a string with its closing zero. */
function sumOf(data: Uint8Array, storage: number): string {
  return hex(crc32c(storage === 1 ? data : Buffer.concat([data, new Uint8Array(1)])))
}

function definition(signal: ExpectedSignal): unknown {
  return {
    id: signal.signal_id,
    source: signal.source_id,
    type: signal.signal_type === 1 ? "vsr" : "fsr",
    dataType: signal.data_type,
    rate: signal.sample_rate,
    samplesPerData: signal.samples_per_data,
    samplesPerEntry: signal.sample_decimate_factor,
    entriesPerSummary: signal.entries_per_summary,
    entriesPerEntry: signal.summary_decimate_factor,
    annotationsPerIndex: signal.annotation_decimate_factor,
    utcPerIndex: signal.utc_decimate_factor,
    name: signal.name,
    units: signal.units,
  }
}

function annotationsOf(contents: JlsLog["contents"], id: number, first: number): unknown[] {
  return (contents.annotations.get(id) ?? []).map(({ timestamp, type, storage, group, y, data }) => ({
    timestamp: String(timestamp - BigInt(first)),
    annotation_type: type,
    storage_type: storage,
    group_id: group,
    y: Number.isNaN(y) ? "NaN" : y,
    data_size: data.length + (storage === 1 ? 0 : 1),
    ...(storage === 1 ? { hex: Buffer.from(data).toString("hex") } : { text: Buffer.from(data).toString("utf8") }),
  }))
}

function moments(x: Float64Array): { mean: number; std: number; min: number; max: number } {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length
  const square = x.reduce((sum, v) => sum + (v - mean) ** 2, 0)
  return { mean, std: Math.sqrt(square / (x.length - 1)), min: x.reduce((a, b) => Math.min(a, b)), max: x.reduce((a, b) => Math.max(a, b)) }
}
