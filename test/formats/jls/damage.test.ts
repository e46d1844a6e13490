import { describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { chunkEnd, headerFields, trackTag, writeHeader } from "../../../host/formats/jls/chunks/chunks.js"
import { dataTypeCode } from "../../../host/formats/jls/chunks/datatype.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { repairJls } from "../../../host/formats/jls/recover.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import { KIND_DATA, TAG_SIGNAL_DEF, TRACK_ANNOTATION, TRACK_FSR, TRACK_UTC } from "../../../shared/jls/layout.js"
import { corruptVariants, goldenBytes, goldenJson, type Truth } from "./golden.js"
import { callsOf, replay } from "./replay.js"
import { type Column, readAll } from "./samples.js"

const CASES = ["truncated", "truncated_l1"].flatMap((name) =>
  ["unclosed", "cut_60pct", "cut_13_off_end", "cut_900", "cut_2600_defs_only", "unclosed_after_open", "cut_60pct_after_open"]
    .map((file) => ({ name, file: `${file}.jls`, bytes: goldenBytes(name, `${file}.jls`) }))
    .filter(({ bytes }) => bytes !== null),
)
const CORRUPT = [...corruptVariants()].map(([variant, bytes]) => ({ name: "corrupt", file: `${variant}.jls`, bytes }))

/** What is found beyond what a scan of sound chunks can find. */
const BETTER: Record<string, { samples?: number; utc?: number }> = {
  // The index knows where the samples are; their CRC is sound without the header.
  "data_header.jls": { samples: 25000 },
  // Summaries repeat the pairs whose own chunks are lost.
  "utc_data.jls": { utc: 250 },
}

describe.each([...CASES, ...CORRUPT])("$name/$file", ({ name, file, bytes }) => {
  const truth = (goldenJson<Truth>(name, "truth.json") as Truth).files[file]
  const input = bytes as Uint8Array

  test("every sample, UTC pair and annotation that is in the file is found, and none that is not", async () => {
    const before = input.slice()
    const log = await openJls(memorySource(input))
    const columns = await readAll(log)
    for (const [id, level0] of Object.entries(truth?.level0 ?? {})) {
      const column = columns.get(Number(id))
      const expected = { ...level0, ...BETTER[file] }
      expect(present(column)).toBe(expected.samples)
      expect((log.contents.utc.get(Number(id)) ?? []).length).toBeGreaterThanOrEqual(expected.utc)
      if (file in BETTER) expect(log.contents.utc.get(Number(id))).toHaveLength(expected.utc)
      expect(log.contents.annotations.get(Number(id)) ?? []).toHaveLength(level0.annotations)
      if (column === undefined || level0.first === undefined) continue
      expect([column.first, column.first + column.rows]).toEqual([Number(level0.first), Number(level0.end)])
      expectTrue(column, written(name).get(Number(id)) as Column)
    }
    expect(Buffer.compare(input, before)).toBe(0)
  })

  test("repair writes a closed file with the same samples, its holes marked, everything indexed", async () => {
    const log = await openJls(memorySource(input))
    const columns = await readAll(log)
    const sink = new MemorySink()
    const { rows, holes } = await repairJls(memorySource(input), { name: "x", sink: () => sink })
    const repaired = await openJls(memorySource(sink.bytes()))
    expect(repaired.contents.closed).toBe(true)
    expect(repaired.issues.filter(({ severity }) => severity === "error")).toEqual([])
    const again = await readAll(repaired)
    expect([...again.values()].reduce((sum, column) => sum + column.rows, 0)).toBe(rows)
    for (const [id, column] of columns) {
      expect(present(again.get(id))).toBe(present(column))
      if (column.rows > 0) expectTrue(again.get(id) as Column, column)
      expect(repaired.contents.utc.get(id) ?? []).toEqual(log.contents.utc.get(id) ?? [])
    }
    expect(repaired.annotations.map(plain)).toEqual(log.annotations.map(plain))
    const lost = [...columns.values()].some(({ missing }) => missing !== null)
    expect(holes.length > 0 || !lost).toBe(true)
  })
})

describe("a file of three levels", () => {
  const whole = threeLevels()
  const chunks = chunksOf(whole)
  const step = Number(process.env.FIELDLOG_FUZZ ?? 0) > 0 ? 1 : 24

  test("has three levels, and all tracks", async () => {
    const log = await openJls(memorySource(whole))
    expect(log.contents.structure.signals[1]?.heads[TRACK_FSR]?.[3]).toBeGreaterThan(0)
    expect(log.issues).toEqual([])
  })

  test("cut at every 8 bytes gives all chunks before the cut", { timeout: 120_000, tags: "slow" }, async () => {
    const truth = await readAll(await openJls(memorySource(whole)))
    const firstSample = chunks.find(({ data }) => data !== null)?.at ?? 0
    for (let size = firstSample; size < whole.length; size += 8) {
      const log = await openJls(memorySource(whole.subarray(0, size)))
      const columns = await readAll(log)
      const complete = chunks.filter(({ end }) => end <= size)
      for (const [id, column] of columns) {
        expectTrue(column, truth.get(id) as Column)
        const samples = complete.reduce((sum, { data }) => sum + (data?.signal === id ? data.count : 0), 0)
        if (present(column) !== samples) expect({ size, id, samples: present(column) }).toEqual({ size, id, samples })
      }
      const remarks = complete.filter(({ tag }) => tag === trackTag(TRACK_ANNOTATION, KIND_DATA)).length
      if (log.annotations.length !== remarks) expect({ size, annotations: log.annotations.length }).toEqual({ size, annotations: remarks })
    }
  })

  test("with any bit flipped gives every sample outside the damaged chunk, and no wrong one", {
    timeout: 600_000,
    tags: "slow",
  }, async () => {
    const truth = await readAll(await openJls(memorySource(whole)))
    const pairs = (await openJls(memorySource(whole))).utc.length
    const bytes = whole.slice()
    for (let bit = 0; bit < whole.length * 8; bit += step * 8 + (step > 1 ? 3 : 0)) {
      const at = bit >> 3
      bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7))
      const hit = chunks.find((chunk) => at >= chunk.at && at < chunk.end)
      const log = await openJls(memorySource(bytes))
      const columns = await readAll(log)
      for (const [id, column] of truth) {
        const found = columns.get(id)
        const lost = hit?.data?.signal === id ? hit.data.count : 0
        if (present(found) < column.rows - lost)
          expect({ at, id, samples: present(found) }).toEqual({ at, id, samples: column.rows - lost })
        expectTrue(found as Column, column)
      }
      const spared = hit?.tag === trackTag(TRACK_UTC, KIND_DATA) ? 1 : 0
      if (log.utc.length < pairs - spared) expect({ at, utc: log.utc.length }).toEqual({ at, utc: pairs })
      bytes[at] = whole[at] as number
    }
  })

  test("without the definition of a signal still gives its samples, and says what is unknown", async () => {
    const definition = chunks.find(({ tag, id }) => tag === TAG_SIGNAL_DEF && id === 2) as Chunk
    const bytes = whole.slice().fill(0, definition.at, definition.end)
    const log = await openJls(memorySource(bytes))
    const truth = await readAll(await openJls(memorySource(whole)))
    expect(log.issues.map(({ kind }) => kind)).toContain("lost-definition")
    expect([...((await readAll(log)).get(2) as Column).values.slice(0, 100)]).toEqual([...(truth.get(2) as Column).values.slice(0, 100)])
  })

  test("with bytes taken out finds the chunks behind them", async () => {
    const truth = await readAll(await openJls(memorySource(whole)))
    const data = chunks.filter((chunk) => chunk.data?.signal === 1)
    const [a, b] = [data[40] as Chunk, data[45] as Chunk]
    const bytes = Buffer.concat([whole.subarray(0, a.at + 40), whole.subarray(b.at + 16)])
    const column = (await readAll(await openJls(memorySource(bytes)))).get(1) as Column
    expectTrue(column, truth.get(1) as Column)
    expect(present(column)).toBe((truth.get(1) as Column).rows - 6 * 16)
  })
})

