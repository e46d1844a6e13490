import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MemorySink, type Sink } from "../../../host/bytes/sink.js"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { type DataType, dataTypeCode, type JlsWire, parseDataType } from "../../../host/formats/jls/chunks/datatype.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import { figureOf } from "../../../host/plot/figure.js"
import { reduce } from "../../../host/summary/reduce.js"
import { stats } from "../../../host/summary/stats.js"
import { statistics } from "./reference-statistics.js"
import { generate } from "./replay.js"

describe("a waveform from summaries", () => {
  const samples = 40_000
  const values = Float64Array.from({ length: samples }, (_, i) => Math.sin(i / 700) * 5 + ((i * 7919) % 101) / 50)
  const logged = openJls(memorySource(write(values)))

  test("equals the samples where buckets are whole entries, and is close where they cut them", async () => {
    const log = await logged
    await fc.assert(
      fc.asyncProperty(
        fc.nat(samples - 2),
        fc.integer({ min: 1, max: samples }),
        fc.integer({ min: 1, max: 200 }),
        async (from, length, buckets) => {
          const to = Math.min(samples, from + Math.max(length, buckets))
          const reduced = await log.reduce(0, 0, from / 1000, to / 1000, buckets, "drawn")
          expect(reduced.count.reduce((a, b) => a + b, 0)).toBe(to - from)
          for (let b = 0; b < buckets; b++) {
            const a = Math.ceil(from + ((to - from) * b) / buckets - 1e-6)
            const z = Math.ceil(from + ((to - from) * (b + 1)) / buckets - 1e-6)
            expect(reduced.count[b]).toBe(z - a)
            if (z === a) continue
            const direct = moments(values.subarray(a, z))
            expect(reduced.min[b] as number).toBeLessThanOrEqual(direct.min)
            expect(reduced.max[b] as number).toBeGreaterThanOrEqual(direct.max)
            if (buckets === 1) {
              expect(reduced.mean[b]).toBeCloseTo(direct.mean, 9)
              expect(reduced.std[b]).toBeCloseTo(direct.std, 9)
              expect([reduced.min[b], reduced.max[b]]).toEqual([direct.min, direct.max])
            }
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test("statistics of one window meet a direct computation at both ends, wherever it lies", async () => {
    const { fsr } = (await logged).signals[0] as JlsLog["signals"][number]
    await fc.assert(
      fc.asyncProperty(fc.nat(samples - 2), fc.integer({ min: 2, max: samples }), async (start, length) => {
        const n = Math.min(length, samples - start)
        const [mean, std, min, max] = (await statistics(fsr, start, n, 1)) as unknown as [number, number, number, number]
        const direct = moments(values.subarray(start, start + n))
        expect(mean).toBeCloseTo(direct.mean, 9)
        expect([min, max]).toEqual([direct.min, direct.max])
        const sample = direct.std * Math.sqrt(n / (n - 1))
        // Entries hold the population deviation, which the reference weighs as that of a sample: at most 1 in D too small.
        expect(Math.abs(std - sample)).toBeLessThan(sample / 12 + 1e-9)
      }),
      { numRuns: 60 },
    )
  })

  test("is empty outside the signal, and refuses no range", async () => {
    const { count, mean } = await (await logged).reduce(0, 0, -10, 60, 7)
    expect([...count]).toEqual([0, 10_000, 10_000, 10_000, 10_000, 0, 0])
    expect(mean[0]).toBeNaN()
  })
})

const WIRES: JlsWire[] = ["u1", "u4", "u8", "u16", "u24", "u32", "u64", "i4", "i8", "i16", "i24", "i32", "i64", "f32", "f64"]

test.each(WIRES)("statistics and waveforms of %s are those of its samples, with fixed point where the type has it", async (wire) => {
  const q = wire.startsWith("f") ? 0 : 3
  const dataType = dataTypeCode(wire, q)
  const samples = generate(parseDataType(dataType) as DataType, { kind: "hash", seed: 5, value: 0, period: 0 }, 0, 20_000)
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  const factors = { samplesPerData: 512, samplesPerEntry: 16, entriesPerSummary: 320, entriesPerEntry: 10 }
  writer.signal({ id: 1, source: 0, type: "fsr", dataType, rate: 1, name: "x", units: "", ...factors })
  writer.fsr(1, 0, samples)
  writer.close()
  const log = await openJls(memorySource(sink.bytes()))
  const { fsr } = log.signals[0] as JlsLog["signals"][number]
  const numbers = Float64Array.from(samples as Float64Array, Number)
  for (const [from, to] of [
    [0, 20_000],
    [123, 19_871],
    [4096, 4130],
  ] as const) {
    const direct = moments(numbers.subarray(from, to))
    const size = Math.max(Math.abs(direct.min), Math.abs(direct.max))
    const [mean, , min, max] = (await statistics(fsr, from, to - from, 1)) as unknown as [number, number, number, number]
    expect([min, max]).toEqual([direct.min, direct.max])
    expect(Math.abs(mean - direct.mean)).toBeLessThan(1e-6 * size)
    const reduced = await log.reduce(0, 0, from, to, 1)
    expect([reduced.count[0], reduced.min[0], reduced.max[0]]).toEqual([to - from, direct.min / 2 ** q, direct.max / 2 ** q])
    expect(Math.abs((reduced.mean[0] as number) * 2 ** q - direct.mean)).toBeLessThan(1e-6 * size)
    expect(Math.abs((reduced.std[0] as number) * 2 ** q - direct.std)).toBeLessThan(1e-6 * size)
  }
})

test("rows that were never recorded count nowhere, whatever stands in their place", async () => {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  const factors = { samplesPerData: 64, samplesPerEntry: 16, entriesPerSummary: 40, entriesPerEntry: 10 }
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: dataTypeCode("i16"), rate: 1, name: "x", units: "", ...factors })
  const parts = [0, 1003, 3001].map((first) => ({ first, values: Int16Array.from({ length: 900 }, (_, i) => 500 + ((i * 37) % 101)) }))
  for (const { first, values } of parts) writer.fsr(1, first, values)
  writer.close()
  const log = await openJls(memorySource(sink.bytes()))
  const direct = moments(Float64Array.from(parts.flatMap(({ values }) => [...values])))
  const { count, mean, std, min, max } = await log.reduce(0, 0, 0, 3901, 1)
  expect([count[0], min[0], max[0]]).toEqual([2700, direct.min, direct.max])
  // Entries are stored as f32.
  expect(mean[0]).toBeCloseTo(direct.mean, 4)
  expect(std[0]).toBeCloseTo(direct.std, 4)
  expect([...(await log.reduce(0, 0, 0, 3901, 47)).min].every((least) => !(least < 500))).toBe(true)
  const [found] = await stats(log)
  expect(found).toMatchObject({ rows: 3901, count: 2700, missing: 1201, nan: 0, min: direct.min })
})

describe("exact answers", () => {
  const factors = { samplesPerData: 512, samplesPerEntry: 16, entriesPerSummary: 320, entriesPerEntry: 10 }

  test("count what is finite: summaries do not say how many samples of an entry were NaN", async () => {
    const skips = [
      [100, 103],
      [1000, 1040],
      [4000, 9000],
      [15_000, 15_001],
    ] as const
    const values = Float64Array.from({ length: 20_000 }, (_, i) => (skips.some(([a, b]) => i >= a && i < b) ? Number.NaN : i))
    for (const wire of ["f32", "f64"] as const) {
      const log = await openJls(memorySource(file({ wire, values: wire === "f32" ? Float32Array.from(values) : values })))
      const direct = moments(values.filter((v) => !Number.isNaN(v)))
      const [found] = await stats(log)
      expect(found).toMatchObject({ rows: 20_000, count: 20_000, nan: 5044, min: direct.min, max: direct.max })
      expect(found?.mean).toBeCloseTo(direct.mean, 9)
      expect(found?.std).toBeCloseTo(direct.std, 9)
      // A picture's mean may be off by the entries that hold a few, never by those that hold none.
      const drawn = await log.reduce(0, 0, 0, 20, 1, "drawn")
      expect(Math.abs((drawn.mean[0] as number) - direct.mean)).toBeLessThan(30)
      expect(Math.abs((drawn.std[0] as number) - direct.std)).toBeLessThan(30)
    }
  })

  test.each(["f32", "i16"] as const)("of %s are those of the samples in each bucket, few or many", async (wire) => {
    const raw = Float64Array.from({ length: 12_800 }, (_, i) => i + ((i * 37) % 11))
    const log = await openJls(memorySource(file({ wire, values: wire === "f32" ? Float32Array.from(raw) : Int16Array.from(raw) })))
    for (const buckets of [1, 2, 3, 4, 7, 25, 26, 400]) {
      const [group] = await reduce(log, { buckets, start: 0, end: 12.8 })
      const found = group?.channels[0]
      for (let b = 0; b < buckets; b++) {
        const direct = moments(raw.subarray(Math.ceil((12_800 * b) / buckets), Math.ceil((12_800 * (b + 1)) / buckets)))
        expect([found?.min[b], found?.max[b]]).toEqual([direct.min, direct.max])
        expect(Math.abs((found?.mean[b] ?? 0) - direct.mean)).toBeLessThan(1e-3)
        expect(Math.abs((found?.std[b] ?? 0) - direct.std)).toBeLessThan(1e-3)
      }
    }
  })

  test("do not change with another signal whose ids are near 2^40", async () => {
    const raw = Int16Array.from({ length: 12_800 }, (_, i) => i)
    const alone = await openJls(memorySource(file({ wire: "i16", values: raw })))
    const both = await openJls(memorySource(file({ wire: "i16", values: raw }, { wire: "i16", values: raw, first: 2 ** 40 - 77 })))
    expect((await stats(both))[0]).toEqual((await stats(alone))[0])
    expect({ ...(await stats(both))[1], channel: "x1" }).toEqual({ ...(await stats(alone))[0], channel: "x1", group: "x2" })
    expect(await both.reduce(0, 0, 0, 12.8, 4)).toEqual(await alone.reduce(0, 0, 0, 12.8, 4))
    const start = (2 ** 40 - 77) / 1000
    expect(await both.reduce(1, 0, start, start + 12.8, 4)).toEqual(await alone.reduce(0, 0, 0, 12.8, 4))
    const [, far] = await reduce(both, { buckets: 4 })
    expect(far?.channels[0]?.count[3]).toBe(12_800)
    expect(far?.channels[0]?.mean[3]).toBeCloseTo(6399.5, 3)
  })

  /** Signals x1, x2 ... at 1 kHz. */
  function file(...signals: { wire: JlsWire; values: Int16Array | Float32Array | Float64Array; first?: number }[]): Uint8Array {
    const sink = new MemorySink()
    const writer = new JlsWriter(sink)
    for (const [i, { wire, values, first = 0 }] of signals.entries()) {
      const dataType = dataTypeCode(wire)
      writer.signal({ id: i + 1, source: 0, type: "fsr", dataType, rate: 1000, name: `x${i + 1}`, units: "", ...factors })
      writer.fsr(i + 1, first, values)
    }
    writer.close()
    return sink.bytes()
  }
})

test("opening a file of 1 GB and drawing all of it reads no more than 64 KiB beside the summaries drawn", {
  timeout: 60_000,
  tags: "slow",
}, async () => {
  const { source, bytes, size } = largeFile("f32", 262_144_000)
  expect(size).toBeGreaterThan(1e9)
  const log = await openJls(source)
  const opening = bytes()
  const reduced = await log.reduce(0, 0, 0, 262.144, 1000, "drawn")
  expect(reduced.count.reduce((a, b) => a + b, 0)).toBe(262_144_000)
  expect(reduced.mean.every((mean) => mean === 0.25)).toBe(true)
  // Entries of level 3; and for the exact end a SUMMARY of levels 2 and 1 and a DATA chunk.
  const answer = (262_144_000 / (128 * 20 * 20)) * 16 + 2 * 640 * 16 + 8192 * 4
  expect(opening).toBeLessThan(16 * 1024)
  expect(bytes()).toBeLessThan(64 * 1024 + answer)
  // A plot asks the same way.
  const before = bytes()
  await figureOf(log, { buckets: 1000 })
  expect(bytes() - before).toBeLessThan(64 * 1024 + answer)
  expect(log.issues).toEqual([])
})

test("exact figures of 1 GB of integers need no more than the ends, and a DATA chunk at each edge of a bucket", {
  timeout: 60_000,
}, async () => {
  const { source, bytes } = largeFile("i16", 524_288_000)
  const log = await openJls(source)
  const opening = bytes()
  expect((await stats(log))[0]).toMatchObject({ count: 524_288_000, mean: 7, std: 0 })
  expect(bytes() - opening).toBeLessThan(256 * 1024)
  const before = bytes()
  const [group] = await reduce(log, { buckets: 100 })
  expect(group?.channels[0]?.count.reduce((a, b) => a + b, 0)).toBe(524_288_000)
  expect(bytes() - before).toBeLessThan(100 * 128 * 1024 + 1024 * 1024)
})

/**
 * A file of constant samples, as its writer would leave it, of which only the chunks other than DATA are kept: all DATA
 * chunks hold the same samples, so they are made again when they are read.
 */
function largeFile(wire: "f32" | "i16", samples: number): { source: Source; size: number; bytes: () => number } {
  const block = wire === "f32" ? new Float32Array(8192).fill(0.25) : new Int16Array(16_384).fill(7)
  const sink = new SparseSink(new Uint8Array(block.buffer))
  const writer = new JlsWriter(sink)
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: dataTypeCode(wire), rate: 1_000_000, name: "i", units: "A" })
  for (let id = 0; id < samples; id += block.length) writer.fsr(1, id, block)
  writer.close()
  let bytes = 0
  const source: Source = {
    name: "large.jls",
    size: sink.size,
    async read(at, length) {
      bytes += length
      return sink.read(at, length)
    },
    async refresh() {
      return sink.size
    },
    async close() {},
  }
  return { source, size: sink.size, bytes: () => bytes }
}

/** Keeps what is not a DATA chunk, and of those the start. */
class SparseSink implements Sink {
  size = 0
  private readonly parts: { at: number; bytes: Uint8Array; length: number }[] = []

  constructor(private readonly samples: Uint8Array) {}

  write(bytes: Uint8Array): void {
    const kept = bytes.length > 30_000 ? 48 : bytes.length
    const part = bytes.slice(0, kept)
    this.parts.push({ at: this.size, bytes: kept === bytes.length ? part : Buffer.concat([part, bytes.slice(-8)]), length: bytes.length })
    this.size += bytes.length
  }

  patch(at: number, bytes: Uint8Array): void {
    const part = this.partAt(at)
    part.bytes.set(bytes, at - part.at)
  }

  read(at: number, length: number): Uint8Array {
    const out = new Uint8Array(Math.min(length, this.size - at))
    for (let p = at; p < at + out.length; ) {
      const part = this.partAt(p)
      out.set(this.whole(part).subarray(p - part.at, at + out.length - part.at), p - at)
      p = part.at + part.length
    }
    return out
  }

  close(): void {}
  abort(): void {}

  private whole({ bytes, length }: { bytes: Uint8Array; length: number }): Uint8Array {
    return bytes.length === length ? bytes : Buffer.concat([bytes.subarray(0, 48), this.samples, bytes.subarray(48)])
  }

  private partAt(at: number): { at: number; bytes: Uint8Array; length: number } {
    let low = 0
    let high = this.parts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.parts[middle] as { at: number }).at <= at) low = middle
      else high = middle
    }
    return this.parts[low] as { at: number; bytes: Uint8Array; length: number }
  }
}

function write(values: Float64Array): Uint8Array {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  const factors = { samplesPerData: 64, samplesPerEntry: 12, entriesPerSummary: 40, entriesPerEntry: 10 }
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: 0x4004, rate: 1000, name: "x", units: "", ...factors })
  writer.fsr(1, 0, values)
  writer.close()
  return sink.bytes()
}

function moments(x: Float64Array): { mean: number; std: number; min: number; max: number } {
  const mean = x.reduce((sum, v) => sum + v, 0) / x.length
  const square = x.reduce((sum, v) => sum + (v - mean) ** 2, 0)
  const divisor = x.length
  return { mean, std: Math.sqrt(square / divisor), min: x.reduce((a, b) => Math.min(a, b)), max: x.reduce((a, b) => Math.max(a, b)) }
}
