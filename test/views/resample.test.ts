import * as fc from "fast-check"
import { expect, test } from "vitest"
import { reshaped } from "../../host/actions/reshape.js"
import { writeCsv } from "../../host/exports/csv.js"
import { LimitError, UsageError } from "../../host/model/errors.js"
import type { WriteOptions } from "../../host/model/format.js"
import type { Log, Loss } from "../../host/model/log.js"
import { binned } from "../../host/views/bin.js"
import { type GridOptions, resample } from "../../host/views/resample.js"
import { type Case, MemoryOutput, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const

function signal(ticks: number[], values: (number | null)[], window = 0.1): Case {
  return { groups: [{ name: "g", time: ms, ticks, channels: [{ name: "x", type: "f64", values }] }], window }
}

async function grid(data: Case, options: Partial<GridOptions> = {}): Promise<(number | null)[][]> {
  const log = await resample(memoryLog(data), { rate: 10, hold: 0.25, fill: "last", ...options })
  const columns: (number | null)[][] = log.groups[0]?.channels.map(() => []) ?? []
  for await (const chunk of log.chunks()) {
    for (const [c, column] of chunk.columns.entries()) {
      for (const [i, value] of (column as Float64Array).entries()) columns[c]?.push(chunk.missing[c]?.[i] === 1 ? null : value)
    }
  }
  return columns
}

test("last holds a value up to its limit and no longer", async () => {
  expect(await grid(signal([0, 50, 100, 800], [1, 2, 3, 4]))).toEqual([[1, 3, 3, 3, null, null, null, null, 4]])
})

test("linear joins neighbours within the limit and leaves wider gaps empty", async () => {
  const values = await grid(signal([0, 200, 800], [0, 2, 8]), { fill: "linear" })
  expect(values).toEqual([[0, 1, 2, null, null, null, null, null, 8]])
})

test("mean takes the samples of the step that begins at the row", async () => {
  expect(await grid(signal([0, 40, 90, 100, 600], [1, 2, 6, 10, 5]), { fill: "mean" })).toEqual([[3, 10, 10, 10, null, null, 5]])
})

test.each(["last", "mean", "linear"] as const)("a long pause is given piece by piece (%s)", async (fill) => {
  const log = await resample(memoryLog(signal([0, 1_000_000_000], [1, 2], 2_000_000)), { rate: 1, hold: 0.25, fill })
  let [rows, most, values] = [0, 0, 0]
  for await (const chunk of log.chunks()) {
    rows += chunk.rows
    most = Math.max(most, chunk.rows)
    expect((chunk.columns[0] as Float64Array).buffer.byteLength).toBeLessThan(1e6)
    values += (chunk.columns[0] as Float64Array).reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0)
  }
  expect({ rows, values }).toEqual({ rows: 1_000_001, values: 3 })
  expect(most).toBeLessThanOrEqual(65_536)
})

test("missing values and NaN are no samples", async () => {
  expect(await grid(signal([0, 100, 200], [1, null, Number.NaN]))).toEqual([[1, 1, 1]])
})

test("windows make no difference, whatever the signal", async () => {
  const shape = fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), fc.integer({ min: -5, max: 5 })), { minLength: 1, maxLength: 40 })
  const fill = fc.constantFrom("last" as const, "mean" as const, "linear" as const)
  await fc.assert(
    fc.asyncProperty(shape, shape, fill, fc.integer({ min: 1, max: 2000 }), async (a, b, how, window) => {
      const group = (name: string, list: [number, number][]) => {
        let tick = 0
        const ticks = list.map(([step]) => (tick += step))
        return { name, time: ms, ticks, channels: [{ name, type: "f64" as const, values: list.map(([, value]) => value) }] }
      }
      const groups = [group("a", a), group("b", b)]
      const cut = await grid({ groups, window: window / 1000 }, { fill: how })
      expect(cut).toEqual(await grid({ groups }, { fill: how }))
      expect(cut[0]?.length).toBe(cut[1]?.length)
    }),
    { numRuns: 150 },
  )
})

test("a clock that jumps by years is refused with what to do", async () => {
  const log = await resample(memoryLog(signal([0, 1_700_000_000_000], [1, 2])), { rate: 100, hold: 1, fill: "last" })
  await expect(async () => {
    for await (const _ of log.chunks());
  }).rejects.toThrow(LimitError)
})

