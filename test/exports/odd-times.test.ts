import { tableFromIPC } from "apache-arrow"
import { expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import type { WriteOptions } from "../../host/model/format.js"
import type { Loss, TimeBase } from "../../host/model/log.js"
import { instantsOf, NO_INSTANT } from "../../host/model/time.js"
import { openSource } from "../../host/registry/open.js"
import { targetFor } from "../../host/registry/targets.js"
import { MemoryOutput, memoryLog } from "../conformance/cases.js"
import { logsOf } from "../conformance/way-back.js"

const ms: TimeBase = { kind: "stamped", tick: 0.001 }
const START = 1_700_000_000_000_000_000n
const FAR = 9_300_000_000_000_000_000n
const even = (n: number, from = 0) => Array.from({ length: n }, (_, i) => from + i * 100)

function log(start: bigint | null, ticks: (number | bigint)[], time = ms) {
  const x = { name: "x", type: "u32", values: ticks.map((_, i) => i) } as const
  return memoryLog({ start, groups: [{ name: "g", time, ticks, channels: [x] }] })
}

async function written(target: string, source: ReturnType<typeof log>, options: WriteOptions = {}) {
  const output = new MemoryOutput(`log.${target}`)
  const losses = await targetFor("", target).write(source, output, options)
  return { output, losses, bytes: () => output.bytes(), text: () => output.text() }
}

/** Value and ns since 1970 of each row of a log in memory; null where the row has no time. */
async function rowsOf(output: MemoryOutput, target: string): Promise<[number, bigint | null][]> {
  const rows: [number, bigint | null][] = []
  for (const read of await logsOf(target, output)) {
    for await (const chunk of read.chunks()) {
      const group = read.groups[chunk.group] as (typeof read.groups)[number]
      const c = group.channels.findIndex(({ name }) => name !== "time")
      for (const [i, ns] of instantsOf(read, group, chunk).entries()) {
        rows.push([Number(chunk.columns[c]?.[i]), ns === NO_INSTANT ? null : ns])
      }
    }
  }
  return rows
}

const kinds = (losses: readonly Loss[]) => losses.filter(({ kind }) => kind !== "form").map(({ kind, count }) => [kind, count])
const at = (tick: number) => START + BigInt(tick) * 1_000_000n

test("instants are whole ns where ticks are, and none for what is no time or beyond 64 bits", () => {
  const instants = async (start: bigint | null, ticks: (number | bigint)[], time = ms) => {
    const source = log(start, ticks, time)
    for await (const chunk of source.chunks()) return [...instantsOf(source, source.groups[0] as (typeof source.groups)[0], chunk)]
    return []
  }
  return Promise.all([
    expect(instants(START, [2 ** 33 + 200, 0.5, Number.NaN, Number.NEGATIVE_INFINITY])).resolves.toEqual([
      START + (2n ** 33n + 200n) * 1_000_000n,
      START + 500_000n,
      NO_INSTANT,
      NO_INSTANT,
    ]),
    expect(instants(FAR, [0, 1e12])).resolves.toEqual([NO_INSTANT, NO_INSTANT]),
    expect(instants(FAR, [-200_000_000_000])).resolves.toEqual([FAR - 200_000_000_000_000_000n]),
    expect(instants(0n, [32_768n * 10n ** 9n + 1n], { kind: "stamped", tick: 1 / 32768 })).resolves.toEqual([10n ** 18n + 30_518n]),
    expect(instants(START, [7, 7.5, Number.NaN], { kind: "stamped", tick: 0 })).resolves.toEqual([7n, 8n, NO_INSTANT]),
  ])
})

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  "a row at %s is never at the log's start: it is left out, or its time is empty, and told",
  async (wild) => {
    const ticks = [wild, ...even(3), wild, ...even(3, 300)]
    const times = even(6).map(at)
    const influx = await written("influx", log(START, ticks))
    expect([...influx.text().matchAll(/ (\d+)$/gm)].map(([, ns]) => BigInt(ns as string))).toEqual(times)
    expect(kinds(influx.losses)).toEqual([["rows", 2]])
    expect(kinds((await written("mcap", log(START, ticks))).losses)).toEqual([["rows", 2]])
    expect(kinds((await written("libarray", log(START, ticks))).losses)).toEqual([["rows", 2]])
    expect(kinds((await written("meteor", log(START, ticks))).losses)).toEqual([["rows", 2]])
    for (const layout of ["wide", "group", "long"]) {
      const arrow = await written("arrow", log(START, ticks), { time: "utc", layout })
      expect(kinds(arrow.losses)).toEqual([["values", 2]])
      const [name] = arrow.output.files.keys()
      const column = tableFromIPC(arrow.output.bytes(name)).getChild("time")
      expect(column?.nullCount).toBe(2)
      expect([column?.isValid(0), column?.isValid(1)]).toEqual([false, true])
      const parquet = await written("parquet", log(START, ticks), { time: "utc", layout })
      expect(kinds(parquet.losses)).toEqual([["values", 2]])
      const read = await openSource(memorySource(parquet.output.bytes([...parquet.output.files.keys()][0]), "x.parquet"), {})
      expect((await read.survey()).groups[0]).toMatchObject({ rows: 6 })
    }
  },
)

