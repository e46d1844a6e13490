import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { writeDdff } from "../../../host/formats/ddff/write.js"
import type { WriteOptions } from "../../../host/model/format.js"
import type { Log, Loss, Wire } from "../../../host/model/log.js"
import { goldenBytes, goldenCases, type Row, readRows } from "./golden.js"
import { referenceRead } from "./reference-decoder.js"
import { type MadeGroup, madeLog } from "./synthetic.js"

async function written(log: Log, options: WriteOptions = {}): Promise<{ bytes: Uint8Array; losses: Loss[] }> {
  const sink = new MemorySink()
  const losses = await writeDdff(log, { name: "out.ddff", sink: () => sink }, options)
  return { bytes: sink.bytes().slice(), losses }
}

const imu: MadeGroup = {
  name: "imu",
  channels: [
    { name: "ax", type: "f32", unit: "m/s2", calibration: { addition: 1, divisor: 2, multiplier: 3 } },
    { name: "n", type: "i16" },
  ],
  ticks: Array.from({ length: 500 }, (_, i) => i * 10),
  columns: [Array.from({ length: 500 }, (_, i) => i / 4), Array.from({ length: 500 }, (_, i) => i - 250)],
}
const gps: MadeGroup = {
  name: "gps",
  channels: [
    { name: "lat", type: "f64" },
    { name: "raw", type: "bytes" },
    { name: "note", type: "text" },
    { name: "ok", type: "bool" },
  ],
  ticks: Array.from({ length: 50 }, (_, i) => i * 100),
  columns: [
    Array.from({ length: 50 }, (_, i) => (i % 7 === 3 ? null : 52 + i)),
    Array.from({ length: 50 }, (_, i) => new Uint8Array(i % 5).fill(i)),
    Array.from({ length: 50 }, (_, i) => "é".repeat(i)),
    Array.from({ length: 50 }, (_, i) => i & 1),
  ],
}

/** Stream and fill of the block at an offset. */
function at(bytes: Uint8Array, offset: number): { stream: number; fill: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset)
  return { stream: view.getUint16(10), fill: view.getUint32(16) }
}