test("values whose clock goes back are counted as lost", async () => {
  const log = await resample(memoryLog(signal([0, 100, 50, 200], [1, 2, 3, 4])), { rate: 10, hold: 1, fill: "last" })
  for await (const _ of log.chunks());
  expect(log.losses.map(({ count, kind }) => [count, kind])).toEqual([[1, "values"]])
})

test("a log without tick length has no grid", async () => {
  const group = {
    name: "g",
    time: { kind: "stamped", tick: 0 } as const,
    ticks: [1],
    channels: [{ name: "x", type: "u8" as const, values: [1] }],
  }
  await expect(resample(memoryLog({ groups: [group] }), { rate: 1, hold: 1, fill: "last" })).rejects.toThrow(UsageError)
})

/** As `convert` writes CSV with these options. */
async function writeReshaped(log: Log, output: MemoryOutput, options: WriteOptions): Promise<Loss[]> {
  const rows = await reshaped(log, options)
  const lost = await writeCsv(rows.log, output, {})
  return [...rows.losses, ...lost]
}

test("CSV on a grid begins at the first sample and is labelled with its times", async () => {
  const output = new MemoryOutput()
  const losses = await writeReshaped(memoryLog(signal([1000, 1100, 1300], [1, 2, 3])), output, { rate: 10, hold: 0.15 })
  expect(output.text()).toBe("time [s],x\n1.0,1.0\n1.1,2.0\n1.2,2.0\n1.3,3.0\n")
  expect(losses).toEqual([])
})

test("max rows bins to min, mean and max, and never more rows than asked", async () => {
  const ticks = Array.from({ length: 1000 }, (_, i) => i)
  const data = signal(
    ticks,
    ticks.map((i) => (i % 10) - 4),
  )
  const output = new MemoryOutput()
  await writeReshaped(memoryLog(data), output, { maxRows: 10 })
  const lines = output.text().trimEnd().split("\n")
  expect(lines[0]).toBe("time [s],x.min,x.mean,x.max")
  expect(lines).toHaveLength(11)
  for (const line of lines.slice(1)) expect(line).toMatch(/,-4\.0,0\.\d+,5\.0$/)
  expect(await binned(memoryLog(data), 1000)).toMatchObject({ groups: [{ name: "g" }] })
})

test("annotations and UTC points of a grid belong to its one group and its rows", async () => {
  const group = (name: string) => ({ name, time: ms, ticks: [0, 1000], channels: [{ name, type: "u8" as const, values: [1, 2] }] })
  const note = { group: 1, time: 0.5, tick: 500, kind: "text", text: "here", data: null, y: null } as const
  const log = memoryLog({ groups: [group("a"), group("b")], annotations: [note], utc: [{ group: 1, tick: 501n, utc: 10_501_000_000n }] })
  const grid = await resample(log, { rate: 10, hold: 1, fill: "last" })
  expect(grid.annotations).toEqual([{ ...note, group: 0, tick: null }])
  expect(grid.utc).toEqual([{ group: 0, tick: 5n, utc: 10_500_000_000n }])
})

test("a grid and bins show no more decimals than their channel, means two more", async () => {
  const calibration = { addition: 0, divisor: 30, multiplier: 1 }
  const values = [1, 2, 4, 5]
  const log = () =>
    memoryLog({
      groups: [
        {
          name: "g",
          time: { kind: "stamped", tick: 0.1 },
          ticks: [0, 1, 2, 3],
          channels: [{ name: "x", type: "u8", calibration, values }],
        },
      ],
    })
  const text = async (options: Record<string, unknown>) => {
    const output = new MemoryOutput("x.csv")
    await writeReshaped(log(), output, options)
    return output.text().split("\n").slice(1, 3)
  }
  expect(await text({ rate: 10 })).toEqual(["0.0,0.033", "0.1,0.067"])
  expect(await text({ rate: 5, fill: "mean" })).toEqual(["0.0,0.05000", "0.2,0.15000"])
  expect(await text({ maxRows: 2 })).toEqual(["0.00,0.033,0.05000,0.067", "0.15,0.133,0.15000,0.167"])
})
