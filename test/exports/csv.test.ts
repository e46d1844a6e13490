import { parse } from "csv-parse/sync"
import * as fc from "fast-check"
import { expect, test } from "vitest"
import { writeCsv } from "../../host/exports/csv.js"
import { UsageError } from "../../host/model/errors.js"
import type { WriteOptions } from "../../host/model/format.js"
import { type Case, MemoryOutput, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const
const centi = { addition: 0, divisor: 100, multiplier: 1 }

const imu: Case = {
  groups: [
    {
      name: "imu",
      time: ms,
      ticks: [0, 10, 20],
      channels: [
        { name: "ax", type: "i16", unit: "g", calibration: centi, values: [-50, 7, 1234567] },
        { name: "n", type: "u16", values: [1, null, 65535] },
      ],
    },
    { name: "temp", time: ms, ticks: [10, 15], channels: [{ name: "t", type: "f32", unit: "°C", values: [Math.fround(20.1), -0.5] }] },
  ],
}

async function csv(data: Case, options: WriteOptions = {}): Promise<string> {
  const output = new MemoryOutput("log.csv")
  await writeCsv(memoryLog(data), output, options)
  return output.text()
}

test("wide has one row per distinct time, empty where a group has no sample", async () => {
  expect(await csv(imu)).toBe(
    ["time [s],ax [g],n,t [°C]", "0.000,-0.50,1,", "0.010,0.07,,20.1", "0.015,,,-0.5", "0.020,-12.97,65535,", ""]
      .join("\n")
      .replace("-12.97", (((1234567 << 16) >> 16) / 100).toFixed(2)),
  )
})

test("two samples of one group at one time keep both their rows", async () => {
  const twice = { name: "a", time: ms, ticks: [5, 5], channels: [{ name: "x", type: "u8", values: [1, 2] }] } as const
  expect(await csv({ groups: [twice] })).toBe("time [s],x\n0.005,1\n0.005,2\n")
})

test("long has one row a value and none for a missing one", async () => {
  expect((await csv(imu, { layout: "long" })).split("\n").slice(0, 5)).toEqual([
    "time,group,channel,value,unit",
    "0.000,imu,ax,-0.50,g",
    "0.000,imu,n,1,",
    "0.010,imu,ax,0.07,g",
    "0.010,temp,t,20.1,°C",
  ])
})

test("one file a group, names that cannot leave the folder", async () => {
  const output = new MemoryOutput("lap.csv")
  const groups = ["../evil/a b", "IMU", "imu"].map((name, g) => ({
    name,
    time: ms,
    ticks: [g],
    channels: [{ name: "x", type: "u8" as const, values: [g] }],
  }))
  await writeCsv(memoryLog({ groups, known: 1 }), output, { layout: "group" })
  expect([...output.files.keys()]).toEqual(["lap.__evil_a_b.csv", "lap.IMU.csv", "lap.imu-2.csv"])
  expect(output.text("lap.imu-2.csv")).toBe("time [s],x\n0.002,2\n")
})

test("groups that turn up late have their columns", async () => {
  expect((await csv({ ...imu, known: 1 })).split("\n")[0]).toBe("time [s],ax [g],n,t [°C]")
})

test("decimal comma takes the semicolon and leaves the point to nobody", async () => {
  expect((await csv(imu, { decimal: "," })).split("\n")[2]).toBe("0,010;0,07;;20,1")
  await expect(csv(imu, { decimal: ",", separator: "," })).rejects.toThrow(UsageError)
})

test("units stand in the header, in a row of their own, or are left out and named as a loss", async () => {
  expect((await csv(imu, { units: "row" })).split("\n").slice(0, 2)).toEqual(["time,ax,n,t", "s,g,,°C"])
  const losses = await writeCsv(memoryLog(imu), new MemoryOutput(), { units: "none" })
  expect(losses.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(["form: 2 units dropped: CSV has no place for them"])
})

test("numbers never carry thousands marks and show every raw step", async () => {
  const steps: [number, number, string][] = [
    [1, 1, "1234567"],
    [100, 1, "12345.67"],
    [3, 1, "411522.33"],
    [8, 1, "154320.875"],
    [1, 1000, "1234567000"],
  ]
  for (const [divisor, multiplier, text] of steps) {
    const channel = { name: "x", type: "u32" as const, calibration: { addition: 0, divisor, multiplier }, values: [1234567] }
    expect(await csv({ groups: [{ name: "g", time: ms, ticks: [0], channels: [channel] }] })).toBe(`time [s],x\n0.000,${text}\n`)
  }
})

test("raw gives the stored integers", async () => {
  expect((await csv(imu, { raw: true })).split("\n")[1]).toBe("0.000,-50,1,")
})

test("without a tick length the first column is the tick", async () => {
  const group = {
    name: "s",
    time: { kind: "stamped", tick: 0 } as const,
    ticks: [120],
    channels: [{ name: "x", type: "f64" as const, values: [0.1] }],
  }
  expect(await csv({ groups: [group] })).toBe("tick,x\n120,0.1\n")
})

test("a fixed rate and ns ticks show their times exactly", async () => {
  const fixed = {
    name: "v",
    time: { kind: "fixed", rate: 2_000_000, offset: 0 } as const,
    channels: [{ name: "v", type: "u8" as const, values: [1, 2] }],
  }
  expect(await csv({ groups: [fixed] })).toBe("time [s],v\n0.0000000,1\n0.0000005,2\n")
  const ns = {
    name: "u",
    time: { kind: "stamped", tick: 1e-9 } as const,
    ticks: [1_700_000_000_000_000_001n, 1_700_000_000_000_000_002n],
    channels: [{ name: "u", type: "u8" as const, values: [1, 2] }],
  }
  expect(
    (await csv({ groups: [ns] }, { layout: "long" }))
      .split("\n")
      .slice(1, 3)
      .map((line) => line.split(",")[0]),
  ).toEqual(["1700000000.000000001", "1700000000.000000002"])
})

test("csv-parse reads back every text, 64-bit integer and float exactly", { tags: "slow" }, async () => {
  const text = fc.string({ unit: "binary" }).map((each) => each.replace(/\r/g, ""))
  const row = fc.record({
    text: fc.option(text),
    u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    f64: fc.double({ noNaN: true }),
    f32: fc.float({ noNaN: true }),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 20 }), fc.constantFrom(",", ";", "\t"), async (rows, separator) => {
      const channels = [
        { name: 'a,"b"\n', type: "text" as const, values: rows.map((each) => each.text) },
        { name: "u64", type: "u64" as const, values: rows.map((each) => each.u64) },
        { name: "f64", type: "f64" as const, values: rows.map((each) => each.f64) },
        { name: "f32", type: "f32" as const, values: rows.map((each) => each.f32) },
      ]
      const written = await csv({ groups: [{ name: "g", time: ms, ticks: rows.map((_, i) => i), channels }] }, { separator })
      const read: string[][] = parse(written, { delimiter: separator })
      expect(read[0]).toEqual(["time [s]", 'a,"b"\n', "u64", "f64", "f32"])
      for (const [i, want] of rows.entries()) {
        const line = read[i + 1] ?? []
        expect(line[1]).toBe(wellFormed(want.text ?? ""))
        expect(BigInt(line[2] ?? "")).toBe(want.u64)
        expect(Object.is(Number(line[3]), want.f64)).toBe(true)
        expect(Object.is(Math.fround(Number(line[4])), want.f32)).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
})

/** Half a surrogate pair has no UTF-8 form. */
function wellFormed(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8")
}

test("missing and empty text differ", async () => {
  const channels = [{ name: "x", type: "text" as const, values: ["", null, "a"] }]
  expect(await csv({ groups: [{ name: "g", time: ms, ticks: [0, 1, 2], channels }] })).toBe('time [s],x\n0.000,""\n0.001,\n0.002,a\n')
})

test("many lines hold what each sample is, also where a number is too large for the fast way", async () => {
  const n = 30_000
  const column = (group: string, type: "i16" | "i32", offset: number, calibration: typeof centi) => ({
    name: group,
    time: ms,
    ticks: Array.from({ length: n }, (_, i) => i * 3 + offset),
    channels: [
      { name: group, type, calibration, values: Array.from({ length: n }, (_, i) => (i % 17 === 0 ? null : ((i * 37) % 60_000) - 30_000)) },
    ],
  })
  const large = { addition: 0, divisor: 1e6, multiplier: 1e3 }
  const lines = (
    await csv({ groups: [column("a", "i16", 0, centi), column("b", "i32", 3, { ...centi, divisor: 1e-6 }), column("c", "i32", 1, large)] })
  ).split("\n")
  const cell = (i: number, digits: number, factor: number) =>
    i % 17 === 0 ? "" : ((((i * 37) % 60_000) - 30_000) * factor).toFixed(digits)
  expect(lines).toHaveLength(2 * n + 3)
  const time = (tick: number) => (tick / 1000).toFixed(3)
  const wrong = Array.from({ length: n - 1 }, (_, k) => k + 1).filter(
    (i) =>
      lines[2 * i + 1] !== `${time(i * 3)},${cell(i, 2, 0.01)},${cell(i - 1, 0, 1e6)},` ||
      lines[2 * i + 2] !== `${time(i * 3 + 1)},,,${cell(i, 3, 1e-3)}`,
  )
  expect(wrong).toEqual([])
})

test("groups on one grid share a row an instant, wherever the second begins", async () => {
  const values = Array.from({ length: 5000 }, (_, i) => i)
  const group = (name: string, offset: number, n: number) => ({
    name,
    time: { kind: "fixed", rate: 1000, offset } as const,
    channels: [{ name, type: "u16" as const, values: values.slice(0, n) }],
  })
  const lines = (await csv({ groups: [group("current", 0, 5000), group("voltage", 2.5, 2500)] })).trim().split("\n")
  expect(lines).toHaveLength(5001)
  expect(lines[1 + 2619]).toBe("2.619,2619,119")
})

test("with --spreadsheet, texts and names that begin as a formula does get an apostrophe, numbers never", async () => {
  const formulas = ["=1+1", "+1", "-x", "@SUM(A1)", "\tx", "\rx", "a=1", ""]
  const data: Case = {
    groups: [
      {
        name: "=g",
        time: ms,
        ticks: formulas.map((_, i) => i),
        channels: [
          { name: "=cmd()", type: "text", values: formulas },
          { name: "@n", type: "i64", unit: "-u", values: formulas.map((_, i) => BigInt(-i)) },
          { name: "f", type: "f32", values: formulas.map((_, i) => 0 - i) },
          { name: "p", type: "mixed", values: formulas.map((_, i) => 0 - i) },
        ],
      },
    ],
  }
  const guarded = parse(await csv(data, { spreadsheet: true, units: "row" })) as string[][]
  expect(guarded.slice(0, 2)).toEqual([
    ["time", "'=cmd()", "'@n", "f", "p"],
    ["s", "", "'-u", "", ""],
  ])
  expect(guarded.slice(2).map((row) => row[1])).toEqual(["'=1+1", "'+1", "'-x", "'@SUM(A1)", "'\tx", "'\rx", "a=1", ""])
  expect(guarded.slice(2).map((row) => row.slice(2).map(Number))).toEqual(formulas.map((_, i) => [0 - i, 0 - i, 0 - i]))
  const long = parse(await csv(data, { spreadsheet: true, layout: "long" })) as string[][]
  expect(long[1]).toEqual(["0.000", "'=g", "'=cmd()", "'=1+1", ""])
  expect(await csv(data)).not.toContain("'")
})

test("a float always looks like one, so that the column's type is found", async () => {
  const channels = [
    { name: "f64", type: "f64" as const, values: [0, -0, 1e15, 1e21, 0.5, Number.NaN] },
    { name: "f32", type: "f32" as const, values: [1, -2, 16777216, Math.fround(1e20), 0.25, Number.POSITIVE_INFINITY] },
    { name: "n", type: "u8" as const, values: [0, 1, 2, 3, 4, 5] },
  ]
  const data = { groups: [{ name: "g", time: { kind: "stamped", tick: 1 } as const, ticks: [0, 1.5, 2, 3, 4, 5], channels }] }
  const lines = (await csv(data)).trim().split("\n").slice(1)
  for (const line of lines) for (const cell of line.split(",").slice(0, 3)) expect(cell).toMatch(/[.eNI]/)
  expect(lines.slice(0, 3)).toEqual(["0.0,0.0,1.0,0", "1.5,-0.0,-2.0,1", "2.0,1000000000000000.0,16777216.0,2"])
  expect((await csv(data, { decimal: "," })).split("\n")[1]).toBe("0,0;0,0;1,0;0")
})

test("dates as people and programs read them, and a mark for Excel", async () => {
  const dated = { ...imu, start: 1_754_764_800_250_000_000n }
  const second = async (options: WriteOptions) =>
    (await csv(dated, options))
      .split("\n")
      .slice(0, 3)
      .map((line) => line.split(",")[0])
  expect(await second({ time: "iso" })).toEqual(["time", "2025-08-09T18:40:00.250Z", "2025-08-09T18:40:00.260Z"])
  expect(await second({ time: "utc" })).toEqual(["time [UTC]", "2025-08-09 18:40:00.250", "2025-08-09 18:40:00.260"])
  expect((await csv(dated, { time: "iso", layout: "long" })).split("\n")[1]).toBe("2025-08-09T18:40:00.250Z,imu,ax,-0.50,g")
  const [title, shown = ""] = await second({ time: "local" })
  expect(title).toBe(`time [${new Intl.DateTimeFormat().resolvedOptions().timeZone}]`)
  expect(Date.parse(shown.replace(" ", "T"))).toBe(Date.parse("2025-08-09T18:40:00.250Z"))
  const output = new MemoryOutput("log.csv")
  await writeCsv(memoryLog(dated), output, { bom: true, layout: "group" })
  for (const bytes of output.files.keys()) expect([...output.bytes(bytes).subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x74])
  await expect(csv(imu, { time: "iso" })).rejects.toThrow(UsageError)
})
