import { parse } from "csv-parse/sync"
import { describe, expect, test } from "vitest"
import { writeMlg } from "../../host/exports/mlg.js"
import { writeMotec } from "../../host/exports/motec.js"
import { writeMsl } from "../../host/exports/msl.js"
import type { WriteOptions, Writer } from "../../host/model/format.js"
import { targetFor } from "../../host/registry/targets.js"
import { type Case, MemoryOutput, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const
const lap: Case = {
  name: "lap 1",
  start: 1_700_000_000_000_000_000n,
  groups: [
    {
      name: "ecu",
      time: ms,
      ticks: [0, 100, 200, 300, 1000],
      channels: [
        { name: "rpm", type: "u16", unit: "1/min", values: [0, 800, 65535, 1200, 4321] },
        {
          name: "temp",
          type: "i16",
          unit: "°C",
          calibration: { addition: -400, divisor: 10, multiplier: 1 },
          values: [400, 651, 652, 653, 1234],
        },
      ],
    },
    {
      name: "gps",
      time: ms,
      ticks: [0, 200],
      channels: [{ name: "v", type: "f32", unit: "km/h", values: [Math.fround(0.1), Math.fround(99.9)] }],
    },
  ],
  annotations: [{ group: null, time: 0.25, tick: 250, kind: "vertical", text: "lap", data: null, y: null }],
}

async function write(writer: Writer, options: WriteOptions = {}): Promise<{ bytes: Buffer; losses: string[] }> {
  const output = new MemoryOutput()
  const losses = await writer(memoryLog({ ...lap, window: 0.15 }), output, options)
  return { bytes: Buffer.from(output.bytes()), losses: losses.map(({ kind, text }) => `${kind}: ${text}`) }
}

/** A decoder of MLG version 2 of its own: fields by 89 bytes, blocks by their first byte, checksums held. */
function readMlg(bytes: Buffer) {
  expect(bytes.subarray(0, 6).toString("latin1")).toBe("MLVLG\0")
  expect(bytes.readUInt16BE(6)).toBe(2)
  const text = (at: number, length: number) =>
    bytes
      .subarray(at, at + length)
      .toString("utf8")
      .replace(/\0.*$/s, "")
  const fields = Array.from({ length: bytes.readUInt16BE(22) }, (_, f) => {
    const at = 24 + 89 * f
    return {
      type: bytes[at] as number,
      name: text(at + 1, 34),
      unit: text(at + 35, 10),
      scale: bytes.readFloatBE(at + 46),
      transform: bytes.readFloatBE(at + 50),
    }
  })
  const length = bytes.readUInt16BE(20)
  const records: number[][] = []
  const markers: string[] = []
  const counters: number[] = []
  let at = bytes.readUInt32BE(16)
  while (at < bytes.length) {
    counters.push(bytes[at + 1] as number)
    if (bytes[at] === 1) {
      markers.push(`${records.length} ${text(at + 4, 50)}`)
      at += 54
      continue
    }
    let place = at + 4
    records.push(
      fields.map(({ type, scale, transform }) => {
        if (type === 6) {
          place += 8
          return (Number(bytes.readBigInt64BE(place - 8)) + transform) * scale
        }
        const read = { 2: "readUInt16BE", 3: "readInt16BE", 4: "readUInt32BE", 5: "readInt32BE", 7: "readFloatBE" } as const
        const raw = bytes[read[type as keyof typeof read]](place)
        place += type <= 3 ? 2 : 4
        return (raw + transform) * scale
      }),
    )
    expect(place).toBe(at + 4 + length)
    expect(bytes[place]).toBe(bytes.subarray(at + 4, place).reduce((sum, each) => (sum + each) & 0xff, 0))
    at = place + 1
  }
  expect(at).toBe(bytes.length)
  return { fields, records, markers, counters, unix: bytes.readUInt32BE(8), info: text(bytes.readUInt32BE(12), 100) }
}

test("MLG reads back: integers by scale and transform, a Time field, a marker", async () => {
  const { bytes, losses } = await write(writeMlg, { rate: 10, hold: 0.25 })
  const read = readMlg(bytes)
  expect(read.fields.map(({ name, unit, type }) => `${name} ${unit} ${type}`)).toEqual(["Time s 7", "rpm 1/min 2", "temp °C 3", "v km/h 7"])
  expect(read.records.map(([time]) => time)).toEqual(Array.from({ length: 11 }, (_, i) => Math.fround(i / 10)))
  expect(read.records.map(([, rpm]) => rpm)).toEqual([0, 800, 65535, 1200, 1200, 1200, 1200, 1200, 1200, 1200, 4321])
  for (const [i, temp] of [0, 25.1, 25.2, 25.3].entries()) expect(read.records[i]?.[2]).toBeCloseTo(temp, 4)
  expect(read.records[2]?.[3]).toBe(Math.fround(99.9))
  expect(read.markers).toEqual(["3 lap"])
  expect(read.counters).toEqual(Array.from({ length: 12 }, (_, i) => i))
  expect([read.unix, read.info]).toEqual([1_700_000_000, "lap 1"])
  expect(losses).toEqual(["form: 14 cells without a sample hold the value before: MLG has no empty cell"])
})

test("MLG takes the fastest group's usual rate when none is given: a pause does not slow it", async () => {
  expect(readMlg((await write(writeMlg)).bytes).records).toHaveLength(11)
})

test("MSL has names, units, tabs and marks", async () => {
  const { bytes } = await write(writeMsl, { rate: 10 })
  expect(bytes.toString().split("\n").slice(0, 9)).toEqual([
    '"fieldlog: lap 1"',
    '"Capture Date: 2023-11-14T22:13:20.000Z"',
    "Time\trpm\ttemp\tv",
    "s\t1/min\t°C\tkm/h",
    "0.000\t0\t0.0\t0.1",
    "0.100\t800\t25.1\t0.1",
    "0.200\t65535\t25.2\t99.9",
    "MARK 001 - lap",
    "0.300\t1200\t25.3\t99.9",
  ])
})

test("MoTeC CSV has its head, units, constant rate, beacons, and csv-parse reads it", async () => {
  const { bytes, losses } = await write(writeMotec, { rate: 10, driver: 'A "B"' })
  const rows = parse(bytes.toString(), { relax_column_count: true, skip_empty_lines: true }) as string[][]
  expect(rows[0]).toEqual(["Format", "MoTeC CSV File", "", "", "Workbook", "", ""])
  expect(rows[3]?.[1]).toBe("A 'B'")
  expect(rows[6]?.slice(0, 2)).toEqual(["Log Date", "14/11/2023"])
  expect(rows[8]?.slice(0, 7)).toEqual(["Sample Rate", "10.000", "Hz", "", "End Time", "1.000", "s"])
  expect(rows[11]).toEqual(["Beacon Markers", "0.250"])
  expect(rows[12]).toEqual(["Time", "rpm", "temp", "v"])
  expect(rows[13]).toEqual(["s", "1/min", "°C", "km/h"])
  expect(rows.slice(14).map(([time]) => time)).toEqual(Array.from({ length: 11 }, (_, i) => (i / 10).toFixed(3)))
  expect(rows[16]?.slice(1)).toEqual(["65535", "25.2", "99.9"])
  expect(losses[0]).toMatch(/beacon markers/)
})

/** One channel begins late, and one never has a value. */
const late: Case = {
  name: "late",
  start: null,
  groups: [
    { name: "a", time: ms, ticks: [0, 100, 200, 300, 400], channels: [{ name: "speed", type: "u16", values: [500, 501, 502, 503, 504] }] },
    {
      name: "b",
      time: ms,
      ticks: [200, 400],
      channels: [
        { name: "rpm", type: "u16", values: [9000, 9002] },
        { name: "dead", type: "f32", values: [undefined, undefined] },
      ],
    },
  ],
}

describe("before a channel's first sample stands that sample, never a 0, and that is a loss of values", () => {
  const rpm = [9000, 9000, 9000, 9000, 9002]
  test.each([
    ["MoTeC CSV", writeMotec, (bytes: Buffer) => rowsOf(bytes, ",", 14).map((cells) => Number(cells[2]))],
    ["MSL", writeMsl, (bytes: Buffer) => rowsOf(bytes, "\t", 3).map((cells) => Number(cells[2]))],
    ["MLG", writeMlg, (bytes: Buffer) => readMlg(bytes).records.map((record) => record[2])],
  ])("%s", async (target, writer, read) => {
    for (const window of [10, 0.15]) {
      const output = new MemoryOutput()
      const losses = await writer(memoryLog({ ...late, window }), output, { rate: 10 })
      expect(read(Buffer.from(output.bytes()))).toEqual(rpm)
      expect(losses.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
        "values: 2 values that are no number left out: a grid takes them for missing ones",
        `values: 2 cells hold the first sample of their channel, which comes later: ${target} has no empty cell`,
        `form: 1 channel without a value left out: ${target} has no empty cell`,
        ...(target === "MLG" ? ["form: the log does not say when it started: in MLG its times count from 1970-01-01"] : []),
      ])
    }
  })

  function rowsOf(bytes: Buffer, delimiter: string, from: number): string[][] {
    return (parse(bytes.toString(), { delimiter, relax_column_count: true, skip_empty_lines: true }) as string[][]).slice(from)
  }
})

