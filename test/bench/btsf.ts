import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openForAppend } from "../../host/formats/btsf/append.js"
import { composeHeader, type NewMetric } from "../../host/formats/btsf/compose.js"
import { openBtsf } from "../../host/formats/btsf/read.js"
import { fileSource } from "../../host/io/file-source.js"
import { bestOf } from "./best.js"
import type { Bench, BenchResult } from "./main.js"

const ROUNDS = 7
const WINDOW = 2 * 1024 * 1024
const METRICS: readonly NewMetric[] = [
  { identifier: "time", code: "d", isTime: true },
  { identifier: "a", code: "f" },
  { identifier: "b", code: "h" },
  { identifier: "c", code: "L" },
  { identifier: "d", code: "B" },
]
const SIZE = 24

/**
 * A 106 MB file of rows of 24 bytes (`<dfhLB5x`) to columns, watching time and padding, against the plain loop: the same bytes read in
 * the same windows, one pass with the five types written out.
 */
async function columns(): Promise<BenchResult> {
  return withFile(4_400_000, async (path, dataOffset) => {
    const bytes = statSync(path).size
    let rows = 0
    let expected = 0
    const [ours, plain] = await bestOf(
      ROUNDS,
      async () => {
        rows = await readColumns(path)
      },
      async () => {
        expected = plainLoop(path, dataOffset)
      },
    )
    if (rows !== expected) throw new Error(`${rows} rows, the plain loop read ${expected}`)
    const notes = [`peak memory of the process ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`]
    return { name: `btsf to columns, ${Math.round(bytes / 1e6)} MB`, bytes, ours, plain, notes }
  })
}

/** Rows appended one by one, given to the system every 256 rows, against writing the same bytes in pieces of the same size. */
async function appending(): Promise<BenchResult> {
  const ROWS = 1_000_000
  return withFile(0, async (path, dataOffset) => {
    const header = composeHeader({ metrics: METRICS }).bytes
    const [ours, plain] = await bestOf(
      3,
      async () => {
        writeFileSync(path, header)
        const appender = await openForAppend(path)
        const row = [0, 1.5, -2, 3, 4]
        for (let i = 0; i < ROWS; i++) {
          row[0] = i * 0.001
          appender.append(row)
        }
        appender.flush()
        if (statSync(path).size !== dataOffset + ROWS * SIZE) throw new Error("rows are missing")
        appender.close()
      },
      async () => {
        const fd = openSync(path, "w")
        const piece = new Uint8Array(256 * SIZE)
        for (let i = 0; i < ROWS; i += 256) writeSync(fd, piece)
        closeSync(fd)
      },
    )
    const notes = [`${Math.round(ROWS / ours.wall / 1000)} thousand rows/s; a killed process loses at most 255 rows`]
    return { name: "btsf append row by row", bytes: ROWS * SIZE, ours, plain, notes }
  })
}

export const btsfBenches: readonly Bench[] = [columns, appending]

async function readColumns(path: string): Promise<number> {
  const log = await openBtsf(await fileSource(path))
  let rows = 0
  for await (const chunk of log.chunks()) rows += chunk.rows
  await log.close()
  return rows
}

/** What a careful hand writes for this one file. */
function plainLoop(path: string, dataOffset: number): number {
  const fd = openSync(path, "r")
  const bytes = new Uint8Array(Math.floor(WINDOW / SIZE) * SIZE)
  const view = new DataView(bytes.buffer)
  let rows = 0
  for (let at = dataOffset; ; ) {
    const read = readSync(fd, bytes, 0, bytes.length, at)
    const n = Math.floor(read / SIZE)
    if (n === 0) break
    const time = new Float64Array(n)
    const a = new Float32Array(n)
    const b = new Int16Array(n)
    const c = new Uint32Array(n)
    const d = new Uint8Array(n)
    for (let i = 0, p = 0; i < n; i++, p += SIZE) {
      time[i] = view.getFloat64(p, true)
      a[i] = view.getFloat32(p + 8, true)
      b[i] = view.getInt16(p + 12, true)
      c[i] = view.getUint32(p + 14, true)
      d[i] = view.getUint8(p + 18)
    }
    rows += n
    at += n * SIZE
  }
  closeSync(fd)
  return rows
}

async function withFile(rows: number, use: (path: string, dataOffset: number) => Promise<BenchResult>): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
  const path = join(folder, "run.btsf")
  try {
    const header = composeHeader({ metrics: METRICS }).bytes
    writeFileSync(path, header)
    const appender = await openForAppend(path, { gatherRows: 65536 })
    for (let i = 0; i < rows; i++) appender.append([i * 0.001, i % 100, i % 1000, i, i % 256])
    appender.close()
    return await use(path, header.length)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
