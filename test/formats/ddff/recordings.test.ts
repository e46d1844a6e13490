import { describe, expect, test } from "vitest"
import { UsageError } from "../../../host/errors.js"
import { openDdff } from "../../../host/formats/ddff/log.js"
import { memorySource } from "../../../host/source.js"
import { goldenBytes } from "./golden.js"

async function ticksOf(name: string, recording: string): Promise<{ ticks: number[][]; issues: string[] }> {
  const log = await openDdff(memorySource(goldenBytes(name)), { recording })
  const ticks = log.groups.map((): number[] => [])
  for await (const chunk of log.chunks()) ticks[chunk.group]?.push(...(chunk.ticks as Float64Array))
  const survey = await log.survey()
  expect(survey.groups.map(({ rows }) => rows)).toEqual(ticks.map(({ length }) => length))
  return { ticks, issues: log.issues.map(({ text }) => text) }
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