describe("bytes that are no multiple of 8", () => {
  const whole = threeLevels()
  const chunks = chunksOf(whole)

  test.each([1, 3, 7, 387, 4096])("%d of them put in cost at most the chunk that they hit", async (length) => {
    const truth = await readAll(await openJls(memorySource(whole)))
    const garbage = Uint8Array.from({ length }, (_, i) => (i * 167 + 13) & 255)
    for (let at = 1; at < whole.length; at += 1237) {
      const log = await openJls(memorySource(Buffer.concat([whole.subarray(0, at), garbage, whole.subarray(at)])))
      const columns = await readAll(log)
      const hit = chunks.find((chunk) => at > chunk.at && at < chunk.end)
      for (const [id, column] of truth) {
        const isLost = hit?.tag === TAG_SIGNAL_DEF && hit.id === id
        // A whole chunk behind its header is found by its header alone; its payload is not where that says.
        const lost = hit?.data?.signal === id ? hit.data.count : 0
        const found = columns.get(id)
        if (present(found) < column.rows - lost)
          expect({ at, id, samples: present(found) }).toEqual({ at, id, samples: column.rows - lost })
        if (!isLost) expectTrue(found as Column, column)
      }
      if (at > 32) expect(log.issues.some(({ severity }) => severity !== "note")).toBe(true)
    }
  })

  test("taken out cost at most the chunks that they touch", async () => {
    const truth = await readAll(await openJls(memorySource(whole)))
    for (const length of [1, 5, 159, 1001]) {
      for (let at = 33; at + length < whole.length; at += 1571) {
        const columns = await readAll(await openJls(memorySource(Buffer.concat([whole.subarray(0, at), whole.subarray(at + length)]))))
        const hit = chunks.filter((chunk) => chunk.end > at && chunk.at < at + length)
        for (const [id, column] of truth) {
          const lost = hit.reduce((sum, { data }) => sum + (data?.signal === id ? data.count : 0), 0)
          const found = columns.get(id)
          if (present(found) < column.rows - lost)
            expect({ at, length, id, samples: present(found) }).toEqual({ at, length, id, samples: column.rows - lost })
          if (!hit.some(({ tag }) => tag === TAG_SIGNAL_DEF)) expectTrue(found as Column, column)
        }
      }
    }
  })
})

