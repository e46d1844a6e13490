import { execFileSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { raceLap, raceLapSpec } from "../generate/race-lap.js"
import { bestOf } from "./best.js"
import type { Bench, BenchResult } from "./main.js"
import { readScaled } from "./meteor-columns.js"

const ROUNDS = 7
const BLOCK = 1024 * 1024

/**
 * A 100 MB race-lap file to scaled columns, damage recovery always on, against two plain loops over the same file. Both walk the frame headers
 * (stamp, type, id, length), read every value by DataView and sum. The first looks up width and sign of a value in the specification,
 * as any reader of Meteor must; the second has this very file's widths written into it. All read blocks from the system's cache.
 */
async function scaledColumns(): Promise<BenchResult> {
  return withRaceLap(6250, async (path, bytes) => {
    let sum = 0
    const [ours, plain] = await bestOf(
      ROUNDS,
      async () => {
        sum = await readScaled(path)
      },
      async () => check(sum, specifiedLoop(path)),
    )
    const [again, fixed] = await bestOf(
      ROUNDS,
      async () => {
        sum = await readScaled(path)
      },
      async () => check(sum, plainLoop(path)),
    )
    const ratio = `ratio ${(fixed.wall / again.wall).toFixed(2)}, by processor time ${(fixed.cpu / again.cpu).toFixed(2)}`
    const notes = [`a loop with this file's widths written into it: ${Math.round(bytes / 1e6 / fixed.wall)} MB/s, ${ratio}`]
    return { name: "meteor to scaled columns, 100 MB", bytes, ours, plain, notes }
  })
}

function check(rows: number, values: number): void {
  if (rows !== values) throw new Error(`the columns hold ${rows} values, the plain loop saw ${values}`)
}

/**
 * The same once on a long file, in a process of its own whose peak memory is told: it must not grow with the file.
 * `FIELDLOG_BENCH_SECONDS=125000` makes the file 2 GB.
 */
async function memory(): Promise<BenchResult> {
  return withRaceLap(Number(process.env.FIELDLOG_BENCH_SECONDS ?? 25_000), async (path, bytes) => {
    const script = fileURLToPath(new URL("./meteor-memory.js", import.meta.url))
    const { values, wall, cpu, peak } = JSON.parse(execFileSync(process.execPath, [script, path], { encoding: "utf8" }))
    const [plain] = await bestOf(
      1,
      async () => check(values, specifiedLoop(path)),
      async () => {},
    )
    const notes = [`peak memory of its process ${Math.round(peak / 1e6)} MB; start-up included in the times`]
    return { name: `meteor to scaled columns, ${Math.round(bytes / 1e6)} MB`, bytes, ours: { wall, cpu }, plain, notes }
  })
}

export const meteorBenches: readonly Bench[] = [scaledColumns, memory]

/** Width and sign of every value of a frame, by type and id: 0 is as wide as the frame, negative is signed. */
function widthsOf(spec: typeof raceLapSpec): Int8Array[] {
  const table: Int8Array[] = new Array(768)
  const signed = new Map(spec.spec.topics.map(({ key, data }) => [key, (data as { type?: string }).type === "signed-number"]))
  for (const { id, key } of spec.spec.topics) table[256 + id] = Int8Array.of(signed.get(key) === true ? -128 : 0)
  for (const { id, topics } of spec.spec.composites) {
    table[512 + id] = Int8Array.from(topics, ({ key, length }) => (signed.get(key) === true ? -length : length))
  }
  return table
}

/** @returns values seen, each read as the specification says; their sum goes to `sink` */
export function specifiedLoop(path: string): number {
  const widths = widthsOf(raceLapSpec)
  return eachBlock(path, (view, from, end) => {
    let at = from
    let sum = 0
    let values = 0
    while (at <= end - 7) {
      sum += view.getUint32(at)
      const length = view.getUint8(at + 6)
      const next = at + 7 + length
      if (next > end) break
      const items = widths[(view.getUint8(at + 4) << 8) | view.getUint8(at + 5)] as Int8Array
      let p = at + 7
      for (let i = 0; i < items.length; i++) {
        let width = items[i] as number
        if (width === 0) width = length
        else if (width === -128) width = -length
        switch (width) {
          case 1:
            sum += view.getUint8(p)
            p += 1
            break
          case -1:
            sum += view.getInt8(p)
            p += 1
            break
          case 2:
            sum += view.getUint16(p, true)
            p += 2
            break
          case -2:
            sum += view.getInt16(p, true)
            p += 2
            break
          case 4:
            sum += view.getUint32(p, true)
            p += 4
            break
          default:
            sum += view.getInt32(p, true)
            p += 4
        }
        values++
      }
      at = next
    }
    sink += sum
    return { at, values }
  })
}

/** Feeds a file block by block; `walk` says how far it came and what it counted. */
function eachBlock(path: string, walk: (view: DataView, from: number, end: number) => { at: number; values: number }): number {
  const fd = openSync(path, "r")
  const bytes = new Uint8Array(BLOCK + 512)
  const view = new DataView(bytes.buffer)
  let end = readSync(fd, bytes, 0, BLOCK, null)
  let from = 22 + (bytes[21] as number)
  let values = 0
  for (;;) {
    const done = walk(view, from, end)
    values += done.values
    bytes.copyWithin(0, done.at, end)
    const kept = end - done.at
    const read = readSync(fd, bytes, kept, BLOCK, null)
    if (read === 0) break
    from = 0
    end = kept + read
  }
  closeSync(fd)
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

/** Runs `use` with a race-lap file of so many seconds, which is gone afterwards. */
export async function withRaceLap<T>(seconds: number, use: (path: string, bytes: number) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
  const path = join(folder, "race-lap.met")
  try {
    const fd = openSync(path, "w")
    for (const block of raceLap({ seconds, seed: 7 })) writeSync(fd, block)
    closeSync(fd)
    return await use(path, statSync(path).size)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