test("the longest extension says what is written", () => {
  expect(targetFor("a/lap.motec.csv").name).toBe("motec")
  expect(targetFor("a/lap.CSV").name).toBe("csv")
})

test("seconds since 1970 leave the times of MLG, MSL and MoTeC CSV apart, and the losses say where they begin", async () => {
  const ticks = Array.from({ length: 20 }, (_, i) => 1_600_000_000_000 + i * 10)
  const epoch: Case = {
    name: "epoch",
    start: null,
    groups: [
      {
        name: "a",
        time: ms,
        ticks,
        channels: [
          { name: "t", type: "f64", values: ticks.map((tick) => tick / 1000) },
          { name: "n", type: "i64", values: ticks.map(BigInt) },
        ],
      },
    ],
  }
  const times = {
    mlg: async () => {
      const output = new MemoryOutput()
      const losses = await writeMlg(memoryLog(epoch), output, {})
      expect(losses.map(({ text }) => text)).toContain("times count from the first row, which is at 1600000000 s of the log")
      const { records } = readMlg(Buffer.from(output.bytes()))
      expect(records.map(([, t]) => Number(t?.toFixed(4)))).toEqual(ticks.map((tick) => tick / 1000))
      expect(records.map(([, , n]) => n)).toEqual(ticks)
      return records.map(([time]) => time)
    },
    msl: async () => {
      const output = new MemoryOutput()
      await writeMsl(memoryLog(epoch), output, {})
      return output
        .text()
        .trim()
        .split("\n")
        .slice(3)
        .map((line) => Math.fround(Number(line.split("\t")[0])))
    },
  }
  const want = ticks.map((_, i) => Math.fround(i / 100))
  expect(await times.mlg()).toEqual(want)
  expect(await times.msl()).toEqual(want)
})
