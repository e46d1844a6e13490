import { describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { appendDdff } from "../../../host/formats/ddff/append.js"
import { writeDdff } from "../../../host/formats/ddff/write.js"
import { goldenBytes, readRows } from "./golden.js"
import { referenceRead } from "./reference-decoder.js"
import { type MadeGroup, madeLog } from "./synthetic.js"

function group(name: string, rows: number, from = 0): MadeGroup {
  const ticks = Array.from({ length: rows }, (_, i) => i * 10)
  return { name, channels: [{ name: "v", type: "f64" }], ticks, columns: [ticks.map((_, i) => from + i)] }
}

async function written(groups: MadeGroup[], block: number): Promise<Uint8Array> {
  const sink = new MemorySink()
  await writeDdff(madeLog(groups), { name: "a.ddff", sink: () => sink }, { block })
  return sink.bytes().slice()
}

async function appended(existing: Uint8Array, groups: MadeGroup[]): Promise<Uint8Array> {
  const sink = new MemorySink()
  await appendDdff(memorySource(existing, "a.ddff"), {}, madeLog(groups), { name: "b.ddff", sink: () => sink }, {})
  return sink.bytes().slice()
}

describe("append", () => {
  for (const block of [40, 64, 128, 512, 4096]) {
    for (const rows of [0, 1, 5, 50]) {
      test(`${rows} rows behind 30, blocks of ${block}: nothing is lost, nothing overwritten`, async () => {
        const before = await written([group("a", 30), group("b", 3)], block)
        const after = await appended(before, [group("a", rows, 1000), group("c", 7)])
        const { streams } = referenceRead(after)
        const values = (id: number) => (streams.get(id)?.records ?? []).map((record) => (record as [number, number, [number]])[2][0])
        expect(values(2)).toEqual([...Array(30).keys(), ...Array.from({ length: rows }, (_, i) => 1000 + i)])
        expect(values(3)).toEqual([0, 1, 2])
        expect(values(4)).toEqual([...Array(7).keys()])
        const { log } = await readRows(after)
        expect(log.issues).toEqual([])
        expect(log.groups.map(({ name }) => name)).toEqual(["a", "b", "c"])
      })
    }
  }

  test("twice gives three recordings, each tag pointing at its own rows", async () => {
    let bytes = await written([group("a", 10)], 64)
    for (const from of [100, 200]) bytes = await appended(bytes, [group("a", 10, from)])
    const { streams } = referenceRead(bytes)
    const tags = streams.get(1)?.records as [number[], number[], number, number, number, string, string, string][]
    expect(tags.map(([, , cycle, , , , label]) => [cycle, label])).toEqual([
      [0, "rec"],
      [1, "rec_000001"],
      [2, "rec_000002"],
    ])
    for (const [k, row] of [0, 10, 20].entries()) {
      expect({ block: tags[k]?.[0][0], inblock: tags[k]?.[1][0] }).toEqual(streams.get(2)?.places[row])
    }
  })

  test("goes on in a file of the reference writer", async () => {
    const before = await readRows(goldenBytes("cpp_tagged_fixed_128"))
    const after = await readRows(await appended(goldenBytes("cpp_tagged_fixed_128"), [group("more", 20)]))
    expect([...after.rows].slice(0, 2)).toEqual([...before.rows])
    expect(after.rows.get(4)?.length).toBe(20)
  })

  test("a damaged file is refused with a hint, nothing is written", async () => {
    await expect(appended(goldenBytes("tagged_truncated_mid"), [group("a", 1)])).rejects.toMatchObject({
      name: "UnsupportedError",
      hint: "recover it, then append",
    })
  })
})
