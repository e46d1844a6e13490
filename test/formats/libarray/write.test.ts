import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { libarray } from "../../../host/formats/libarray/index.js"
import { writeTree } from "../../../host/formats/libarray/write.js"
import { FileOutput } from "../../../host/io/output.js"
import type { Chunk, Group, Log } from "../../../host/model/log.js"
import { rowTimes } from "../../../host/model/time.js"
import { physicalColumn } from "../../../host/model/values.js"
import { type Case, cases, memoryLog } from "../../conformance/cases.js"
import { contentOf, emptyRoot } from "./tree-of.js"

async function written(log: Log, options = {}) {
  const root = join(emptyRoot(), "tree")
  const output = new FileOutput(root, { folder: true })
  const losses = await writeTree(log, output, options)
  output.commit()
  return { root, losses, texts: losses.map(({ text }) => text) }
}

const openTree = (root: string) => (libarray.openTree as NonNullable<typeof libarray.openTree>)(root, {})

async function rowsOf(log: Log, g: number): Promise<{ times: number[]; columns: number[][] }> {
  const times: number[] = []
  const columns: number[][] = []
  for await (const chunk of log.chunks({ groups: [g] }) as AsyncIterable<Chunk>) {
    times.push(...rowTimes(log.groups[g] as Group, chunk))
    for (const [c, values] of chunk.columns.entries()) {
      const physical = physicalColumn(values, log.groups[g]?.channels[c]?.calibration ?? null, chunk.missing[c] ?? null)
      if (physical !== null) columns[c] = [...(columns[c] ?? []), ...physical]
    }
  }
  return { times, columns }
}

describe.each(Object.entries(cases).filter(([name]) => name !== "text"))("the case %s", (name, data: Case) => {
  test("becomes a tree that reads back equal, and what is lost is said", async () => {
    const log = memoryLog(data)
    const { root, texts } = await written(log, { net: "SIL", method: "imu" })
    expect(texts).toMatchSnapshot()
    if (name === "no samples" || name === "no tick length") {
      expect(contentOf(join(root, ".."))).toEqual({})
      return
    }
    const back = await openTree(root)
    expect(back.groups.length).toBe(log.groups.length)
    for (const [g, group] of log.groups.entries()) {
      const expected = await rowsOf(log, g)
      const other = back.groups.findIndex(
        (each) => each.name === `SIL/imu/${group.name.normalize("NFKD").replace(/[^A-Za-z0-9._-]+/g, "_")}`,
      )
      const got = await rowsOf(back, other)
      const base = Number(log.start ?? 0n) / 1e9
      const inOrder = [...expected.times.keys()].sort((a, b) => (expected.times[a] as number) - (expected.times[b] as number) || a - b)
      // An f32 is written with the digits that an f32 needs.
      const asStored = got.columns.map((column, c) => (group.channels[c]?.type === "f32" ? column.map(Math.fround) : column))
      expect(asStored).toEqual(expected.columns.map((column) => inOrder.map((i) => column[i])))
      for (const [i, k] of inOrder.entries()) expect(got.times[i]).toBeCloseTo(base + (expected.times[k] as number), 5)
    }
    expect(back.issues.filter(({ severity }) => severity === "error")).toEqual([])
  })
})

test("lines are written as a user expects them", async () => {
  const log = memoryLog({
    start: BigInt(Date.UTC(2004, 0, 1, 23, 59, 59)) * 1_000_000n,
    groups: [
      {
        name: "imu",
        time: { kind: "stamped", tick: 0.001 },
        ticks: [0, 500, 1000],
        channels: [
          { name: "a", type: "i16", values: [1, -2, 3], calibration: { addition: 0, divisor: 100, multiplier: 1 } },
          { name: "b", type: "f32", values: [Math.fround(0.1), null, 2] },
          { name: "c", type: "u64", values: [1n, 2n, 18446744073709551615n] },
        ],
      },
    ],
  })
  const { root, losses } = await written(log, { net: "SIL", method: "x" })
  expect(contentOf(root)).toEqual({
    "SIL/x/2004/01/01/imu": "2004-01-01 23:59:59.0|0.01 0.1 1\n2004-01-01 23:59:59.5|-0.02 nan 2\n",
    "SIL/x/2004/01/02/imu": "2004-01-02 00:00:00.0|0.03 2 18446744073709551615\n",
  })
  expect(losses.every(({ kind }) => kind === "form")).toBe(true)
  const cut = await written(log, { net: "SIL", method: "x", fraction: "0", separator: ";", tz: "Europe/Berlin" })
  expect(contentOf(cut.root)).toEqual({
    "SIL/x/2004/01/02/imu":
      "2004-01-02 00:59:59|0.01;0.1;1\n2004-01-02 00:59:59|-0.02;nan;2\n2004-01-02 01:00:00|0.03;2;18446744073709551615\n",
  })
  expect(cut.texts).toContain("SIL/x/imu: 1 times cut to 0 digits of a second")
})

test("texts keep to their line", async () => {
  const { root, texts } = await written(memoryLog(cases.text as Case), { net: "N", method: "M" })
  const lines = Object.values(contentOf(root))[0]?.split("\n") as string[]
  expect(lines.length).toBe(5)
  expect(lines[2]).toContain('say "hi"  01 3.5 3')
  expect(texts).toContain("N/M/notes: 1 texts changed: a line holds no line end and no NUL")
})

test("a tree becomes a tree with the same names", async () => {
  const { root } = await written(await openTree("test/golden/libarray/03_operations/expected_tsdir"))
  expect(contentOf(root)).toEqual(contentOf("test/golden/libarray/03_operations/expected_tsdir"))
})

test("rows that go back to a finished day are counted as lost", async () => {
  const log = memoryLog({
    start: 0n,
    groups: [
      { name: "g", time: { kind: "stamped", tick: 1 }, ticks: [0, 86_400, 5], channels: [{ name: "c1", type: "u8", values: [1, 2, 3] }] },
    ],
  })
  const { losses } = await written(log, { net: "N", method: "M" })
  expect(losses).toEqual([{ kind: "rows", count: 1, text: expect.stringContaining("ts import takes lines in any order") }])
  await expect(written(log, { net: "../x" })).rejects.toThrow("is no name")
})
