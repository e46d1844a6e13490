import { describe, expect, test } from "vitest"
import { crc16 } from "../../../host/bytes/crc16.js"
import { memorySource } from "../../../host/bytes/source.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { RecordBuffer } from "../../../host/formats/ddff/records/encode.js"
import { UsageError } from "../../../host/model/errors.js"
import { goldenBytes } from "./golden.js"

async function ticksOf(file: string | Uint8Array, recording: string): Promise<{ ticks: number[][]; issues: string[] }> {
  const bytes = typeof file === "string" ? goldenBytes(file) : file
  const log = await openDdff(memorySource(bytes), { recording })
  const ticks = log.groups.map((): number[] => [])
  for await (const chunk of log.chunks()) ticks[chunk.group]?.push(...(chunk.ticks as Float64Array))
  const survey = await log.survey()
  expect(survey.groups.map(({ rows }) => rows)).toEqual(ticks.map(({ length }) => length))
  return { ticks, issues: log.issues.map(({ text }) => text) }
}

/** A golden file with its tags as files from before 2025 have them: 7 elements, the offset being that of the record itself. */
async function withOldTags(name: string): Promise<Uint8Array> {
  const bytes = Uint8Array.from(goldenBytes(name))
  const log = await openDdff(memorySource(bytes), {})
  const buffer = new RecordBuffer()
  buffer.clear()
  for (const { offsets, inblock, cycle, index0, index1, time, label, inco } of log.structure.tags) {
    buffer.array(7)
    buffer.array(offsets.length)
    for (const [k, offset] of offsets.entries()) buffer.uint(offset === 0 ? 0 : offset + (inblock[k] ?? 0))
    for (const number of [cycle, index0, index1]) buffer.uint(number)
    for (const text of [time, label, inco]) buffer.text(text)
  }
  let rest = buffer.record()
  const tags = log.scan.streams.get(1)
  for (let i = 0; i < (tags?.count ?? 0); i++) {
    const [at, size] = [tags?.at[i] as number, tags?.size[i] as number]
    const part = rest.subarray(0, size - 28)
    rest = rest.subarray(part.length)
    bytes.fill(0, at + 28, at + size)
    bytes.set(part, at + 28)
    const view = new DataView(bytes.buffer)
    view.setUint32(at + 16, 28 + part.length)
    view.setUint16(at + 8, crc16(bytes, at + 10, at + size))
  }
  if (rest.length > 0) throw new Error("the tags have become longer")
  return bytes
}

function upTo(end: number, step: number): number[] {
  return Array.from({ length: Math.ceil(end / step) }, (_, i) => i * step)
}

describe("recordings", () => {
  for (const name of ["cpp_tagged_128", "cpp_tagged_fixed_128"]) {
    for (const recording of ["0", "1", "2"]) {
      test(`${name}: recording ${recording} has its own 25 and 13 rows, where the reference gives up to all 75 and 39`, async () => {
        const { ticks } = await ticksOf(name, recording)
        expect(ticks).toEqual([upTo(500, 20), upTo(500, 40)])
      })
    }
  }

  test("tags of 7 elements, from before 2025, point at the records themselves and cut the same", async () => {
    const old = await withOldTags("cpp_tagged_fixed_128")
    const log = await openDdff(memorySource(old), {})
    expect(log.structure.tags.map(({ inblock, label }) => [inblock, label])).toEqual([
      [[], "rec"],
      [[], "rec_000001"],
      [[], "last"],
    ])
    for (const recording of ["0", "rec_000001", "2"]) expect((await ticksOf(old, recording)).ticks).toEqual([upTo(500, 20), upTo(500, 40)])
  })

  test("a label names a recording, too", async () => {
    expect((await ticksOf("cpp_tagged_fixed_128", "last")).ticks).toEqual([upTo(500, 20), upTo(500, 40)])
  })

  test("absolute ticks are cut by the lengths that stale tags give", async () => {
    const { ticks, issues } = await ticksOf("cpp_tagged_absolute_ticks", "1")
    expect(ticks[0]).toEqual(upTo(1200, 20).map((tick) => tick + 2700))
    expect(issues).toContain("imu: recordings are cut by recorded lengths")
  })

  test("each stream's own block size is respected", async () => {
    for (const recording of ["0", "1", "2"]) {
      expect((await ticksOf("cpp_tagged_mixed_block_size", recording)).ticks).toEqual([upTo(800, 20), upTo(800, 40)])
    }
  })

  test("a recording that was cut off by power loss has no tag and is still there", async () => {
    const { ticks } = await ticksOf("tagged_truncated_mid", "1")
    expect(ticks[0]?.slice(0, 3)).toEqual([0, 20, 40])
    expect(ticks[0]?.length).toBe(39 - 25)
  })

  test("without any tag the recordings are cut where ticks go back", async () => {
    expect((await ticksOf("tagged_no_tags", "2")).ticks[0]?.[0]).toBe(0)
  })

  test("tags that point at the same data are said to", async () => {
    const log = await openDdff(memorySource(goldenBytes("cpp_tagged_128")), {})
    expect(log.issues.map(({ kind }) => kind)).toEqual(["stale-tags"])
  })

  test("an unknown recording is a usage error that names the known ones", async () => {
    const opening = openDdff(memorySource(goldenBytes("cpp_tagged_fixed_128")), { recording: "nope" })
    await expect(opening).rejects.toThrow(UsageError)
    await expect(opening).rejects.toMatchObject({ hint: "it has rec, rec_000001, last, or 0 to 2" })
  })
})
