import { expect, test } from "vitest"
import { MemorySink, type Sink } from "../../../host/bytes/sink.js"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { checkJls } from "../../../host/formats/jls/check.js"
import { openJls } from "../../../host/formats/jls/read.js"
import { repairJls } from "../../../host/formats/jls/recover.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import { CountingOutput } from "../../bench/counting-output.js"

/** A file whose END is missing, so that it is scanned, and the memory that it is read into. */
function counted(samples: number): { source: Source; memory: Set<ArrayBufferLike>; loose: () => number } {
  const sink = new MemorySink()
  writeSamples(sink, samples)
  const bytes = sink.bytes().subarray(0, sink.size - 32)
  const memory = new Set<ArrayBufferLike>()
  let loose = 0
  const inner = memorySource(bytes, "x.jls")
  const source: Source = {
    ...inner,
    read(at, length, into) {
      if (into === undefined) loose += length
      else memory.add(into.buffer)
      return inner.read(at, length, into ?? new Uint8Array(Math.max(0, Math.min(length, bytes.length - at))))
    },
  }
  return { source, memory, loose: () => loose }
}

function writeSamples(sink: Sink, samples: number, after?: (written: number) => void): void {
  const writer = new JlsWriter(sink)
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: 0x2004, rate: 1000, name: "x", units: "" })
  const block = new Float32Array(65536)
  for (let id = 0; id < samples; id += block.length) {
    for (let i = 0; i < block.length; i++) block[i] = Math.fround(Math.sin((id + i) / 50))
    writer.fsr(1, id, block)
    after?.(id + block.length)
  }
  writer.close()
}

const SIZES = [2 ** 21, 2 ** 23]

test.each(SIZES)("reading, checking and repairing %i samples goes through the same few pages", { tags: "slow" }, async (samples) => {
  const { source, memory, loose } = counted(samples)
  const log = await openJls(source)
  const columns = new Set<ArrayBufferLike>()
  let rows = 0
  for await (const chunk of log.chunks({ reuse: true })) {
    rows += chunk.rows
    columns.add((chunk.columns[0] as Float32Array).buffer)
  }
  expect(rows).toBe(samples)
  expect(columns.size).toBe(1)
  await repairJls(source, { name: "y", sink: () => new CountingOutput("y").sink() })
  for await (const { rule } of checkJls(source)) expect(["length", "end-chunk"]).toContain(rule)
  // One block a scan, the pages of three readings.
  expect(memory.size).toBeLessThan(4 + 3 * 6)
  // What is read for itself: definitions, summaries.
  expect(loose()).toBeLessThan(source.size / 8)
})

test("writing hands on every chunk when it is full", () => {
  const sink = new CountingOutput("x").sink()
  let held = 0
  writeSamples(sink, 2 ** 21, (written) => {
    held = Math.max(held, written * 4 - sink.size)
  })
  expect(held).toBeLessThan(8192 * 4)
})
