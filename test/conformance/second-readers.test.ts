import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import type { Target } from "../../host/model/format.js"
import { isNumeric } from "../../host/model/wire.js"
import { targets } from "../../host/registry/targets.js"
import { needsPeers } from "../needs.js"
import { type CaseChannel, type CaseGroup, MemoryOutput } from "./cases.js"
import { type Cell, caseLog, cellOf, timeOf } from "./expected.js"
import { formatReaders } from "./format-readers.js"
import { nasty } from "./nasty.js"
import { exportReaders, type Found, type SecondReader } from "./second-readers.js"

/** How a target differs from the source, and the losses that tell it. */
interface Differences {
  /** A value as the target declares to keep it; undefined where it keeps none. Default: as it is. */
  readonly keep?: (cell: Cell, channel: CaseChannel) => Cell | undefined
  /** Channels that it leaves out. */
  readonly leavesOut?: (channel: CaseChannel) => boolean
  /** Rows of a channel that others stand for. */
  readonly rows?: "grid"
  /** What readers find in an integer channel where a value is missing. */
  readonly hole?: Cell
  /** Texts of the losses that tell all this, and that tell what a target has no place for. Every loss is one of these. */
  readonly told: readonly RegExp[]
}

const finite = (cell: Cell) => (cell === "NaN" || cell === "Infinity" || cell === "-Infinity" ? undefined : cell)
const renamed = /^renamed /
const start = /start time dropped/
const units = /units dropped/
const isText = ({ type }: CaseChannel) => !isNumeric(type)
const hasValue = ({ values }: CaseChannel) => values.length > 0

/** What channels are called where a group has a name of its own: of rows in the order of time, a reader cannot tell the channels' order. */
const NAMES = [
  ...["JS220-001.current/current", "JS220-002.current/current"],
  ...["x", "x-2", "X", "driver 🏎", "bytes", "id", "time", "epoch"].map((name) => `lap 🏁/${name}`),
  ...["empty/none", "gaps/gap"],
]

/** MLG, MSL and MoTeC: numbers as f64 at equal steps, the last of equal stamps, no NaN. */
const grid: Differences = {
  rows: "grid",
  leavesOut: (channel) => isText(channel) || !hasValue(channel),
  keep: (cell) => (finite(cell) === undefined ? undefined : Number(cell)),
  told: [
    /text channels left out/,
    /64-bit integers rounded to f64/,
    /put on a grid/,
    /without a value left out/,
    /hold the first sample/,
    /no number left out/,
    /stands in the same row/,
    renamed,
  ],
}

const differences: Readonly<Record<string, Differences>> = {
  csv: { told: [renamed, start] },
  tsv: { told: [renamed, start] },
  ndjson: { told: [renamed, start, units] },
  parquet: { told: [renamed] },
  arrow: { told: [renamed] },
  mcap: { keep: (cell, channel) => (isText(channel) ? cell : finite(cell)), told: [renamed, /NaN and no infinities/] },
  mat: { keep: (cell) => cell, told: [renamed, /missing values written as NaN/] },
  hdf5: { told: [renamed, /missing values written as NaN/] },
  mf4: { told: [renamed, /written as hex digits/] },
  sqlite: { keep: (cell) => (cell === "NaN" ? undefined : cell), told: [renamed, /stored as NULL/, /stored as text/] },
  influx: {
    keep: (cell, channel) => (isText(channel) ? cell : finite(cell)),
    told: [renamed, units, /NaN and no infinities/, /rows moved by 1 ns/, /at least one value/],
  },
  // Values beyond 2^63 are cut, which is told.
  mlg: {
    ...grid,
    keep: (cell) => (finite(cell) === undefined ? undefined : Math.min(Number(cell), 2 ** 63)),
    told: [...grid.told, /rounded to f32/, /cut to what 64 bits/],
  },
  msl: grid,
  motec: grid,
  meteor: {
    leavesOut: isText,
    keep: finite,
    told: [/dropped: Meteor has integers only/, renamed, /start is cut to 1 ms/],
  },
  ddff: { told: [renamed, start, /missing values written as nil/] },
  btsf: { leavesOut: isText, told: [renamed, /numbers only/, /rows without a value are NaN/] },
  jls: { hole: 0, told: [renamed, /stored as annotations/, /marked as gaps, in which other readers find 0/] },
  // Of the cells between two texts of any length nothing can be told apart.
  libarray: {
    leavesOut: ({ name, values, type }) => values.length === 0 || type === "text" || name === "bytes",
    told: [renamed, units, /no line end/, /written as nan/, /names dropped/, /without rows left out/, /cannot be told apart/],
  },
}

