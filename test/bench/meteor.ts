import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openMeteor } from "../../host/formats/meteor/read.js"
import { fileSource } from "../../host/source.js"
import { physicalColumn } from "../../host/values.js"
import { raceLap, raceLapSpec } from "../generate/race-lap.js"
import { bestOf } from "./best.js"
import type { Bench, BenchResult } from "./main.js"

const ROUNDS = 7
const BLOCK = 1024 * 1024

/**
 * A 100 MB race-lap file to scaled columns, damage recovery always on, against the plain loop: walk the frame headers of the same
 * file (stamp, type, id, length), read every value by DataView, sum. Both read the file in blocks of 1 MiB from the system's cache.
 */
async function scaledColumns(): Promise<BenchResult> {
  return withRaceLap(6250, async (path) => {
    const bytes = statSync(path).size
    let sum = 0
    let expected = 0
    const [ours, plain] = await bestOf(
      ROUNDS,
      async () => {
        sum = await decodeScaled(path)
      },
      async () => {
        expected = plainLoop(path)
      },
    )
    if (sum !== expected) throw new Error(`the columns hold ${sum} rows, the plain loop saw ${expected} values`)
    return { name: "meteor to scaled columns, 100 MB", bytes, ours, plain }
  })
}

/** The same on a file of 2 GB, once: memory must not grow with the file. */
async function memory(): Promise<BenchResult> {
  return withRaceLap(Number(process.env.FIELDLOG_BENCH_SECONDS ?? 25_000), async (path) => {
    const bytes = statSync(path).size
    const [ours, plain] = await bestOf(
      1,
      async () => {
        await decodeScaled(path)
      },
      async () => {
        plainLoop(path)
      },
    )
    const peak = Math.round(process.resourceUsage().maxRSS / 1024)
    return { name: `meteor to scaled columns, ${Math.round(bytes / 1e6)} MB`, bytes, ours, plain, notes: [`peak memory ${peak} MB`] }
  })
}

export const meteorBenches: readonly Bench[] = [scaledColumns, memory]

/** @returns values delivered */
async function decodeScaled(path: string): Promise<number> {
  const source = await fileSource(path)
  const log = await openMeteor(source, { spec: raceLapSpec })
  let values = 0
  for await (const chunk of log.chunks()) {
    const { channels } = log.groups[chunk.group] as (typeof log.groups)[number]
    for (let c = 0; c < channels.length; c++) {
      const channel = channels[c] as (typeof channels)[number]
      const column = chunk.columns[c] as (typeof chunk.columns)[number]
      const into = column instanceof Float64Array ? column : undefined
      const scaled = physicalColumn(column, channel.calibration, chunk.missing[c] ?? null, into)
      values += scaled?.length ?? 0
    }
  }
  await log.close()
  return values
}

/** @returns values seen; their sum goes to `sink` so that nothing is optimised away */
function plainLoop(path: string): number {
  const fd = openSync(path, "r")
  const bytes = new Uint8Array(BLOCK + 512)
  const view = new DataView(bytes.buffer)
  let end = readSync(fd, bytes, 0, BLOCK, null)
  let at = 22 + (bytes[21] as number)
  let values = 0
  let sum = 0
  for (;;) {
    const last = end - 7
    while (at <= last) {
      sum += view.getUint32(at)
      const type = bytes[at + 4] as number
      const id = bytes[at + 5] as number
      const next = at + 7 + (bytes[at + 6] as number)
      if (next > end) break
      if (type === 1) {
        values++
        if (next - at === 11) sum += view.getInt32(at + 7, true)
        else if (next - at === 9) sum += view.getInt16(at + 7, true)
        else sum += bytes[at + 7] as number
      } else if (id === 1) {
        for (let p = at + 7; p < next; p += 2) sum += view.getInt16(p, true)
        values += 3
      } else {
        for (let p = at + 7; p < next; p += 4) sum += view.getInt32(p, true)
        values += 2
      }
      at = next
    }
    bytes.copyWithin(0, at, end)
    const kept = end - at
    const read = readSync(fd, bytes, kept, BLOCK, null)
    if (read === 0) break
    at = 0
    end = kept + read
  }
  closeSync(fd)
  sink = sum
  return values
}

export let sink = 0

async function withRaceLap(seconds: number, use: (path: string) => Promise<BenchResult>): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
  const path = join(folder, "race-lap.met")
  try {
    const fd = openSync(path, "w")
    for (const block of raceLap({ seconds, seed: 7 })) writeSync(fd, block)
    closeSync(fd)
    return await use(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
