import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { annotateBtsf } from "../../../host/formats/btsf/annotate.js"
import { btsfDeviceHeader } from "../../../host/formats/btsf/device.js"
import { readHeader } from "../../../host/formats/btsf/head/header.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { fileSource } from "../../../host/io/file-source.js"
import type { Annotation } from "../../../host/model/log.js"
import { Random } from "../../generate/random.js"
import { allRows } from "./rows-of.js"

const golden = (name: string) => `test/golden/btsf/${name}/file.btsf`

function copyOf(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "btsf-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, "run.btsf")
  writeFileSync(path, bytes)
  return path
}

function note(text: string, time: number | null = null): Annotation {
  return { group: null, time, tick: null, kind: "text", text, data: null, y: null }
}

const read = (path: string) => openBtsf(memorySource(new Uint8Array(readFileSync(path))))
const textsOf = async (path: string) => (await read(path)).annotations.map(({ text, time }) => [text, time])

test("adds, edits and removes where there is room, without touching another byte", async () => {
  const { bytes } = btsfDeviceHeader([{ identifier: "time", code: "d", isTime: true }])
  const row = new Uint8Array(new Float64Array([1.5]).buffer)
  const path = copyOf(Buffer.concat([bytes, row]))
  const { ino } = statSync(path)
  await annotateBtsf(path, [
    { kind: "add", annotation: note("first") },
    { kind: "add", annotation: note("größe", 2.5) },
  ])
  expect(await textsOf(path)).toEqual([
    ["first", null],
    ["größe", 2.5],
  ])
  await annotateBtsf(path, [
    { kind: "remove", index: 0 },
    { kind: "edit", index: 1, annotation: note("second", 3) },
  ])
  expect(await textsOf(path)).toEqual([["second", 3]])
  expect(statSync(path).ino).toBe(ino)
  expect(statSync(path).size).toBe(bytes.length + row.length)
  expect(await allRows(await read(path))).toEqual([[1.5]])
})

test("writes the file anew where there is no room, rows unchanged and at the same place of a sector", async () => {
  const { bytes } = btsfDeviceHeader([{ identifier: "time", code: "d", isTime: true }])
  const path = copyOf(Buffer.concat([bytes, new Uint8Array(new Float64Array([1.5, 2.5]).buffer)]))
  await annotateBtsf(path, [{ kind: "add", annotation: note("x".repeat(3000)) }])
  expect((await textsOf(path))[0]?.[0]).toBe("x".repeat(3000))
  const source = await fileSource(path)
  expect((await readHeader(source)).dataOffset % 512).toBe(0)
  await source.close()
  expect(await allRows(await read(path))).toEqual([[1.5], [2.5]])
  const { ino } = statSync(path)
  await annotateBtsf(path, [{ kind: "add", annotation: note("there is room now") }])
  expect(statSync(path).ino).toBe(ino)
})

test.each(["pad_8", "pad_3", "intro_pad16", "intro_many", "truncated_row"])(
  "golden %s takes an annotation and keeps the rest",
  async (name) => {
    const path = copyOf(readFileSync(golden(name)))
    const before = await read(path)
    const kept = before.annotations
    await annotateBtsf(path, [{ kind: "add", annotation: note("added", 1) }])
    const after = await read(path)
    expect(after.annotations.map(({ text }) => text)).toEqual([...kept.map(({ text }) => text), "added"])
    expect(await allRows(after)).toEqual(await allRows(before))
    const others = (log: typeof after) => log.userData.filter(({ meta }) => meta !== 2)
    expect(others(after)).toEqual(others(before))
    const { sections, master } = await readHeader(memorySource(new Uint8Array(readFileSync(path))))
    expect(sections.slice(1).every(({ payloadSize, followupSize }) => (payloadSize + followupSize) % master.padTo === 0)).toBe(true)
  },
)

test("keeps what it does not know of an entry and of the document", async () => {
  const path = copyOf(readFileSync(golden("annotations")))
  await annotateBtsf(path, [{ kind: "edit", index: 1, annotation: note("run C", 2) }])
  const { userData } = await read(path)
  expect(JSON.parse(new TextDecoder().decode(userData[0]?.data))).toEqual({
    annotations: [
      { t: 1.5, text: "Überlast" },
      { t: [2, 3], text: "run C" },
    ],
    author: "x",
  })
})

test("changes nothing when one edit is wrong", async () => {
  const path = copyOf(readFileSync(golden("annotations")))
  const before = readFileSync(path)
  await expect(
    annotateBtsf(path, [
      { kind: "add", annotation: note("added") },
      { kind: "remove", index: 2 },
    ]),
  ).rejects.toThrow("no annotation 2, the file has 2")
  expect(readFileSync(path).equals(before)).toBe(true)
  await expect(annotateBtsf(copyOf(readFileSync(golden("legacy_7efc5ed"))), [])).rejects.toThrow("no place for annotations")
})

test("any edits give the list that they should, in place exactly when they fit", async () => {
  const { bytes } = btsfDeviceHeader([{ identifier: "time", code: "d", isTime: true }])
  const path = copyOf(Buffer.concat([bytes, new Uint8Array(new Float64Array([1.5, 2.5, 3.5]).buffer)]))
  const random = new Random(5)
  const wanted: string[] = []
  let rewritten = 0
  for (let k = 0; k < 120; k++) {
    const index = random.integer(0, Math.max(0, wanted.length - 1))
    const text = "ä".repeat(random.integer(0, 60))
    const choice = wanted.length === 0 ? 0 : random.integer(0, 3)
    const before = await roomOf(path)
    const { ino } = statSync(path)
    if (choice < 2) {
      await annotateBtsf(path, [{ kind: "add", annotation: note(text) }])
      wanted.push(text)
    } else if (choice === 2) {
      await annotateBtsf(path, [{ kind: "edit", index, annotation: note(text) }])
      wanted[index] = text
    } else {
      await annotateBtsf(path, [{ kind: "remove", index }])
      wanted.splice(index, 1)
    }
    expect((await read(path)).annotations.map((each) => each.text)).toEqual(wanted)
    expect(await allRows(await read(path))).toEqual([[1.5], [2.5], [3.5]])
    const fits = (await roomOf(path)).payload <= before.room
    expect(statSync(path).ino === ino).toBe(fits)
    if (!fits) rewritten++
  }
  expect(rewritten).toBeGreaterThan(3)
})

/** Bytes of the annotation section, and of what is in it. */
async function roomOf(path: string): Promise<{ room: number; payload: number }> {
  const { sections } = await readHeader(memorySource(new Uint8Array(readFileSync(path))))
  const { payloadSize, followupSize } = sections.find(({ type }) => type === 2) as { payloadSize: number; followupSize: number }
  return { room: payloadSize + followupSize, payload: payloadSize }
}