describe("a file behind another", () => {
  const whole = threeLevels()

  test.each([0, 3, 4096])("is read as well, %d bytes between them, and both are saved", async (gap) => {
    const both = Buffer.concat([whole, new Uint8Array(gap).fill(0xa5), whole])
    const log = await openJls(memorySource(both))
    expect(log.groups.map(({ name }) => name)).toEqual(["x", "y", "x (file 2)", "y (file 2)"])
    const truth = await readAll(await openJls(memorySource(whole)))
    const columns = await readAll(log)
    const [x, y] = [truth.get(1) as Column, truth.get(2) as Column]
    expect([...columns.values()].map(({ rows, values }) => [rows, values[100]])).toEqual(
      [x, y, x, y].map(({ rows, values }) => [rows, values[100]]),
    )
    expect(log.issues.filter(({ kind }) => kind === "concatenated")).toHaveLength(1)
    expect(await log.reduce(3, 0, 0, 20, 1)).toEqual(await log.reduce(1, 0, 0, 20, 1))
    const sink = new MemorySink()
    const { rows, holes } = await repairJls(memorySource(both), { name: "x", sink: () => sink })
    expect(rows).toBe(2 * (x.rows + y.rows))
    expect(holes.length).toBeGreaterThan(0)
    expect((await openJls(memorySource(sink.bytes()))).issues).toEqual([])
  })

  test("that was never closed is no part of it", async () => {
    const first = whole.subarray(0, whole.length - 1000)
    const log = await openJls(memorySource(Buffer.concat([first, whole])))
    expect((await log.survey()).groups.slice(2).map(({ rows }) => rows)).toEqual([1700, 2125])
  })
})

test("a guessed definition stays a guess in the file that is saved", async () => {
  const whole = threeLevels()
  const definition = chunksOf(whole).find(({ tag, id }) => tag === TAG_SIGNAL_DEF && id === 2) as Chunk
  const sink = new MemorySink()
  const { holes } = await repairJls(memorySource(whole.slice().fill(0, definition.at, definition.end)), { name: "x", sink: () => sink })
  expect(holes.map(({ text }) => text).join()).toContain("guess")
  expect((await openJls(memorySource(sink.bytes()))).groups.map(({ name }) => name)).toEqual(["x", "signal-2 (u8 and 1 Hz are guesses)"])
})

test("headers within one another cost no square of the file's size", { timeout: 30_000 }, async () => {
  const bytes = new Uint8Array(1 << 20)
  for (let at = 32; at + 200 < bytes.length; at += 32) {
    const header = {
      at,
      next: 0,
      previous: 0,
      tag: trackTag(TRACK_FSR, KIND_DATA),
      meta: 1,
      length: bytes.length - at - 64,
      previousLength: 0,
    }
    writeHeader(bytes.subarray(at, at + 32), header)
  }
  const began = performance.now()
  await expect(openJls(memorySource(bytes))).rejects.toThrow("no sound chunk")
  expect(performance.now() - began).toBeLessThan(5000)
})

test("a source that ends before its size is read up to there", async () => {
  const whole = threeLevels()
  const cut = memorySource(whole.subarray(0, whole.length >> 1))
  const log = await openJls({ ...cut, size: whole.length })
  expect([...(await readAll(log)).values()].every((column) => present(column) > 500)).toBe(true)
  expect(log.issues.some(({ severity }) => severity === "error")).toBe(true)
})