const readers = { ...exportReaders, ...formatReaders }
const all = targets()

test("every target has a second reader, and says how it differs", () => {
  const names = all.map(({ name }) => name).sort()
  expect(Object.keys(readers).sort()).toEqual(names)
  expect(Object.keys(differences).sort()).toEqual(names)
})

describe("a nasty log", needsPeers(), () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-nasty-"))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(all.map(({ name }) => name))("%s: a second reader finds every value, or the difference is told", async (name) => {
    const target = all.find((each) => each.name === name) as Target
    const how = differences[name] as Differences
    const output = new MemoryOutput(`nasty${target.extensions[0] ?? ""}`)
    const losses = await target.write(caseLog(nasty), output, {})
    const files = [...output.files.keys()].map((file) => join(folder, name, file))
    for (const [i, sink] of [...output.files.values()].entries()) {
      mkdirSync(dirname(files[i] as string), { recursive: true })
      writeFileSync(files[i] as string, sink.bytes())
    }
    const found = await (readers[name] as SecondReader)(join(folder, name, output.name), nasty.start as bigint, files)
    if (found.every((each) => NAMES.includes(each.name))) found.sort((a, b) => NAMES.indexOf(a.name) - NAMES.indexOf(b.name))
    const names = found.map((each) => each.name)
    expect(new Set(names).size, names.join(", ")).toBe(names.length)

    const wanted = nasty.groups.flatMap((group) => group.channels.map((channel) => ({ group, channel })))
    const kept = wanted.filter(({ channel }) => how.leavesOut?.(channel) !== true)
    // A target of rows has no word for a channel without any.
    const there = found.length < kept.length ? kept.filter(({ channel }) => hasValue(channel)) : kept
    expect(found, names.join(", ")).toHaveLength(there.length)
    for (const [i, { group, channel }] of there.entries()) {
      const { times, cells } = found[i] as Found
      const want = rowsOf(group, channel, how)
      const got = cells.map((cell, k) => ({ time: times[k] as number, cell }))
      if (how.rows === "grid") expectOnGrid(got, want, channel, name)
      else expectRows(got, want, channel, how)
    }
    expect(losses.filter(({ text }) => !how.told.some((told) => told.test(text)))).toEqual([])
    expect(how.told.filter((told) => !losses.some(({ text }) => told.test(text)))).toEqual([])
  })
})

interface At {
  readonly time: number
  readonly cell: Cell
}

function rowsOf(group: CaseGroup, channel: CaseChannel, { keep = (cell) => cell }: Differences): At[] {
  return channel.values.flatMap((value, i) => {
    const cell = value === null ? undefined : keep(cellOf(value), channel)
    return cell === undefined ? [] : [{ time: timeOf(group, i), cell }]
  })
}

/** NaN, or what the target says, where a value is missing is not in the source, and stands for nothing. */
function expectRows(got: readonly At[], want: readonly At[], channel: CaseChannel, { hole = "NaN" }: Differences): void {
  const there = channel.values.includes(null) ? got.filter(({ cell }) => cell !== hole) : got
  expect(there.map(({ cell }) => plain(cell, channel))).toEqual(want.map(({ cell }) => plain(cell, channel)))
  for (const [i, { time }] of there.entries()) expect(time, channel.name).toBeCloseTo(want[i]?.time as number, 6)
}

/** Each row of the source stands in the row of the grid at its time; of rows at one time, the last. */
function expectOnGrid(got: readonly At[], want: readonly At[], channel: CaseChannel, target: string): void {
  const last = want.filter(({ time }, i) => want[i + 1]?.time !== time)
  const near = (a: number) => got.find(({ time }) => Math.abs(time - a) < 1e-6)?.cell ?? null
  const single = target === "mlg" && channel.type.startsWith("f")
  const step = single ? 2 ** -4 : 0
  for (const { time, cell } of last) {
    const found = near(time)
    if (step > 0) expect(Math.abs(Number(found) - Number(cell)), channel.name).toBeLessThanOrEqual(Math.max(1e-6, step))
    else expect(plain(Number(found), channel), channel.name).toBe(plain(Number(cell), channel))
  }
}

/** A number as text is that number; a float of 32 bits is what a double of its digits rounds to. */
function plain(cell: Cell, { type }: CaseChannel): Cell {
  if (!isNumeric(type) || cell === null) return cell
  if (/^[ui](56|64)$/.test(type) && typeof cell === "string") return cell
  return type === "f32" ? String(Math.fround(Number(cell))) : String(Number(cell))
}
