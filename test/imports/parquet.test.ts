import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { unpackLz4 } from "../../host/imports/lz4.js"
import { FormatError } from "../../host/model/errors.js"
import type { Log } from "../../host/model/log.js"
import { openSource } from "../../host/registry/open.js"
import { type Cell, cellOf } from "../conformance/expected.js"

async function golden(name: string): Promise<Log> {
  return openSource(memorySource(readFileSync(`test/golden/parquet/${name}.parquet`), `${name}.parquet`))
}

async function read(log: Log): Promise<{ seconds: number[]; columns: Record<string, Cell[]> }> {
  const group = log.groups[0]
  const tick = group?.time.kind === "stamped" ? group.time.tick : 0
  const seconds: number[] = []
  const columns: Record<string, Cell[]> = {}
  for await (const chunk of log.chunks()) {
    for (let i = 0; i < chunk.rows; i++) seconds.push(Number(chunk.ticks?.[i]) * tick)
    for (const [c, { name }] of (group?.channels ?? []).entries()) {
      const cells = (columns[name] ??= [])
      for (let i = 0; i < chunk.rows; i++) cells.push(chunk.missing[c]?.[i] === 1 ? null : cellOf(chunk.columns[c]?.[i]))
    }
  }
  return { seconds, columns }
}

test.each([
  ["ts_ns_utc", 1e-9, 9.9],
  ["us100", 1e-6, 0.0099],
  ["pandas_index", 1e-6, 9.9],
] as const)("stamps keep their unit, and pandas' index is the time: %s", async (name, tick, duration) => {
  const log = await golden(name)
  expect(log.groups[0]?.time).toEqual({ kind: "stamped", tick })
  const { seconds } = await read(log)
  expect(seconds).toHaveLength(100)
  expect(seconds[0]).toBeCloseTo(1_754_764_800, 3)
  expect((seconds[99] as number) - (seconds[0] as number)).toBeCloseTo(duration, 5)
  expect((await log.survey()).duration).toBeCloseTo(duration, 6)
  expect(log.groups[0]?.channels.map((channel) => channel.name)).toEqual(name === "pandas_index" ? ["v", "w"] : ["v"])
})

test.each(["types", "types-v1"])("every type of a flat column has the values that were written: %s", async (name) => {
  const log = await golden(name)
  expect(log.issues.map(({ text }) => text)).toEqual(["1 nested column left out: only flat ones are read"])
  const { columns } = await read(log)
  expect(columns).toMatchObject({
    d: ["2025-08-09", null, "1969-12-31", "2000-02-29"],
    dec: [1.1, -0.03, null, 12345.67],
    big: ["12345678901234567890.12", "-0.03", null, "1.00"],
    cat: ["a", "b", null, "a"],
    catf: [1.5, 2.5, null, 1.5],
    i8: [-1, 2, 3, null],
    u8: [255, 2, 3, null],
    u64: [String(2n ** 64n - 1n), 1, null, 2],
    f16: [1.5, 2, 3, null],
    bin: ["6162", "", null, "78"],
  })
  expect(Object.keys(columns)).not.toContain("element")
})

test("columns of equal names, of different types, each have their values and a name, and that is told", async () => {
  const log = await golden("equal-names")
  const { seconds, columns } = await read(log)
  expect(seconds).toEqual([0, 1])
  expect(columns).toEqual({ a: [1, 2], "a-2": [3.5, 4.5], "a-3": ["x", "y"], b: [7, 8] })
  expect(log.issues.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'renamed: renamed "a" to "a-2", and 1 more: others have the same name',
    "nested: 1 nested column left out: only flat ones are read",
  ])
})

test.each(["lz4", "brotli", "gzip", "snappy", "zstd"])("pages packed by %s are read, and times of day have their unit", async (codec) => {
  const log = await golden(`codec-${codec}`)
  expect(log.groups[0]?.channels.map(({ name, unit }) => [name, unit])).toEqual([
    ["v", ""],
    ["s", ""],
    ["at", "ms"],
    ["atn", "ns"],
  ])
  const { columns } = await read(log)
  const rows = Array.from({ length: 400 }, (_, i) => i)
  expect(columns.v).toEqual(rows.map((i) => (i % 50 === 7 ? null : cellOf(BigInt((i * i) % 97) * 2n ** 40n))))
  expect(columns.s).toEqual(rows.map((i) => `lap ${Math.floor(i / 40)} lap ${Math.floor(i / 40)}`))
  expect(columns.at).toEqual(rows.map((i) => i * 1000))
  expect(log.issues).toEqual([])
})

test("an LZ4 block with any byte changed or left out is unpacked to the promised length, or refused", () => {
  const packed = Uint8Array.from([0x41, 97, 98, 99, 100, 4, 0, 0x0f, 1, 0, 255, 10, 0x50, 49, 50, 51, 52, 53])
  const length = 4 + 5 + 4 + 15 + 265 + 5
  expect(new TextDecoder().decode(unpackLz4(packed, length))).toBe(`abcdabcda${"a".repeat(284)}12345`)
  let refused = 0
  const attempt = (bytes: Uint8Array) => {
    try {
      expect(unpackLz4(bytes, length)).toHaveLength(length)
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError)
      refused++
    }
  }
  for (let at = 0; at < packed.length; at++) {
    attempt(packed.subarray(0, at))
    for (let value = 0; value < 256; value++) attempt(packed.map((byte, i) => (i === at ? value : byte)))
  }
  expect(refused).toBeGreaterThan(1000)
})
