import { expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { dataTypeCode } from "../../../host/formats/jls/chunks/datatype.js"
import { openJls } from "../../../host/formats/jls/read.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import type { Chunk } from "../../../host/model/log.js"

/** What a sink holds, as far as it has been seen. */
function growing(sink: MemorySink): Source & { size: number } {
  return {
    name: "growing.jls",
    size: 0,
    read(at, length, into) {
      return memorySource(sink.bytes().slice(0, this.size)).read(at, length, into)
    },
    async refresh() {
      this.size = sink.size
      return this.size
    },
    async close() {},
  }
}

const STEPS = 12
const small = { samplesPerData: 64, samplesPerEntry: 16, entriesPerSummary: 40, entriesPerEntry: 10 }
const value = (id: number) => Math.sin(id / 9)
/** Long stretches of one value, which the writer leaves out. */
const bit = (id: number) => Math.floor(id / 700) & 1

async function followed(selection: { start?: number; end?: number; groups?: number[] } = {}) {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: dataTypeCode("f32"), rate: 100, name: "x", units: "V", ...small })
  writer.signal({ id: 2, source: 0, type: "fsr", dataType: dataTypeCode("u1"), rate: 100, name: "b", units: "", ...small })
  writer.omit(2, true)
  const write = (step: number) => {
    const from = step * 250
    writer.fsr(
      1,
      from,
      Float32Array.from({ length: 250 }, (_, i) => value(from + i)),
    )
    if (step !== 5)
      writer.fsr(
        2,
        from,
        Uint8Array.from({ length: 250 }, (_, i) => bit(from + i)),
      )
  }
  write(0)
  const source = growing(sink)
  await source.refresh()
  const log = await openJls(source)
  let step = 1
  const rows: { x: number[]; b: (number | null)[] } = { x: [], b: [] }
  const firsts: number[] = []
  let window = -1
  const follow = async () => {
    // What is seen ends within a chunk: the next look finds the rest of it.
    source.size = Math.max(source.size, sink.size - 20)
    if (step < STEPS) write(step++)
    else if (step++ === STEPS) writer.close()
    else return false
    if (step > STEPS) await source.refresh()
    return true
  }
  for await (const chunk of log.chunks({ ...selection, follow })) {
    expect(chunk.window).toBeGreaterThanOrEqual(window)
    window = chunk.window
    if (firsts[chunk.group] === undefined) firsts[chunk.group] = chunk.first
    take(chunk, chunk.group === 0 ? rows.x : rows.b)
  }
  return { rows, firsts, log }
}

function take({ columns, missing, rows }: Chunk, into: (number | null)[]): void {
  for (let i = 0; i < rows; i++) into.push(missing[0]?.[i] === 1 ? null : Number(columns[0]?.[i]))
}

test("the rows of a file that grows are delivered once each, also those that its writer leaves out and marks as never recorded", async () => {
  const { rows } = await followed()
  const ids = Array.from({ length: STEPS * 250 }, (_, id) => id)
  expect(rows.x).toEqual(ids.map((id) => Math.fround(value(id))))
  expect(rows.b).toEqual(ids.map((id) => (id >= 1250 && id < 1500 ? null : bit(id))))
})

test("a time range ends a growing file's rows where it says", async () => {
  const { rows, firsts } = await followed({ start: 12.5, end: 20, groups: [0] })
  expect(firsts).toEqual([1250])
  expect(rows.x).toEqual(Array.from({ length: 750 }, (_, i) => Math.fround(value(1250 + i))))
  expect(rows.b).toEqual([])
})
