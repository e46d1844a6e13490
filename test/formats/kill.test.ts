/** @module-tag slow */

import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { composeHeader } from "../../host/formats/btsf/compose.js"
import { openBtsf } from "../../host/formats/btsf/read.js"
import { readRange } from "../../host/formats/libarray/dump.js"
import { Random } from "../generate/random.js"

/** Processes killed; `FIELDLOG_KILLS=200` for the long run. */
const KILLS = Number(process.env.FIELDLOG_KILLS ?? 6)
const SEED = Number(process.env.FIELDLOG_SEED ?? 1)
const CHILD = join(import.meta.dirname, "appending-child.mjs")

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "fieldlog-kill-"))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** Runs an appending process and kills it at a random moment. @returns the last number that it told, 0 if none */
function runAndKill(args: readonly string[], random: Random, look: () => Promise<void>): Promise<number> {
  const child = spawn(process.execPath, [CHILD, ...args], { stdio: ["ignore", "pipe", "inherit"] })
  const killAfter = random.integer(0, 2000)
  let told = ""
  let looks: Promise<void> = Promise.resolve()
  return new Promise((resolve, reject) => {
    child.stdout.on("data", (bytes: Buffer) => {
      told += bytes.toString()
      // Readers work while the writer does.
      looks = looks.then(look).catch(reject)
      if (told.length > killAfter) child.kill("SIGKILL")
    })
    child.on("error", reject)
    child.on("close", (code) => {
      if (code !== null) return reject(new Error(`ended by itself with exit ${code}`))
      const whole = told
        .slice(0, told.lastIndexOf("\n") + 1)
        .trim()
        .split("\n")
      looks.then(() => resolve(Number(whole[whole.length - 1] ?? 0)), reject)
    })
  })
}

test(`a btsf file keeps every row that was acknowledged, through ${KILLS} kills`, { timeout: 600_000 }, async () => {
  const metrics = [
    { identifier: "time", code: "d", isTime: true },
    { identifier: "x", code: "f" },
    { identifier: "n", code: "B" },
  ] as const
  const random = new Random(SEED)
  let path = ""
  let least = 0
  for (let k = 0; k < KILLS; k++) {
    // Ten processes go on with one file; then it has grown enough.
    if (k % 10 === 0) {
      path = join(folder(), "run.btsf")
      writeFileSync(path, composeHeader({ metrics }).bytes)
      least = 0
    }
    let seen = 0
    const told = await runAndKill(["btsf", path, String(random.integer(1, 20))], random, async () => {
      seen = await countRows(path, seen)
    })
    least = Math.max(least, told)
    expect(await countRows(path, seen)).toBeGreaterThanOrEqual(least)
  }
  expect(least).toBeGreaterThan(0)
})

/** Checks that the file holds rows 0, 1, 2 ... and nothing else. @returns how many */
async function countRows(path: string, least: number): Promise<number> {
  const log = await openBtsf(memorySource(new Uint8Array(readFileSync(path))))
  let next = 0
  for await (const { rows, columns } of log.chunks()) {
    const [times, xs, ns] = columns as [Float64Array, Float32Array, Uint8Array]
    for (let i = 0; i < rows; i++, next++) {
      if (times[i] !== next || xs[i] !== next % 7 || ns[i] !== next % 256)
        throw new Error(`row ${next} holds ${times[i]} ${xs[i]} ${ns[i]}`)
    }
  }
  const strange = log.issues.filter(({ kind }) => kind !== "truncated")
  if (strange.length > 0) throw new Error(strange[0]?.text)
  if (next < least) throw new Error(`${next} rows, there were ${least}`)
  return next
}

test(`a libarray series keeps every line that was acknowledged, through ${KILLS} kills`, { timeout: 600_000 }, async () => {
  const random = new Random(SEED + 1)
  let root = ""
  let least = 0
  let cut = new Set<number>()
  for (let k = 0; k < KILLS; k++) {
    if (k % 10 === 0) {
      root = folder()
      least = 0
      cut = new Set()
    }
    const told = await runAndKill(["libarray", root], random, async () => {
      countLines(root, cut, true)
    })
    least = Math.max(least, told)
    const lines = countLines(root, cut, false)
    expect(lines).toBeGreaterThanOrEqual(least)
  }
  expect(least).toBeGreaterThan(0)
})

/**
 * Checks that the series holds lines 0, 1, 2 ... and nothing else.
 * @param cut lines that a kill left unfinished, which were not acknowledged: the next writer ends them, and they stay
 * @param alive while somebody writes: the reader leaves out what has no line end yet, and so never sees part of a line
 * @returns how many
 */
function countLines(root: string, cut: Set<number>, alive: boolean): number {
  let n = 0
  for (const { lines, first, end } of readRange({ root, series: { net: "N", method: "M", id: "k" }, endedOnly: alive })) {
    for (let i = first; i < end; i++, n++) {
      const data = Buffer.from(lines.bytes.subarray(lines.data[i], lines.end[i])).toString()
      if (data === `value ${n}` || cut.has(n)) continue
      const isLast = !alive && i === end - 1 && lines.faults.some(({ kind }) => kind === "no-line-end")
      if (!isLast || !`value ${n}`.startsWith(data)) throw new Error(`line ${n} is ${data}`)
      cut.add(n)
    }
  }
  return n
}
