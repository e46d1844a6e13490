import { createHash } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { chunkEnd, headerFields, trackTag } from "../../../host/formats/jls/chunks/chunks.js"
import { dataTypeCode, type JlsWire, parseDataType } from "../../../host/formats/jls/chunks/datatype.js"
import { jls } from "../../../host/formats/jls/index.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import type { Values } from "../../../host/model/log.js"
import { KIND_SUMMARY, TRACK_FSR } from "../../../shared/jls/layout.js"
import { cases, goldenBytes, goldenJson, sha256, type Truth } from "./golden.js"
import { statistics } from "./reference-statistics.js"
import { callsOf, generate, replay } from "./replay.js"
import { type Column, packedCrc, readAll } from "./samples.js"

/** Files that the reference filled with bytes of its own memory: summaries of 24-bit signals, corrupted bits. */
const NOT_DETERMINISTIC = ["dtype_u24", "dtype_i24", "bits_unaligned"]
const FILES: Record<string, string> = { truncated: "unclosed.jls", truncated_l1: "unclosed.jls" }

describe("replaying the calls in reference mode", () => {
  test.each(cases.filter((name) => name !== "corrupt" && !NOT_DETERMINISTIC.includes(name)))("%s gives the reference's bytes", (name) => {
    const file = FILES[name] ?? "file.jls"
    const ours = replay(callsOf(name), { reference: true })
    const theirs = goldenBytes(name, file)
    if (theirs !== null) {
      expect(ours.length).toBe(theirs.length)
      expect(firstDifference(ours, theirs)).toBe(-1)
    }
    expect(createHash("sha256").update(ours).digest("hex")).toBe(sha256[`${name}/${file}`])
  })
})

describe("24-bit signals in reference mode", () => {
  test.each(["dtype_u24", "dtype_i24"])("%s differs in nothing but the reference's uninitialised summaries", (name) => {
    const ours = replay(callsOf(name), { reference: true })
    const theirs = goldenBytes(name, "file.jls") as Uint8Array
    expect(ours.length).toBe(theirs.length)
    const summary = trackTag(TRACK_FSR, KIND_SUMMARY)
    let summaries = 0
    for (let at = 32; at < ours.length; ) {
      const header = headerFields(ours.subarray(at), at)
      if (header === null) throw new Error(`no header at ${at}`)
      const end = header.tag === summary ? at + 32 : chunkEnd(header)
      if (header.tag === summary) summaries++
      expect(firstDifference(ours.subarray(at, end), theirs.subarray(at, end))).toBe(-1)
      at = chunkEnd(header)
    }
    expect(summaries).toBeGreaterThan(3)
  })
})

