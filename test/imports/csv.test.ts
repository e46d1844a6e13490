import { parse } from "csv-parse/sync"
import * as fc from "fast-check"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import type { Log } from "../../host/model/log.js"
import { openSource } from "../../host/registry/open.js"

type Bytes = string | Uint8Array

async function opened(content: Bytes, options: { tz?: string } = {}): Promise<Log> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content
  return openSource(memorySource(bytes, "b.csv"), options)
}

/** Everything in a table, a missing cell as null. */
async function read(content: Bytes, options: { tz?: string } = {}) {
  const log = await opened(content, options)
  const ticks: (number | bigint)[] = []
  const columns: Record<string, unknown[]> = {}
  const channels = log.groups[0]?.channels ?? []
  for (const { name } of channels) columns[name] = []
  for await (const chunk of log.chunks()) {
    ticks.push(...(chunk.ticks ?? []))
    for (const [c, { name }] of channels.entries()) {
      const values = Array.from(chunk.columns[c] as ArrayLike<unknown>, (value, i) => (chunk.missing[c]?.[i] === 1 ? null : value))
      columns[name]?.push(...values)
    }
  }
  const issues = log.issues.map(({ kind, severity }) => `${severity} ${kind}`)
  const units = channels.map(({ unit }) => unit)
  return { start: log.start, time: log.groups[0]?.time, units, types: channels.map(({ type }) => type), ticks, columns, issues }
}

describe("rows that are not as the header says are told", () => {
  test("cells beyond the header are left out, cells that are not there are missing", async () => {
    const { columns, issues, ticks } = await read("time [s],a\n0,1\n0.1,2,3,4\n0.2\n")
    expect({ columns, ticks }).toEqual({ columns: { a: [1, 2, null] }, ticks: [0, 0.1, 0.2] })
    expect(issues).toEqual(["error long-row", "warning short-row"])
  })

  test("a separator at the end of every line is no cell", async () => {
    expect((await read("time,a,\n0,1,\n1,2,\n")).issues).toEqual([])
    expect((await read("time,a\n0,1,\n1,2,\n")).issues).toEqual([])
  })

  test("a quote that is never closed, or closed in the middle of a cell, is a character", async () => {
    expect(await read('time [s],"v\n0,1\n0.1,2\n')).toMatchObject({ columns: { '"v': [1, 2] }, issues: ["error bad-quote"] })
    expect(await read('time,n\n0,"a"b\n1,5" pipe\n2,"c"\n')).toMatchObject({
      columns: { n: ['"a"b', '5" pipe', "c"] },
      issues: ["error bad-quote"],
    })
  })

  test("a cell of words among numbers is missing, words for a missing number are too", async () => {
    const rows = Array.from({ length: 200_000 }, (_, i) => `${i},${i === 199_999 ? "0x10" : i % 2 === 0 ? "N/A" : i}`)
    const { columns, issues, types } = await read(`time,x\n${rows.join("\n")}\n`)
    expect([types[0], columns.x?.[0], columns.x?.[1], columns.x?.[199_999]]).toEqual(["f64", null, 1, null])
    expect(issues).toEqual(["error no-number"])
  })
})

describe("what stands before the rows", () => {
  test("lines of facts, with and without #, are passed over and told", async () => {
    const digilent = "#Digilent\n#Device Name: X\n#Date: 2021, 4\n\nTime (s),Channel 1 (V)\n-0.1,-0.01\n-0.05,2e-3\n"
    expect(await read(digilent)).toMatchObject({
      ticks: [-0.1, -0.05],
      columns: { "Channel 1": [-0.01, 0.002] },
      units: ["V"],
      issues: ["note preamble"],
    })
    const motec =
      '"Format","MoTeC CSV File",,,"Workbook",""\r\n"Sample Rate","10.000","Hz"\r\n\r\n"Time","RPM","Speed"\r\n"s","rpm","km/h"\r\n\r\n"0.000","900","0.0"\r\n"0.100","950","0.5"\r\n'
    expect(await read(motec)).toMatchObject({
      ticks: [0, 0.1],
      columns: { RPM: [900, 950], Speed: [0, 0.5] },
      units: ["rpm", "km/h"],
      issues: ["note preamble"],
    })
  })

  test("a row of units below the names", async () => {
    expect(await read("time,current,n\nms,A,\n0,1.5,1\n1,2.5,2\n")).toMatchObject({
      ticks: [0, 1],
      time: { kind: "stamped", tick: 0.001 },
      columns: { current: [1.5, 2.5], n: [1, 2] },
      units: ["A", ""],
      issues: [],
    })
  })

  test("names behind a # as numpy writes them, and none at all", async () => {
    expect(await read("# time,a\n0,1\n1,2\n")).toMatchObject({ ticks: [0, 1], columns: { a: [1, 2] } })
    expect(await read("5,1\n6,2\n")).toMatchObject({ columns: { c1: [5, 6], c2: [1, 2] }, issues: ["warning no-header"] })
  })

  test("a line that names the separator, as Excel reads it", async () => {
    expect(await read("sep=;\r\ntime;a\r\n0;1,5\r\n1;2,5\r\n")).toMatchObject({ ticks: [0, 1], columns: { a: [1.5, 2.5] } })
  })
})

