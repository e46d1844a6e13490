import { describe, expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { Pages } from "../../../host/formats/ddff/blocks/pages.js"
import { Payload } from "../../../host/formats/ddff/blocks/payload.js"
import { Scan } from "../../../host/formats/ddff/blocks/scan.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { rawRecords } from "../../../host/formats/ddff/records/records.js"
import { LogError } from "../../../host/model/errors.js"
import { edited, without } from "./damage.js"
import { goldenBytes, readRows } from "./golden.js"

/** Every record of every stream as text of its bytes. */
async function records(bytes: Uint8Array): Promise<Map<number, string[]>> {
  const source = memorySource(bytes)
  const pages = new Pages(source)
  const scan = new Scan(source, pages)
  await scan.advance()
  scan.finish()
  const all = new Map<number, string[]>()
  for (const [id, blocks] of scan.streams) {
    const list: string[] = []
    const payload = new Payload(pages, blocks)
    for await (const { from, to } of rawRecords(payload)) list.push(Buffer.from(payload.bytes.subarray(from, to)).toString("hex"))
    all.set(id, list)
  }
  return all
}

/** Reads everything: only LogError may come out. */
async function readAll(bytes: Uint8Array): Promise<void> {
  try {
    const log = await openDdff(memorySource(bytes), {})
    await log.survey()
    for await (const chunk of log.chunks()) expect(chunk.rows).toBeGreaterThan(0)
  } catch (error) {
    if (!(error instanceof LogError)) throw error
  }
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const item of part) {
    at = whole.indexOf(item, at) + 1
    if (at === 0) return false
  }
  return true
}

const small = ["cpp_intmap", "cpp_inventory_append_lost"]

describe("damage", () => {
  for (const name of small) {
    test(`${name} cut at every byte: a prefix of each stream is read, nothing is invented`, { tags: "slow" }, async () => {
      const bytes = goldenBytes(name)
      const whole = await records(bytes)
      for (let length = 1; length < bytes.length; length++) {
        const cut = new Uint8Array(bytes.subarray(0, length))
        for (const [id, list] of await records(cut)) expect(list, `cut at ${length}`).toEqual(whole.get(id)?.slice(0, list.length))
        if (length % 7 === 0) await readAll(cut)
      }
    })
  }

  for (const name of ["cpp_intmap", "py_writer_single_block"]) {
    test(`${name} with every bit flipped in turn: other blocks are read, nothing is invented`, async () => {
      const bytes = goldenBytes(name)
      const whole = await records(bytes)
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = edited(bytes, (view) => view.setUint8(bit >> 3, view.getUint8(bit >> 3) ^ (1 << (bit & 7))))
        for (const [id, list] of await records(flipped)) expect(isSubsequence(list, whole.get(id) ?? []), `bit ${bit}`).toBe(true)
        if (bit % 31 === 0) await readAll(flipped)
      }
    })
  }

  test("a lost block costs the records in it and the two that reach into it", async () => {
    const { rows, log } = await readRows(goldenBytes("bad_crc_middle"))
    expect(rows.get(0)?.length).toBe(53)
    expect(log.issues.map(({ kind, at }) => `${kind} ${at}`)).toEqual(["bad-crc 640", "gap 768", "cut-record 637"])
  })

  test("bytes that are missing or too many are stepped over to the next header, whatever its alignment", async () => {
    const bytes = goldenBytes("cpp_base_128")
    const whole = await records(bytes)
    for (const odd of [without(bytes, 0x290, 5), Uint8Array.from([...bytes.subarray(0, 0x290), 1, 2, 3, ...bytes.subarray(0x290)])]) {
      const found = await records(odd)
      expect(found.get(1)).toEqual(whole.get(1))
      expect(found.get(0)?.length).toBe(53)
    }
  })

  test("a first block that is damaged does not hide the rest", async () => {
    const found = await records(edited(goldenBytes("cpp_base_128"), (view) => view.setUint32(12, 77)))
    expect(found.get(1)?.length).toBe(12)
    expect(found.get(0)?.length).toBeGreaterThan(50)
  })

  test("unused space behind the last block is a note, a torn block an error", async () => {
    const issues = async (name: string) =>
      (await openDdff(memorySource(goldenBytes(name)), {})).issues.map(({ kind, severity }) => `${severity} ${kind}`)
    expect(await issues("preallocated_tail")).toEqual(["note unused-tail"])
    expect(await issues("garbage_tail")).toEqual(["note unused-tail"])
    expect((await issues("truncated_in_data"))[0]).toBe("error truncated")
    expect((await issues("truncated_in_header"))[0]).toBe("error truncated")
    expect((await issues("zeroed_block"))[0]).toBe("error zeros")
  })

  test("content shifted under a valid CRC is told as such, in one issue a run", async () => {
    const { log, rows } = await readRows(goldenBytes("cpp_inventory_append_clobbered"))
    const schema = log.issues.filter(({ kind }) => kind === "schema")
    expect(schema.length).toBeLessThan(6)
    expect(log.structure.inventory?.entries.map(({ key }) => key)).toEqual(["gps/é", "empty", "late"])
    expect(rows.get(4)?.length).toBe(10)
  })

  test("an empty file and a file without any block are refused in one sentence", async () => {
    await expect(openDdff(memorySource(new Uint8Array(0)), {})).rejects.toThrow("is empty, expected ddff blocks")
    await expect(openDdff(memorySource(new Uint8Array(5000).fill(65)), {})).rejects.toThrow("holds no sound block")
  })
})
