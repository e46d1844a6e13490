import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { crc16 } from "../../host/bytes/crc16.js"
import { openDdff } from "../../host/formats/ddff/read.js"
import { FileSink } from "../../host/io/file-sink.js"
import { fileSource } from "../../host/io/file-source.js"
import { writeImuGps } from "../generate/imu-gps.js"
import { bestOf } from "./best.js"
import type { Bench, BenchResult } from "./main.js"

const ROUNDS = 7
/** IMU rows of the 50 MB file. */
const ROWS = 1_900_000

/**
 * Two streams, 50 MB, every block's CRC checked, to typed columns; against the plain loop over the same file: walk the
 * headers, check the CRC, gather each stream's payload. Both read from the system's cache in blocks of 1 MiB.
 */
async function toColumns(): Promise<BenchResult> {
  return withFile(ROWS, async (path) => {
    const bytes = statSync(path).size
    let rows = 0
    const read = async () => {
      rows = await readColumns(path)
    }
    const [ours, plain] = await bestOf(ROUNDS, read, async () => walkCrcGather(path, "whole streams"))
    const [again, passing] = await bestOf(ROUNDS, read, async () => walkCrcGather(path, "in passing"))
    if (rows !== ROWS + ROWS / 10) throw new Error(`${rows} rows read, ${ROWS + ROWS / 10} written`)
    const ratio = (part: "wall" | "cpu") => (passing[part] / again[part]).toFixed(2)
    const notes = [
      "the plain loop walks the headers, checks every CRC and gathers each stream's payload as a whole",
      `a loop that throws away what it gathers: ratio ${ratio("wall")}, by processor time ${ratio("cpu")}`,
    ]
    return { name: `ddff to columns, ${Math.round(bytes / 1e6)} MB, CRC checked`, bytes, ours, plain, notes }
  })
}

export const ddffBenches: readonly Bench[] = [toColumns]

/** @returns rows delivered */
async function readColumns(path: string): Promise<number> {
  const source = await fileSource(path)
  const log = await openDdff(source, {})
  let rows = 0
  for await (const chunk of log.chunks({ reuse: true })) rows += chunk.rows
  await log.close()
  return rows
}

/**
 * @param how each stream's payload gathered as a whole, or into a small buffer that begins anew when it is full
 * @returns payload bytes gathered
 */
function walkCrcGather(path: string, how: "whole streams" | "in passing"): number {
  const fd = openSync(path, "r")
  const bytes = new Uint8Array(1024 * 1024)
  const view = new DataView(bytes.buffer)
  const room = how === "whole streams" ? statSync(path).size : 2 * 1024 * 1024
  const streams = Array.from({ length: 4 }, () => ({ bytes: new Uint8Array(room), end: 0 }))
  let gathered = 0
  let kept = 0
  for (;;) {
    const end = kept + readSync(fd, bytes, kept, bytes.length - kept, null)
    let at = 0
    while (at + 28 <= end) {
      const size = view.getUint32(at + 12)
      if (at + size > end) break
      if (crc16(bytes, at + 10, at + size) !== view.getUint16(at + 8)) throw new Error(`CRC at ${at}`)
      const stream = streams[view.getUint16(at + 10)] as (typeof streams)[number]
      const fill = view.getUint32(at + 16)
      if (stream.end + fill > stream.bytes.length) stream.end = 0
      stream.bytes.set(bytes.subarray(at + 28, at + fill), stream.end)
      stream.end += fill - 28
      gathered += fill - 28
      at += size
    }
    if (at === 0) break
    bytes.copyWithin(0, at, end)
    kept = end - at
  }
  closeSync(fd)
  return gathered
}

async function withFile(rows: number, use: (path: string) => Promise<BenchResult>): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
  const path = join(folder, "imu-gps.ddff")
  try {
    const sink = new FileSink(path)
    writeImuGps(sink, rows)
    sink.close()
    return await use(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
