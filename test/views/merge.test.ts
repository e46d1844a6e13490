import * as fc from "fast-check"
import { expect, test } from "vitest"
import type { Log, Selection } from "../../host/model/log.js"
import { mergeRows } from "../../host/views/merge.js"
import { type CaseGroup, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const

function group(name: string, ticks: number[]): CaseGroup {
  return { name, time: ms, ticks, channels: [{ name, type: "u32", values: ticks.map((_, i) => i) }] }
}

async function merged(log: Log, selection: Selection = {}): Promise<[string, number, number][]> {
  const rows: [string, number, number][] = []
  for await (const part of mergeRows(log, selection)) {
    for (let i = 0; i < part.rows; i++) {
      const chunk = part.chunks[part.slot[i] as number]
      if (chunk === undefined) throw new Error("no chunk")
      rows.push([log.groups[chunk.group]?.name ?? "", Number(chunk.ticks?.[part.row[i] as number]), chunk.first + (part.row[i] as number)])
    }
  }
  return rows
}

test("rows of several groups come in time order, ties in group order", async () => {
  const log = memoryLog({ groups: [group("a", [0, 10, 20, 20]), group("b", [0, 5, 20])] })
  expect(await merged(log)).toEqual([
    ["a", 0, 0],
    ["b", 0, 0],
    ["b", 5, 1],
    ["a", 10, 1],
    ["a", 20, 2],
    ["a", 20, 3],
    ["b", 20, 2],
  ])
})

test("ties are in group order also across a window's end", async () => {
  // The window ends after b's 1000; a's 1000 arrives with the next one.
  const chunks = async function* (this: unknown, selection?: Selection) {
    for await (const chunk of memoryLog({ groups }).chunks(selection)) yield { ...chunk, window: chunk.group === 0 ? 1 : 0 }
  }
  const groups = [group("a", [1000, 1001]), group("b", [500, 1000])]
  const log = { ...memoryLog({ groups }), chunks: () => reversed(chunks()) }
  expect((await merged(log)).map(([name, tick]) => `${name}${tick}`)).toEqual(["b500", "a1000", "b1000", "a1001"])
})

async function* reversed<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  yield* all.reverse()
}

test("rows of one group keep their recorded order when the clock goes back", async () => {
  const log = memoryLog({ groups: [group("a", [1000, 1001, 5, 6, 7]), group("b", [0, 6, 1002])], window: 0.5 })
  const rows = await merged(log)
  expect(rows.filter(([name]) => name === "a").map(([, tick]) => tick)).toEqual([1000, 1001, 5, 6, 7])
  expect(rows).toHaveLength(8)
})

test("any groups in any windows give the sorted whole", async () => {
  const ticks = fc.array(fc.nat(5000), { maxLength: 60 }).map((list) => list.sort((a, b) => a - b))
  await fc.assert(
    fc.asyncProperty(fc.array(ticks, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3000 }), async (lists, window) => {
      const log = memoryLog({ groups: lists.map((list, g) => group(`g${g}`, list)), window: window / 1000 })
      const expected = lists
        .flatMap((list, g) => list.map((tick, i) => ({ g, tick, i })))
        .sort((x, y) => x.tick - y.tick || x.g - y.g || x.i - y.i)
        .map(({ g, tick, i }) => [`g${g}`, tick, i])
      expect(await merged(log)).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})

test("a file that grows shows its last rows before more is awaited", async () => {
  const seen: number[] = []
  const first = memoryLog({ groups: [group("a", [1, 2])] })
  const log: Log = {
    ...first,
    async *chunks(selection: Selection = {}) {
      yield* first.chunks()
      expect(await selection.follow?.()).toBe(true)
      for await (const chunk of first.chunks()) yield { ...chunk, ticks: Float64Array.of(3, 4) }
    },
  }
  let seenBefore = -1
  const follow = async () => {
    // Whoever prints has had its turn by now.
    await new Promise((resolve) => setImmediate(resolve))
    seenBefore = seen.length
    return true
  }
  for await (const part of mergeRows(log, { follow })) seen.push(...part.row.subarray(0, part.rows))
  expect(seenBefore).toBe(2)
  expect(seen).toHaveLength(4)
})

test("with file order the rows come as they lie in the file", async () => {
  const inner = memoryLog({ groups: [group("a", [0, 10]), group("b", [5, 6])] })
  const places = [Float64Array.of(100, 50), Float64Array.of(60, 200)]
  const log: Log = {
    ...inner,
    async *chunks(selection?: Selection) {
      for await (const chunk of inner.chunks(selection)) yield { ...chunk, order: places[chunk.group] ?? null }
    },
  }
  // A group's rows stay in recorded order; between groups the offset decides.
  expect((await merged(log, { order: "file" })).map(([name, tick]) => `${name}${tick}`)).toEqual(["b5", "a0", "a10", "b6"])
})
