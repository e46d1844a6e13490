import { describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { recoverDdff } from "../../../host/formats/ddff/recover.js"
import { repairDdff } from "../../../host/formats/ddff/repair.js"
import { damagedCases, edited } from "./damage.js"
import { countRecords, goldenBytes, goldenCases, readRows, salvageExpected } from "./golden.js"
import { referenceRead } from "./reference-decoder.js"

const salvage = salvageExpected()
const cases = new Map([
  ...goldenCases()
    .filter((name) => name !== "empty_file")
    .map((name) => [name, goldenBytes(name)] as const),
  ...damagedCases(),
])

async function rescued(how: typeof recoverDdff, bytes: Uint8Array) {
  const sink = new MemorySink()
  const rescue = await how(memorySource(bytes, "damaged.ddff"), { name: "out.ddff", sink: () => sink }, {})
  return { rescue, bytes: sink.bytes().slice() }
}

describe("recover", () => {
  for (const [name, bytes] of cases) {
    test(`${name}: everything that is read from the damaged file stands in a sound one`, async () => {
      const before = await readRows(bytes)
      const { rescue, bytes: saved } = await rescued(recoverDdff, bytes)
      const after = await readRows(saved)
      expect(after.log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
      expect([...after.rows]).toEqual([...before.rows])
      expect(rescue.rows).toBe([...before.rows.values()].reduce((sum, rows) => sum + rows.length, 0))
      const { streams } = referenceRead(saved)
      for (const [id, rows] of after.rows) expect(streams.get(id)?.records.length).toBe(rows.length)
      expect(rescue.holes.length > 0).toBe(before.log.issues.some(({ severity }) => severity === "error"))
    })
  }

  test("tags point at their own recordings afterwards", async () => {
    const { bytes } = await rescued(recoverDdff, goldenBytes("cpp_tagged_128"))
    const { streams } = referenceRead(bytes)
    const tags = streams.get(1)?.records as [number[], number[], ...unknown[]][]
    for (const [k, row] of [0, 25, 50].entries()) {
      const [offsets, inblock] = tags[k] as (typeof tags)[number]
      expect({ block: offsets[0], inblock: inblock[0] }).toEqual(streams.get(2)?.places[row])
    }
    expect(tags.map((tag) => tag[6])).toEqual(["rec", "rec_000001", "rec_000002"])
  })

  test("a recording without tag gets one", async () => {
    const { bytes } = await rescued(recoverDdff, goldenBytes("tagged_truncated_mid"))
    const tags = referenceRead(bytes).streams.get(1)?.records as unknown[][]
    expect(tags.map((tag) => tag[6])).toEqual(["rec", "unfinished"])
  })
})

describe("salvage of files made from golden ones", () => {
  for (const [name, bytes] of damagedCases()) {
    test(`${name}: no fewer records than an independent salvage`, async () => {
      const found = await countRecords(bytes)
      for (const [id, count] of Object.entries(salvage[name]?.records ?? {})) expect(found.get(Number(id))).toBeGreaterThanOrEqual(count)
    })
  }
})

describe("repair", () => {
  for (const [name, bytes] of cases) {
    test(`${name}: has a sound chain and the same rows`, async () => {
      const before = await readRows(bytes)
      const { bytes: repaired } = await rescued(repairDdff, bytes)
      referenceRead(repaired)
      expect([...(await readRows(repaired)).rows]).toEqual([...before.rows])
    })
  }

  test("a wrong chain pointer is all that changes", async () => {
    const sound = goldenBytes("cpp_base_128")
    const wrong = edited(sound, (view) => {
      view.setBigInt64(0x100, 0x40n)
      view.setBigInt64(0x200, -1n)
    })
    expect((await rescued(repairDdff, wrong)).bytes).toEqual(Uint8Array.from(sound))
  })

  test("a sound file stays as it is, byte for byte", async () => {
    for (const name of ["cpp_base_64", "cpp_types", "cpp_tagged_fixed_128", "cpp_tagged_mixed_block_size", "template_device_a"]) {
      expect((await rescued(repairDdff, goldenBytes(name))).bytes, name).toEqual(Uint8Array.from(goldenBytes(name)))
    }
  })
})