test("a file without any sound chunk is one clear error", async () => {
  await expect(openJls(memorySource(new Uint8Array(5000).fill(7)))).rejects.toThrow("no sound chunk")
  await expect(openJls(memorySource(new Uint8Array(0)))).rejects.toThrow("no sound chunk")
})

test("statistics answer beside a broken summary as if it were not there", async () => {
  const variants = corruptVariants()
  const sound = await openJls(memorySource(goldenBytes("utc", "file.jls") as Uint8Array))
  for (const variant of ["summary1_payload", "index1_payload", "index_top_payload"]) {
    const log = await openJls(memorySource(variants.get(variant) as Uint8Array))
    const [a, b] = [await log.reduce(0, 0, 0, 25, 300, "drawn"), await sound.reduce(0, 0, 0, 25, 300, "drawn")]
    expect(a).toEqual(b)
    expect(log.issues.length).toBeGreaterThan(0)
  }
})

interface Chunk {
  at: number
  end: number
  tag: number
  id: number
  data: { signal: number; count: number } | null
}

/** 1,700 f32 and 510 u8 samples in the smallest chunks, UTC pairs, annotations and user data between them. */
function threeLevels(): Uint8Array {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  const small = {
    samplesPerData: 16,
    samplesPerEntry: 16,
    entriesPerSummary: 10,
    entriesPerEntry: 10,
    utcPerIndex: 4,
    annotationsPerIndex: 4,
  }
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: dataTypeCode("f32"), rate: 100, name: "x", units: "V", ...small })
  writer.signal({ id: 2, source: 0, type: "fsr", dataType: dataTypeCode("u8"), rate: 100, name: "y", units: "", ...small })
  for (let i = 0; i < 17; i++) {
    writer.fsr(
      1,
      i * 100,
      Float32Array.from({ length: 100 }, (_, k) => Math.sin(i * 100 + k)),
    )
    writer.fsr(
      2,
      i * 125,
      Uint8Array.from({ length: 125 }, (_, k) => (i * 125 + k) * 7),
    )
    writer.utc(1, { sample: i * 100, utc: BigInt(i) << 30n })
    writer.annotation(1, { timestamp: BigInt(i * 100), type: 1, storage: 2, group: 0, y: Number.NaN, data: Buffer.from(`note ${i}`) })
    if (i % 10 === 0) writer.userData({ meta: i, storage: 2, data: Buffer.from("between") })
  }
  writer.close()
  return sink.bytes()
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const chunks: Chunk[] = []
  for (let at = 32; at < bytes.length; ) {
    const header = headerFields(bytes.subarray(at), at)
    if (header === null) throw new Error(`no header at ${at}`)
    const end = chunkEnd(header)
    const isData = header.tag === trackTag(TRACK_FSR, KIND_DATA)
    const count = isData ? new DataView(bytes.buffer, bytes.byteOffset + at + 40).getUint32(0, true) : 0
    chunks.push({ at, end, tag: header.tag, id: header.meta & 0xfff, data: isData ? { signal: header.meta, count } : null })
    at = end
  }
  return chunks
}

/** The samples that the calls of a case wrote, by signal. */
const known = new Map<string, Map<number, Column>>()
function written(name: string): Map<number, Column> {
  const columns = known.get(name)
  if (columns === undefined) throw new Error(`${name} is not prepared`)
  return columns
}
for (const name of ["truncated", "truncated_l1", "corrupt"]) {
  const calls = callsOf(name === "corrupt" ? "utc" : name).filter(({ op }) => op !== "close")
  known.set(name, await readAll(await openJls(memorySource(replay([...calls, { op: "close" }], {})))))
}

function present(column: Column | undefined): number {
  if (column === undefined) return 0
  return column.rows - (column.missing?.reduce((sum, m) => sum + m, 0) ?? 0)
}

/** Every sample that a column has is the true one. */
function expectTrue(column: Column, truth: Column): void {
  const shift = column.first - truth.first
  for (let i = 0; i < column.rows; i++) {
    if (column.missing?.[i] !== 1 && !Object.is(column.values[i], truth.values[i + shift])) {
      expect({ sample: column.first + i, value: column.values[i] }).toEqual({ sample: column.first + i, value: truth.values[i + shift] })
    }
  }
}

function plain({ time, tick, kind, text, data, y }: JlsLog["annotations"][number]): unknown {
  return { time, tick, kind, text, data, y }
}