describe("the ddff writer", () => {
  for (const variant of ["base", "inventory", "tagged"] as const) {
    for (const block of [29, 64, 128, 512, 4096]) {
      test(`writes the ${variant} variant in blocks of ${block} with a sound chain and the same rows`, async () => {
        const { bytes } = await written(madeLog([imu, gps]), { variant, block })
        const reference = referenceRead(bytes)
        const first = { base: 0, inventory: 1, tagged: 2 }[variant]
        const records = reference.streams.get(first)?.records as [number, number, unknown[]][]
        expect(records.map(([tick, span, data]) => [tick, span, ...data])).toEqual(
          imu.ticks.map((tick, i) => [tick, 0, imu.columns[0]?.[i], imu.columns[1]?.[i]]),
        )
        const { rows, log } = await readRows(bytes)
        expect(log.issues).toEqual([])
        expect(log.structure.variant).toBe(variant)
        expect(rows.get(first + 1)?.map(([tick]) => tick)).toEqual(gps.ticks)
      })
    }
  }

  test("gives names, units, calibration, types and the tick back through the inventory", async () => {
    const { bytes, losses } = await written(madeLog([imu, gps]))
    const log = await openDdff(memorySource(bytes), {})
    expect(log.groups.map(({ name, time, channels }) => ({ name, time, channels }))).toEqual(
      madeLog([imu, gps]).groups.map(({ name, time, channels }) => ({ name, time, channels })),
    )
    expect(losses.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
      "form: 7 missing values written as nil: DUECA reads them only into optional members, pyddff's numpy view only into floats",
    ])
  })

  test("writes numbers in the full width of their member, never an integer for a float or a negative fixint", async () => {
    const types: Wire[] = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64", "bool"]
    const one = (type: Wire) => (type === "u64" || type === "i64" ? 1n : 1)
    const group: MadeGroup = {
      name: "g",
      channels: types.map((type) => ({ name: type, type })),
      ticks: [5],
      columns: types.map((type) => [one(type)]),
    }
    const { bytes } = await written(madeLog([group]), { block: 512 })
    const at = referenceRead(bytes).streams.get(2)?.blocks[0]?.at as number
    const hex = Buffer.from(bytes.subarray(at + 28, at + 28 + 64)).toString("hex")
    const forms = "93ce0000000500" + "9b" + "cc01" + "cd0001" + "ce00000001" + "cf0000000000000001"
    expect(hex.startsWith(`${forms}d001d10001d200000001d30000000000000001ca3f800000cb3ff0000000000000c3`)).toBe(true)
  })

  test("nests groups of more than 15 channels and gives their names back unchanged", async () => {
    const names = Array.from({ length: 260 }, (_, i) => `ch${i}`)
    const group: MadeGroup = {
      name: "wide",
      channels: names.map((name) => ({ name, type: "i16" })),
      ticks: [0, 1],
      columns: names.map((_, i) => [i, -i]),
    }
    const { bytes } = await written(madeLog([group]))
    const arrays = (value: unknown): number => (Array.isArray(value) ? Math.max(value.length, ...value.map(arrays)) : 0)
    expect(arrays(referenceRead(bytes).streams.get(2)?.records[0])).toBeLessThanOrEqual(15)
    const { rows, log } = await readRows(bytes)
    expect(log.groups[0]?.channels.map(({ name }) => name)).toEqual(names)
    expect(rows.get(2)?.[1]).toEqual([1, names.map((_, i) => 0 - i)])
  })

  test("writes a tag for every recording, each pointing at its own first record", async () => {
    const ticks = [0, 10, 20, 0, 10, 0, 10, 20, 30]
    const a: MadeGroup = { name: "a", channels: [{ name: "v", type: "f64" }], ticks, columns: [ticks.map((_, i) => i)] }
    const b: MadeGroup = { name: "b", channels: [{ name: "v", type: "f64" }], ticks: [5, 15, 5], columns: [[1, 2, 3]] }
    const { bytes } = await written(madeLog([a, b]), { block: 64, label: "lap" })
    const { streams } = referenceRead(bytes)
    const tags = streams.get(1)?.records as [number[], number[], number, number, number, string, string, string][]
    expect(tags.map(([, , cycle, index0, index1, , label]) => [cycle, index0, index1, label])).toEqual([
      [0, 0, 20, "lap"],
      [1, 0, 10, "lap_000001"],
      [2, 0, 30, "lap_000002"],
    ])
    const place = (id: number, row: number) => streams.get(id)?.places[row]
    for (const [i, [rowA, rowB]] of [
      [0, 0],
      [3, 2],
      [5, -1],
    ].entries()) {
      const [offsets, inblock] = tags[i] as (typeof tags)[number]
      expect({ block: offsets[0], inblock: inblock[0] }).toEqual(place(2, rowA as number))
      // A recording without rows of the stream begins at the stream's end: pyddff wants a block of every stream.
      if ((rowB as number) >= 0) expect({ block: offsets[1], inblock: inblock[1] }).toEqual(place(3, rowB as number))
      else expect(at(bytes, offsets[1] as number)).toEqual({ stream: 3, fill: inblock[1] })
    }
  })

  test("carries the labels, times and conditions of recordings over from another ddff file", async () => {
    const { bytes, losses } = await written((await readRows(goldenBytes("cpp_tagged_128"))).log)
    expect(losses).toEqual([])
    const tags = referenceRead(bytes).streams.get(1)?.records as unknown[][]
    expect(tags.map((tag) => tag.slice(5))).toEqual([
      ["2023-11-14 22:13:20", "rec", "inco_a"],
      ["2023-11-14 23:13:20", "rec_000001", "inco_b"],
      ["2023-11-15 00:13:20", "rec_000002", "inco_a"],
    ])
  })

  for (const name of goldenCases()) {
    if (name === "empty_file") continue
    test(`${name}: written again, it has the same rows`, async () => {
      const before = await readRows(goldenBytes(name))
      const { bytes } = await written(before.log, { block: 100 })
      referenceRead(bytes)
      const after = await readRows(bytes)
      expect([...after.rows.values()].map(comparable)).toEqual([...before.rows.values()].map(comparable))
    })
  }

  test("any rows of any types come back as they were written (property)", async () => {
    const seed = 20240611
    await fc.assert(
      fc.asyncProperty(anyGroups, fc.integer({ min: 29, max: 300 }), async (groups, block) => {
        const { bytes } = await written(madeLog(groups, 7), { block })
        referenceRead(bytes)
        const { rows, log } = await readRows(bytes)
        expect(log.issues).toEqual([])
        for (const [i, group] of groups.entries()) {
          const wanted = group.ticks.map((tick, row) => [tick, group.columns.map((column) => hexed(column[row]))])
          expect(rows.get(2 + i)).toEqual(wanted)
        }
      }),
      { seed, numRuns: 60 },
    )
  })
})

/** JSON values of mixed columns may come back in other objects; bytes were made hex by `readRows`. */
function comparable(rows: Row[]): Row[] {
  return rows
}

function hexed(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  return typeof value === "bigint" && Number.isSafeInteger(Number(value)) ? Number(value) : value
}

const anyValue: Record<string, fc.Arbitrary<unknown>> = {
  u8: fc.integer({ min: 0, max: 255 }),
  i8: fc.integer({ min: -128, max: 127 }),
  u16: fc.integer({ min: 0, max: 65_535 }),
  i16: fc.integer({ min: -32_768, max: 32_767 }),
  u32: fc.integer({ min: 0, max: 0xffffffff }),
  i32: fc.integer(),
  u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  f32: fc.float(),
  f64: fc.double(),
  bool: fc.integer({ min: 0, max: 1 }),
  text: fc.string({ unit: "grapheme", maxLength: 40 }),
  bytes: fc.uint8Array({ maxLength: 300 }),
}

const anyGroup = fc
  .record({
    types: fc.array(fc.constantFrom(...(Object.keys(anyValue) as Wire[])), { minLength: 1, maxLength: 20 }),
    rows: fc.integer({ min: 0, max: 30 }),
  })
  .chain(({ types, rows }) => {
    const columns = types.map((type) =>
      fc.array(fc.option(anyValue[type] as fc.Arbitrary<unknown>, { freq: 6 }), { minLength: rows, maxLength: rows }),
    )
    return fc.tuple(...columns).map(
      (filled): Omit<MadeGroup, "name"> => ({
        channels: types.map((type, i) => ({ name: `c${i}`, type })),
        ticks: Array.from({ length: rows }, (_, i) => i * 3),
        columns: filled,
      }),
    )
  })
const anyGroups = fc
  .array(anyGroup, { minLength: 1, maxLength: 4 })
  .map((groups) => groups.map((group, i): MadeGroup => ({ ...group, name: `g${i}` })))