describe("times", () => {
  test.each([
    ["Time (msec)", 1e-3],
    ["time_us", 1e-6],
    ["t [ns]", 1e-9],
    ["Time [min]", 60],
  ])("%s", async (title, tick) => {
    expect(await read(`${title},a\n0,1\n5,2\n`)).toMatchObject({ ticks: [0, 5], time: { kind: "stamped", tick } })
  })

  test("dates with a zone count from the first row, which is the log's start", async () => {
    const want = { start: 1_754_764_800_250_000_000n, ticks: [0n, 1_000_000_001n], issues: [] }
    expect(await read("timestamp,v\n2025-08-09 18:40:00.250+00:00,1\n2025-08-09T20:40:01.250000001+02:00,2\n")).toMatchObject(want)
    expect(await read("id,at,v\n7,2025-08-09T18:40:00.25Z,1\n8,2025-08-09T18:40:01.250000001Z,2\n")).toMatchObject(want)
  })

  test("dates without a zone are a clock without one, and UTC with --tz", async () => {
    const text = "when,v\n2025-08-09 18:40,1\n2025-08-09 18:41,2\n"
    const naive = await read(text)
    expect(naive).toMatchObject({
      time: { kind: "stamped", tick: 1e-9, naive: true },
      ticks: [1_754_764_800_000_000_000n, 1_754_764_860_000_000_000n],
    })
    expect((await read(text, { tz: "Europe/Berlin" })).ticks[0]).toBe(1_754_757_600_000_000_000n)
  })

  test("Date and Time in two columns are one time", async () => {
    for (const [first, second] of [
      ["Date,Time,a", "9.8.2025,18:40:00.5,1"],
      ["Date,Time,a", "08/09/2025,6:40:00.5 PM,1"],
      ["Time,Date,a", "18:40:00.5,2025-08-09,1"],
    ]) {
      const { ticks, columns } = await read(`${first}\n${second}\n`)
      expect({ first, ticks, columns }).toEqual({ first, ticks: [1_754_764_800_500_000_000n], columns: { a: [1] } })
    }
  })

  test("a date that can be read both ways is told, one that cannot decides for all", async () => {
    expect((await read("Date,a\n8/9/2025,1\n")).issues).toEqual(["warning date-order"])
    expect(await read("Date,a\n8/9/2025,1\n13/9/2025,2\n")).toMatchObject({
      issues: [],
      ticks: [1_757_289_600_000_000_000n, 1_757_721_600_000_000_000n],
    })
  })

  test("a time of day goes on behind midnight", async () => {
    expect((await read("Time,a\n23:59:59.5,1\n0:00:00.5,2\n")).ticks).toEqual([86_399_500_000_000n, 86_400_500_000_000n])
  })

  test("ns beyond what f64 holds are kept", async () => {
    expect((await read("time [s],a\n1700000000.000000001,1\n1700000000.000000002,2\n")).ticks).toEqual([
      1_700_000_000_000_000_001n,
      1_700_000_000_000_000_002n,
    ])
    expect((await read("tick,a\n9007199254740993,1\n9007199254740995,2\n")).ticks).toEqual([9_007_199_254_740_993n, 9_007_199_254_740_995n])
  })

  test("times that are none are left out and told: thousands marks, another zone, days that do not exist", async () => {
    for (const bad of [
      'Time,Value\n"1,000","10"\n"1,100","20"\n',
      "time,v\n2025-02-30 00:00:00Z,1\n2025-02-28 00:00:00Z,2\n",
      "time,v\n2025-02-28 00:00:00Z,1\n2025-02-28 00:00:00,2\n",
    ]) {
      expect((await read(bad)).issues).toContain("error no-time")
    }
  })
})

