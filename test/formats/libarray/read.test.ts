import { appendFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { libarray } from "../../../host/formats/libarray/index.js"
import { readStretches, type Stretch } from "../../../host/formats/libarray/stretches.js"
import { diskFiles } from "../../../host/formats/libarray/tree.js"
import type { Chunk, Group, Log, Selection } from "../../../host/model/log.js"
import { tickOf } from "../../../host/text/ticks.js"
import { treeOf } from "./tree-of.js"

const openTree = (root: string, tz?: string) =>
  (libarray.openTree as NonNullable<typeof libarray.openTree>)(root, tz === undefined ? {} : { tz })

async function chunksOf(log: Log, selection: Selection = {}): Promise<Chunk[]> {
  const chunks: Chunk[] = []
  for await (const chunk of log.chunks(selection)) chunks.push(chunk)
  return chunks
}

const secondsOf = (chunk: Chunk) => Array.from(chunk.ticks as BigInt64Array, (tick) => Number(tick / 1_000_000_000n) % 86_400)

describe("a tree", () => {
  test("is known by its directories", async () => {
    expect(await libarray.sniffTree?.("test/golden/libarray/01_example1/tsdir")).toBe(true)
    expect(await libarray.sniffTree?.("test/golden/libarray/05_month_layout/tsdir")).toBe(true)
    expect(await libarray.sniffTree?.("test/golden")).toBe(false)
  })

  test("gives one group a series, with numbers or text", async () => {
    const log = await openTree(
      treeOf({
        "SIL/imu/2004/01/01/a": "2004-01-01 00:00:01|1 2.5\n2004-01-01 00:00:03|-3 4e2\n",
        "SIL/imu/2004/01/02/a": "2004-01-02 00:00:00.250|5 6\n",
        "SIL/met/2004/01/01/b": "2004-01-01 00:00:02|1;;nan\n2004-01-01 00:00:02.5|\n",
        "SIL/log/2004/01/01/c": "2004-01-01 00:00:02|started 1\n",
      }),
    )
    expect(log.groups.map(({ name, channels }) => [name, channels.map((channel) => channel.name)])).toEqual([
      ["SIL/imu/a", ["c1", "c2"]],
      ["SIL/log/c", ["text"]],
      ["SIL/met/b", ["c1", "c2", "c3"]],
    ])
    const chunks = await chunksOf(log)
    const imu = chunks.filter(({ group }) => group === 0)
    expect(imu.flatMap(({ columns }) => Array.from(columns[0] as Float64Array))).toEqual([1, -3, 5])
    expect(imu.flatMap(({ columns }) => Array.from(columns[1] as Float64Array))).toEqual([2.5, 400, 6])
    expect(imu.flatMap(({ ticks }) => Array.from(ticks as BigInt64Array))).toEqual([
      1072915201_000000000n,
      1072915203_000000000n,
      1073001600_250000000n,
    ])
    const met = chunks.filter(({ group }) => group === 2)
    expect(met.flatMap(({ missing }) => missing.map((flags) => (flags === null ? null : [...flags])))).toEqual([
      ...[null, [1], null],
      ...[[1], [1], [1]],
    ])
    expect(await log.survey()).toEqual({
      groups: [
        { rows: 3, first: 1072915201_000000000n, last: 1073001600_250000000n },
        { rows: 1, first: 1072915202_000000000n, last: 1072915202_000000000n },
        { rows: 2, first: 1072915202_000000000n, last: 1072915202_500000000n },
      ],
      duration: 86_399,
    })
    expect(log.issues).toEqual([])
    expect(log.start).toBe(0n)
  })

  test("delivers windows that do not overlap in time", async () => {
    const day = (seconds: number[]) => seconds.map((s) => `2004-01-01 00:00:${String(s).padStart(2, "0")}|${s}\n`).join("")
    const log = await openTree(
      treeOf({
        "N/M/2004/01/01/a": day([1, 5, 9]),
        "N/M/2004/01/01/b": day([2, 30, 40]),
        "N/M/2004/01/02/a": "2004-01-02 00:00:00|7\n",
      }),
    )
    const chunks = await chunksOf(log)
    expect(chunks.map((chunk) => [chunk.window, chunk.group, chunk.first, secondsOf(chunk)])).toEqual([
      [0, 0, 0, [1, 5, 9]],
      [0, 1, 0, [2]],
      [1, 1, 1, [30, 40]],
      [2, 0, 3, [0]],
    ])
  })

  test("a range delivers its rows with their number in the whole series", async () => {
    const log = await openTree("test/golden/libarray/03_operations/expected_tsdir")
    const start = Date.UTC(2004, 0, 1, 6, 2) / 1000
    const chunks = await chunksOf(log, { start, end: start + 3600 })
    expect(chunks.map((chunk) => [chunk.first, chunk.rows, chunk.columns[0]])).toEqual([[3, 2, ["20", "33|note"]]])
  })

  test("says what is wrong with its lines and goes on", async () => {
    const log = await openTree("test/golden/libarray/04_tolerant/tsdir")
    await log.survey()
    const of = (id: string) => log.issues.filter(({ group }) => group === `N/M/${id}`).map(({ kind, severity }) => [kind, severity])
    expect(of("blank_and_bad")).toEqual([
      ["bad-line", "error"],
      ["bad-line", "error"],
    ])
    expect(of("unsorted")).toEqual([["unsorted", "warning"]])
    expect(of("wrong_day")).toEqual([["wrong-day", "warning"]])
    expect(of("dups")).toEqual([["duplicates", "note"]])
    expect(of("crlf")).toEqual([])
  })

  test("reads latin-1 and UTF-8", async () => {
    const log = await openTree(
      treeOf({
        "N/M/2020/01/01/a": Buffer.concat([
          Buffer.from("2020-01-01 00:00:00|21\xb0C\n", "latin1"),
          Buffer.from("2020-01-01 00:00:01|21°C\n"),
        ]),
      }),
    )
    expect((await chunksOf(log)).map(({ columns }) => columns[0])).toEqual([["21°C", "21°C"]])
  })

  test("counts its times from UTC by the zone that is named", async () => {
    const root = treeOf({
      "N/M/2020/01/01/a": "2020-01-01 12:00:00|1\n",
      "N/M/2020/07/01/a": "2020-07-01 12:00:00|2\n",
    })
    const log = await openTree(root, "Europe/Berlin")
    expect(log.start).toBe(0n)
    const ticks = (await chunksOf(log)).flatMap(({ ticks }) => Array.from(ticks as BigInt64Array))
    expect(ticks).toEqual([Date.UTC(2020, 0, 1, 11), Date.UTC(2020, 6, 1, 10)].map((ms) => BigInt(ms) * 1_000_000n))
    expect(ticks.map((tick) => tickOf(log.groups[0] as Group, tick))).toEqual(["2020-01-01 12:00:00", "2020-07-01 12:00:00"])
    await expect(openTree(root, "Mars/Olympus")).rejects.toThrow("no time zone")
  })

  test("keeps the order of an hour that its clock showed twice, and counts on over one that it skipped", async () => {
    const lines = (day: string, times: readonly string[]) => times.map((time, i) => `${day} ${time}|${i + 1}\n`).join("")
    const log = await openTree(
      treeOf({
        "N/M/2026/03/29/a": lines("2026-03-29", ["01:30:00", "03:00:00", "03:30:00"]),
        "N/M/2026/10/25/a": lines("2026-10-25", ["01:30:00", "02:00:00", "02:30:00", "02:00:00", "02:30:00", "03:00:00"]),
      }),
      "Europe/Berlin",
    )
    const rows = (await chunksOf(log)).flatMap(({ ticks, columns }) =>
      Array.from(
        ticks as BigInt64Array,
        (tick, i) => `${new Date(Number(tick / 1_000_000n)).toISOString().slice(5, 16)} ${columns[0]?.[i]}`,
      ),
    )
    const spring = ["03-29T00:30 1", "03-29T01:00 2", "03-29T01:30 3"]
    const autumn = ["10-24T23:30 1", "10-25T00:00 2", "10-25T00:30 3", "10-25T01:00 4", "10-25T01:30 5", "10-25T02:00 6"]
    expect(rows).toEqual([...spring, ...autumn])
    expect(log.issues.map(({ kind }) => kind)).toEqual(["repeated-hour"])
    expect((await log.survey()).duration).toBe((Date.UTC(2026, 9, 25, 2) - Date.UTC(2026, 2, 29, 0, 30)) / 1000)
  })

  test("tells of a time that its clock never showed", async () => {
    const log = await openTree(treeOf({ "N/M/2026/03/29/a": "2026-03-29 02:30:00|1\n" }), "Europe/Berlin")
    expect(await chunksOf(log)).toMatchObject([{ ticks: BigInt64Array.of(BigInt(Date.UTC(2026, 2, 29, 1, 30)) * 1_000_000n) }])
    expect(log.issues).toMatchObject([{ kind: "skipped-hour", severity: "warning" }])
  })

  test("reports what is wrong at the same place of two days", async () => {
    const two = (day: string) => `2020-01-${day} 00:00:00|1\n2020-01-${day} 00:00:00|2\n`
    const log = await openTree(treeOf({ "N/M/2020/01/01/a": two("01"), "N/M/2020/01/02/a": two("02") }))
    for (let reading = 0; reading < 2; reading++) await chunksOf(log)
    expect(log.issues.map(({ kind, file }) => [kind, file])).toEqual([
      ["duplicates", "N/M/2020/01/01/a"],
      ["duplicates", "N/M/2020/01/02/a"],
    ])
  })

  test("is followed while it grows: only whole lines, and new days", async () => {
    const root = treeOf({ "N/M/2020/01/01/a": "2020-01-01 00:00:00|1\n2020-01-01 00:00:01|" })
    const log = await openTree(root)
    const steps = [
      () => appendFileSync(join(root, "N/M/2020/01/01/a"), "2\n2020-01-01 00:00:02|3"),
      () => {
        appendFileSync(join(root, "N/M/2020/01/01/a"), "4\n")
        mkdirSync(join(root, "N/M/2020/01/02"))
        writeFileSync(join(root, "N/M/2020/01/02/a"), "2020-01-02 00:00:00|5\n")
      },
    ]
    const follow = async () => {
      const step = steps.shift()
      step?.()
      return step !== undefined
    }
    const chunks = await chunksOf(log, { follow })
    expect(chunks.map(({ first, columns }) => [first, ...Array.from(columns[0] as Float64Array)])).toEqual([
      [0, 1],
      [1, 2],
      [2, 34],
      [3, 5],
    ])
  })
})

test("a lone day file is a log of one group", async () => {
  const bytes = new TextEncoder().encode("2004-01-01 06:01:00|1 2\n")
  expect(libarray.sniff(bytes, bytes.length)).toBe(2)
  expect(libarray.sniff(new TextEncoder().encode("hello\n"), 6)).toBe(0)
  const log = await libarray.open(memorySource(bytes, "app_1"), {})
  expect(log.groups.map(({ name }) => name)).toEqual(["app_1"])
  expect((await chunksOf(log)).map(({ columns }) => columns.map((column) => column[0]))).toEqual([[1, 2]])
})

describe("a damaged day file", () => {
  const issuesOf = async (text: string) => {
    const log = await openTree(treeOf({ "N/M/2024/05/17/K": text }))
    const chunks = await chunksOf(log)
    const rows = chunks.flatMap(({ columns }) => Array.from(columns[0] as ArrayLike<unknown>))
    return { rows, issues: log.issues.map(({ kind, severity }) => [kind, severity]) }
  }

  test("with zero bytes in a line loses that line and says so", async () => {
    const text = `2024-05-17 00:00:00|1\n2024-05-17 00:00:01|2${"\0".repeat(40)}|5 50\n2024-05-17 00:00:05|6\n`
    expect(await issuesOf(text)).toEqual({ rows: [1, 6], issues: [["bad-line", "error"]] })
  })

  test("whose last line has no end gives it, with a warning that it may be cut", async () => {
    expect(await issuesOf("2024-05-17 00:00:00|12\n2024-05-17 00:00:01|1")).toEqual({ rows: [12, 1], issues: [["no-line-end", "warning"]] })
  })

  test("with times that 64 bits of ns do not hold leaves those lines out and says so", async () => {
    const text = "1600-05-17 00:00:00|1\n2024-05-17 00:00:00|2\n2424-05-17 00:00:01|3\n"
    const { rows, issues } = await issuesOf(text)
    expect(rows).toEqual([2])
    expect(issues).toContainEqual(["beyond-time", "error"])
  })

  test("tells a lost line behind a thousand lines of another fault", async () => {
    const lines = Array.from(
      { length: 1500 },
      (_, i) => `2024-05-18 00:${String(Math.floor(i / 60)).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}|${i}\n`,
    )
    const {
      lines: { faults },
    } = [
      ...readStretches(diskFiles, {
        path: join(treeOf({ f: `${lines.join("")}no line\n` }), "f"),
        below: "f",
        firstDay: 19860,
        lastDay: 19860,
      }),
    ][0] as Stretch
    expect(faults.filter(({ kind }) => kind === "bad-line").length).toBe(1)
    expect(faults.filter(({ kind }) => kind === "wrong-day").length).toBe(1001)
    expect(faults.filter(({ kind }) => kind === "wrong-day").at(-1)?.text).toBe("500 more such lines from here on")
  })
})
