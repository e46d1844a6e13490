import { describe, expect, test } from "vitest"
import { crc16 } from "../../../host/bytes/crc16.js"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { checkDdff } from "../../../host/formats/ddff/check.js"
import { writeDdff } from "../../../host/formats/ddff/write.js"
import type { Finding } from "../../../host/model/format.js"
import { damagedCases, edited } from "./damage.js"
import { goldenBytes } from "./golden.js"
import { madeLog } from "./synthetic.js"

async function check(bytes: Uint8Array): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const finding of checkDdff(memorySource(bytes), {})) findings.push(finding)
  return findings
}

/** Rule, severity, place and words of each finding. */
async function lines(bytes: Uint8Array): Promise<string[]> {
  return (await check(bytes)).map(({ rule, severity, at, where, text }) => `${severity} ${rule} ${at} ${where}: ${text}`)
}

/** Changes a header field of the block at `at` and makes its CRC right again. */
function resealed(bytes: Uint8Array, at: number, edit: (view: DataView) => void): Uint8Array {
  return edited(bytes, (view) => {
    edit(view)
    const size = view.getUint32(at + 12)
    view.setUint16(at + 8, crc16(new Uint8Array(view.buffer), at + 10, at + size))
  })
}

describe("check", () => {
  for (const name of ["cpp_base_64", "cpp_base_512", "cpp_span_64", "cpp_tagged_fixed_4096", "template_device_a"]) {
    test(`${name}: no error`, async () => {
      expect((await check(goldenBytes(name))).filter(({ severity }) => severity === "error")).toEqual([])
    })
  }

  test("names a bad CRC with block, field, found and expected", async () => {
    const found = await lines(goldenBytes("bad_crc_middle"))
    expect(found).toContain("error bad-crc 640 bytes 640 to 767, crc: CRC 0x10e4, computed 0x8ff7")
    expect(found).toContain("error block-number 792 block 5 of stream 0, blockNumber: 5, expected 4")
    expect(found).toContain("error chain 512 block 3 of stream 0, nextOffset: 640, expected 768")
  })

  test("names a wrong chain pointer", async () => {
    const found = await lines(damagedCases().get("bad_next_pointer") as Uint8Array)
    expect(found.filter((line) => line.startsWith("error"))).toEqual(["error chain 256 block 0 of stream 1, nextOffset: 64, expected 896"])
  })

  test("names a wrong object offset", async () => {
    const found = await lines(resealed(goldenBytes("cpp_base_128"), 0x280, (view) => view.setUint32(0x280 + 20, 99)))
    expect(found.filter((line) => line.includes("object-offset"))).toEqual([
      expect.stringMatching(
        /^warning object-offset 660 block 4 of stream 0, objectOffset: 99, expected \d+, where the first record begins$/,
      ),
    ])
  })

  test("names bytes behind the fill that are not zero", async () => {
    const bytes = goldenBytes("py_writer_single_block")
    const found = await lines(resealed(bytes, 512, (view) => view.setUint8(512 + 100, 7)))
    expect(found).toContain("note padding 612 block 0 of stream 2, padding: 7 behind the fill of 32, expected zeros")
  })

  test("names stale tags, and free text labels that pyddff cannot read", async () => {
    expect(await lines(goldenBytes("cpp_tagged_128"))).toContainEqual(
      expect.stringMatching(
        /^warning tag-stale \d+ block 0 of stream 1, tag 1, offset: the places of the tag before, expected those of its own rows/,
      ),
    )
    expect((await check(goldenBytes("cpp_inventory_append_lost"))).filter(({ rule }) => rule === "inventory-label").length).toBe(2)
  })

  test("names rows outside the range of the tags, which pyddff leaves out", async () => {
    const sink = new MemorySink()
    const made = { name: "imu", channels: [{ name: "v", type: "i16" as const }], ticks: [500, 501, 502], columns: [[1, 2, 3]] }
    await writeDdff(madeLog([made]), { name: "x.ddff", sink: () => sink }, { block: 128 })
    const sound = sink.bytes().slice()
    expect(await lines(sound)).toEqual([])
    // The tag's index1: the 502 behind its index0.
    const at = Buffer.from(sound).indexOf(Buffer.from([0xcd, 1, 0xf4, 0xcd, 1, 0xf6])) + 4
    const block = Math.floor(at / 128) * 128
    const found = await lines(resealed(sound, block, (view) => view.setUint16(at, 501)))
    expect(found).toEqual([
      expect.stringMatching(/^warning tag-range .* 500 to 501, expected .* imu has one of tick 502, which pyddff leaves out$/),
    ])
  })

  test("names content that was shifted under a valid CRC", async () => {
    const rules = (await check(goldenBytes("cpp_inventory_append_clobbered"))).map(({ rule }) => rule)
    for (const rule of ["inventory-record", "record-form", "block-number", "chain"]) expect(rules).toContain(rule)
  })

  test("names what DUECA replays wrongly", async () => {
    const rules = (await check(goldenBytes("cpp_types"))).map(({ rule }) => rule)
    expect(rules).toContain("negative-fixint")
    expect(rules).toContain("large-array")
    expect((await check(goldenBytes("template_device_b"))).map(({ rule }) => rule)).toContain("record-elements")
  })

  test("lists findings in file order", async () => {
    const places = (await check(goldenBytes("cpp_inventory_append_clobbered"))).map(({ at }) => (at < 0 ? Number.POSITIVE_INFINITY : at))
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })
})
