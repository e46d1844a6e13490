import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { openForAppend } from "../../../host/formats/btsf/append.js"
import { composeHeader } from "../../../host/formats/btsf/compose.js"
import { decodeRows } from "../../../host/formats/btsf/decode.js"
import { readHeader } from "../../../host/formats/btsf/head/header.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { fileSource } from "../../../host/io/file-source.js"
import { allChunks, allRows } from "./rows-of.js"

const golden = (name: string) => new Uint8Array(readFileSync(`test/golden/btsf/${name}/file.btsf`))

function fileWith(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), "btsf-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, "run.btsf")
  writeFileSync(path, bytes)
  return path
}

/** A file without rows, of a counting time and a byte. */
function emptyFile(): string {
  return fileWith(
    composeHeader({
      metrics: [
        { identifier: "time", code: "d", isTime: true },
        { identifier: "n", code: "B" },
      ],
    }).bytes,
  )
}

test("rows appended after reopening give the golden file of the reference", async () => {
  const whole = golden("reopened_append")
  const { dataOffset, master } = await readHeader(memorySource(whole))
  const rows = decodeRows(master.row, master.structSize, whole, dataOffset, 8)
  const path = fileWith(whole.subarray(0, dataOffset))
  for (const [from, to] of [
    [0, 5],
    [5, 8],
  ] as const) {
    const appender = await openForAppend(path)
    for (let i = from; i < to; i++) appender.append(rows.map((column) => column[i] as number | bigint))
    appender.close()
  }
  expect(readFileSync(path).equals(whole)).toBe(true)
})

test("a torn row is settled first, whatever its length: no row is ever shifted", async () => {
  const whole = golden("pad_8")
  const { dataOffset, master } = await readHeader(memorySource(whole))
  for (let cut = 1; cut < master.structSize; cut++) {
    const path = fileWith(whole.subarray(0, whole.length - cut))
    const appender = await openForAppend(path)
    expect(appender.settled.cut).toBe(master.structSize - cut)
    appender.append([1, 2, 3, 4])
    appender.close()
    expect((statSync(path).size - dataOffset) % master.structSize).toBe(0)
    const rows = await allRows(await openBtsf(memorySource(new Uint8Array(readFileSync(path)))))
    const before = await allRows(await openBtsf(memorySource(whole)))
    expect(rows).toEqual([...before.slice(0, -1), [{ $f64: "1.0" }, { $f64: "2.0" }, 3, 4]])
  }
})

test("space allocated ahead is cut off before the first new row", async () => {
  const path = fileWith(golden("preallocated_tail"))
  const appender = await openForAppend(path)
  expect(appender.settled.cut).toBe(240)
  appender.append([1, 2, 3, 4])
  appender.close()
  expect((await allRows(await openBtsf(memorySource(new Uint8Array(readFileSync(path)))))).length).toBe(7)
})

test.each(["legacy_9b1c0c3", "legacy_7efc5ed", "legacy_3c980b7", "all_types_be", "all_types_at"])("appends to golden %s", async (name) => {
  const whole = golden(name)
  const log = await openBtsf(memorySource(whole))
  const chunks = await allChunks(log)
  const path = fileWith(whole)
  const appender = await openForAppend(path)
  for (const { columns, rows } of chunks) appender.appendColumns(columns, rows)
  appender.close()
  const twice = await allRows(await openBtsf(memorySource(new Uint8Array(readFileSync(path)))))
  expect(twice).toEqual([...(await allRows(log)), ...(await allRows(log))])
})

test("rows wait in memory up to the bound, and go to the file in whole rows", async () => {
  const path = emptyFile()
  const empty = statSync(path).size
  const appender = await openForAppend(path, { gatherRows: 10 })
  for (let i = 0; i < 9; i++) appender.append([i, 0])
  expect(statSync(path).size).toBe(empty)
  appender.append([9, 0])
  expect(statSync(path).size).toBe(empty + 160)
  appender.append([10, 0])
  appender.flush()
  expect(statSync(path).size).toBe(empty + 176)
  expect(() => appender.append([11, 256])).toThrow("256 is not within")
  appender.close()
  expect(statSync(path).size).toBe(empty + 176)
})

test("a second writer is noticed before anything is overwritten", async () => {
  const path = emptyFile()
  const appender = await openForAppend(path)
  appender.append([1, 0])
  appendFileSync(path, new Uint8Array(16).fill(1))
  expect(() => appender.flush()).toThrow("somebody else writes to it")
  truncateSync(path, statSync(path).size - 16)
  appender.close()
})

test("a reader follows the file while it grows, and never sees part of a row", async () => {
  const path = emptyFile()
  const appender = await openForAppend(path, { gatherRows: 7 })
  const source = await fileSource(path)
  const log = await openBtsf(source)
  let appended = 0
  const follow = async () => {
    if (appended === 1000) return false
    for (let n = 0; n < 40; n++) appender.append([++appended, appended % 256])
    // The file system may show the reader a write in the middle.
    appendFileSync(path, new Uint8Array(5).fill(7))
    await source.refresh()
    truncateSync(path, statSync(path).size - 5)
    if (appended === 1000) appender.flush()
    await source.refresh()
    return true
  }
  const times: number[] = []
  for await (const { ticks, rows } of log.chunks({ follow })) for (let i = 0; i < rows; i++) times.push(Number(ticks?.[i]))
  expect(times).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
  appender.close()
  await log.close()
})