describe("an integer is never rounded", () => {
  test("beyond 2^53 a column has 64 bits, or is text", async () => {
    const { types, columns } = await read(
      "time,i,u,t,f\n0,9007199254740993,18446744073709551615,36893488147419103233,1e300\n1,-1,,1.5,123456789012345680000\n",
    )
    expect(types).toEqual(["i64", "u64", "text", "f64"])
    expect(columns).toEqual({
      i: [9_007_199_254_740_993n, -1n],
      u: [2n ** 64n - 1n, null],
      t: ["36893488147419103233", "1.5"],
      f: [1e300, 123456789012345680000],
    })
  })

  test("a counter that is large only at the file's end has 64 bits too; one in the middle is told", async () => {
    const rows = (at: number) =>
      Array.from({ length: 200_000 }, (_, i) => `${i},${i >= at && i < at + 9000 ? `900719925474${1000 + (i % 9000)}` : i}`)
    const end = await read(`time,n\n${rows(191_000).join("\n")}\n`)
    expect([end.types[0], end.columns.n?.[199_999], end.issues]).toEqual(["i64", BigInt(`900719925474${1000 + (199_999 % 9000)}`), []])
    expect((await read(`time,n\n${rows(150_000).join("\n")}\n`)).issues).toEqual(["error too-large"])
  })
})

describe("encodings", () => {
  const text = "time [s],T [°C]\n0,1.5\n1,2.5\n"
  const utf16 = (mark: string, isBig: boolean) => {
    const bytes = new Uint8Array(Buffer.from(mark + text, "utf16le"))
    return isBig ? new Uint8Array(Buffer.from(bytes).swap16()) : bytes
  }
  test.each([
    ["UTF-8 with a mark", new TextEncoder().encode(`\ufeff${text}`)],
    ["UTF-16 with a mark", utf16("\ufeff", false)],
    ["UTF-16 without one", utf16("", false)],
    ["UTF-16, high byte first", utf16("\ufeff", true)],
    ["UTF-16, high byte first, without a mark", utf16("", true)],
    ["Windows-1252", new Uint8Array(Buffer.from(text, "latin1"))],
    ["lines that end in CR", new TextEncoder().encode(text.replaceAll("\n", "\r"))],
  ])("%s", async (_, bytes) => {
    expect(await read(bytes)).toMatchObject({ ticks: [0, 1], columns: { T: [1.5, 2.5] }, units: ["°C"] })
  })
})

test("cells of any text are what csv-parse makes of them, whatever the separator", async () => {
  const cell = fc.oneof(fc.string({ unit: fc.constantFrom('"', ",", ";", "\n", "\r\n", " ", "a", "ü") }), fc.constantFrom("", "a", "a b"))
  const quoted = (text: string) => (/["\n\r,;]|^$|^ | $/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(",", ";", "\t"),
      async (rows, separator) => {
        const text = `time${separator}a${separator}b\n${rows.map((row, i) => [i, ...row.map(quoted)].join(separator)).join("\n")}\n`
        const want: string[][] = parse(text, { delimiter: separator, record_delimiter: ["\r\n", "\n"] })
        const { columns } = await read(text)
        expect(columns).toEqual({ a: want.slice(1).map((row) => row[1]), b: want.slice(1).map((row) => row[2]) })
      },
    ),
    { numRuns: 100 },
  )
})

test("no text is an error of another kind than a LogError", async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: fc.constantFrom('"', ",", ";", "\n", "\r", " ", "1", "t", ":", "-", "\0", "#") }), async (text) => {
      const log = await opened(text).catch((error: Error) => error)
      if (log instanceof Error) expect(log.name).toMatch(/FormatError|LimitError/)
      else for await (const _ of log.chunks());
    }),
    { numRuns: 500 },
  )
})

test("columns of equal names, with their units aside, get a number, and that is told", async () => {
  const found = await read("time,a [m],a [s],b\n0,1,2,3\n1,4,5,6\n")
  expect(found.columns).toEqual({ a: [1, 4], "a-2": [2, 5], b: [3, 6] })
  expect([found.units, found.issues]).toEqual([["m", "s", ""], ["warning renamed"]])
})