test("the writers of btsf, ddff and JLS take rows without a time, the first one too", async () => {
  for (const ticks of [
    [Number.NaN, ...even(9, 100)],
    [...even(5), Number.NaN, ...even(4, 600)],
  ]) {
    const btsf = await written("btsf", log(START, ticks))
    expect(await rowsOf(btsf.output, "btsf")).toEqual(ticks.map((tick, i) => [i, Number.isNaN(tick) ? null : at(tick)]))
    const ddff = await written("ddff", log(START, ticks))
    const [read] = await logsOf("ddff", ddff.output)
    expect((await read?.survey())?.groups[0]?.rows).toBe(10)
    for await (const { rows } of (read as NonNullable<typeof read>).chunks()) expect(rows).toBe(10)
    expect(read?.issues.filter(({ kind }) => kind === "no-time")).toMatchObject([
      { severity: "error", text: expect.stringContaining("1 rows whose tick is no number") },
    ])
    const jls = await written("jls", log(START, ticks))
    expect(jls.losses).toMatchObject([{ kind: "values", count: 1 }])
    expect(await rowsOf(jls.output, "jls")).toEqual(Array.from({ length: 10 }, (_, i) => [i, at(i * 100)]))
  }
})

test("one wild stamp costs JLS no time of a row behind it", async () => {
  const jls = await written("jls", log(START, [...even(10), 1e12, ...even(10, 1100)]))
  expect(jls.losses).toMatchObject([{ kind: "values", count: 1 }])
  expect(await rowsOf(jls.output, "jls")).toEqual(even(21).map((tick, i) => [i, at(tick)]))
})

test.each([
  ["the first stamp", [1e12, ...even(10)], [0]],
  ["a stamp before all others", [...even(10, 1.7e12), 0, ...even(10, 1.7e12 + 1000)], [10]],
  ["a stamp after all others", [...even(10), 1e12, ...even(10, 1000)], [10]],
  ["a clock that was set back by years", [...even(10, 1.7e12), ...even(10)], [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
])("Meteor wraps no stamp, and leaves out no row but the wild ones: %s", async (_, ticks, left) => {
  const { output, losses } = await written("meteor", log(START, ticks))
  expect(kinds(losses)).toEqual([["rows", left.length]])
  expect(await rowsOf(output, "meteor")).toEqual(ticks.flatMap((tick, i) => (left.includes(i) ? [] : [[i, at(tick)]])))
})

test("a step back leaves no row out in silence", async () => {
  const ticks = [...even(8, 100_000), ...even(8, 100_300)]
  for (const target of ["csv", "ndjson"]) expect((await written(target, log(START, ticks))).text().match(/\b100\.3/g)).toHaveLength(2)
  for (const target of ["btsf", "meteor"]) {
    expect(await rowsOf((await written(target, log(START, ticks))).output, target)).toEqual(ticks.map((tick, i) => [i, at(tick)]))
  }
  expect((await written("influx", log(START, ticks))).losses).toMatchObject([
    { kind: "form", count: 1, text: expect.stringContaining("InfluxDB keeps one point") },
    { kind: "form", count: 4, text: expect.stringContaining("a tag part") },
  ])
  expect(kinds((await written("jls", log(START, ticks))).losses)).toEqual([["values", 4]])
  for (const target of ["mlg", "msl", "motec"]) expect(kinds((await written(target, log(START, ticks))).losses)).toEqual([["values", 4]])
})

test.each(["influx", "mcap", "mf4", "mlg"])(
  "%s counts from 1970, and says so of a log that does not say when it started",
  async (target) => {
    const told = ({ losses }: { losses: readonly Loss[] }) => losses.filter(({ text }) => text.includes("does not say when it started"))
    expect(told(await written(target, log(null, even(4))))).toMatchObject([{ kind: "form", count: 1 }])
    expect(told(await written(target, log(START, even(4))))).toEqual([])
  },
)

test("a start that a target has no place for is a loss, never another start", async () => {
  for (const [target, start] of [
    ["mf4", -1n],
    ["mf4", 2n ** 64n],
    ["mlg", -1_000_000_000n],
    ["mlg", 2n ** 32n * 10n ** 9n],
    ["jls", 2n ** 64n],
    ["meteor", FAR],
  ] as const) {
    const { losses } = await written(target, log(start, even(4)))
    expect([target, losses.some(({ text }) => /start.* dropped/.test(text))]).toEqual([target, true])
  }
  for (const target of ["motec", "msl"]) expect((await written(target, log(10n ** 25n, even(4)))).text()).not.toMatch(/NaN|Invalid/)
  const jls = await written("jls", log(FAR, even(4)))
  expect(jls.losses).toEqual([])
  const [read] = await logsOf("jls", jls.output)
  expect(read?.start).toBe(FAR)
})