describe("replaying the calls with the defects put right", () => {
  test.each(cases.filter((name) => name !== "corrupt"))("%s holds every sample that was given", async (name) => {
    const calls = callsOf(name).filter(({ op }) => op !== "close")
    const log = await openJls(memorySource(replay([...calls, { op: "close" }], {})))
    expect(log.contents.closed).toBe(true)
    expect(log.issues.filter(({ kind }) => kind !== "gap")).toEqual([])
    const columns = await readAll(log)
    const truth = goldenJson<Truth>(name, "truth.json") as Truth
    for (const { signal_id, length, data_crc32c } of truth.written) {
      const { values, type, rows } = columns.get(signal_id) as Column
      expect(rows).toBe(length)
      if (rows > 0) expect(packedCrc(type, values, rows)).toBe(data_crc32c)
    }
    // Summaries of 24-bit signals and of 64-bit floats are in the file and right: nothing had to be computed anew.
    for (const { fsr } of log.signals)
      await fsr.entries.read(1, 0, Math.floor((fsr.map.end - fsr.map.first) / fsr.signal.def.samplesPerEntry))
    expect(log.issues.filter(({ kind }) => kind !== "gap")).toEqual([])
  })

  test("a gap is marked, so that its filling is not taken for data", async () => {
    const log = await openJls(memorySource(replay(callsOf("gaps"), {})))
    const columns = await readAll(log)
    for (const { fsr, gaps } of log.signals) {
      const { missing, first } = columns.get(fsr.signal.def.id) as Column
      expect(gaps.length).toBeGreaterThan(0)
      const marked = gaps.reduce((sum, gap) => sum + gap.end - gap.first, 0)
      expect(missing?.reduce((sum, m) => sum + m, 0)).toBe(marked)
      for (const gap of gaps) expect(missing?.slice(gap.first - first, gap.end - first)).not.toContain(0)
    }
    expect(log.issues.every(({ kind }) => kind === "gap")).toBe(true)
    expect(log.annotations).toEqual([])
  })

  test("a gap is filled along a line when that is asked for", async () => {
    const sink = new MemorySink()
    const writer = new JlsWriter(sink)
    const signal = { source: 0, type: "fsr", rate: 1, units: "" } as const
    writer.signal({ ...signal, id: 1, name: "f", dataType: dataTypeCode("f32") })
    writer.signal({ ...signal, id: 2, name: "i", dataType: dataTypeCode("i16") })
    // Longer than a chunk of rows: the line goes on in the next one.
    for (const id of [1, 2]) {
      const Column = id === 1 ? Float32Array : Int16Array
      writer.fsr(id, 0, Column.of(1, 2, 10))
      writer.fsr(id, 5, Column.of(40, 50))
      writer.fsr(id, 200_007, Column.of(250))
    }
    writer.close()
    const log = (await jls.open(memorySource(sink.bytes()), { gaps: "interpolate" })) as JlsLog
    for (const column of (await readAll(log)).values()) {
      expect([...column.values.slice(0, 7)]).toEqual([1, 2, 10, 20, 30, 40, 50])
      expect(column.values[100_007]).toBeCloseTo(150, 0)
      expect(column.values[200_006]).toBeCloseTo(250, 0)
      expect(column.missing).toBeNull()
    }
    expect(log.issues.filter(({ kind }) => kind === "gap")).toHaveLength(4)
  })

  test("the samples behind the last summary entry are in the tree", async () => {
    const log = await openJls(memorySource(replay(callsOf("tail_data"), {})))
    for (const { fsr } of log.signals) {
      const rows = fsr.map.end - fsr.map.first
      const [, , min, max] = await statistics(fsr, 0, rows, 1)
      expect(Number.isFinite(min) && Number.isFinite(max)).toBe(true)
    }
  })
})

describe("a file depends on its samples alone", () => {
  const wires: JlsWire[] = ["u1", "u4", "u8", "u16", "u24", "u32", "u64", "i4", "i8", "i16", "i24", "i32", "i64", "f32", "f64"]
  test.each(wires)("any split of %s into calls, with repeated ids, gives the same bytes", (wire) => {
    const type = parseDataType(dataTypeCode(wire))
    if (type === null) throw new Error(wire)
    const samples = 3000
    const all = generate(type, { kind: "hash", seed: 1, value: 0, period: 0 }, 0, samples)
    const write = (splits: readonly { from: number; to: number }[], omit: boolean) => {
      const sink = new MemorySink()
      const writer = new JlsWriter(sink)
      const factors = { samplesPerData: 256, samplesPerEntry: 16, entriesPerSummary: 40, entriesPerEntry: 10 }
      writer.signal({ id: 1, source: 0, type: "fsr", dataType: dataTypeCode(wire), rate: 100, name: "x", units: "", ...factors })
      writer.omit(1, omit)
      for (const { from, to } of splits) writer.fsr(1, 7 + from, (all as Float64Array).slice(from, to) as Values)
      writer.close()
      return sink.bytes()
    }
    const whole = [write([{ from: 0, to: samples }], false), write([{ from: 0, to: samples }], true)]
    const cut = fc.array(fc.nat(samples), { maxLength: 12 })
    fc.assert(
      fc.property(cut, fc.nat(40), fc.boolean(), (cuts, overlap, omit) => {
        const at = [0, ...cuts.sort((a, b) => a - b), samples]
        const splits = at.slice(1).map((to, i) => ({ from: Math.max(0, (at[i] as number) - overlap), to }))
        expect(firstDifference(write(splits, omit), whole[omit ? 1 : 0] as Uint8Array)).toBe(-1)
      }),
      { numRuns: 15 },
    )
  })
})

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  if (Buffer.compare(a, b) === 0) return -1
  return a.findIndex((byte, i) => byte !== b[i])
}
