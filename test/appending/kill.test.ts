import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { composeHeader } from "../../host/formats/btsf/compose.js"
import { openBtsf } from "../../host/formats/btsf/read.js"
import { dump } from "../../host/formats/libarray/dump.js"
import { memorySource } from "../../host/source.js"
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
    child.on("close", () => {
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
  for (let k = 0; k < KILLS; k++) {
    if (k % 10 === 0) {
      root = folder()
      least = 0
    }
    const told = await runAndKill(["libarray", root], random, async () => {
      countLines(root)
    })
    least = Math.max(least, told)
    expect(countLines(root)).toBeGreaterThanOrEqual(least)
  }
  expect(least).toBeGreaterThan(0)
})

/**
 * Checks that the series holds lines 0, 1, 2 ... and nothing else. A line that is being written may be seen cut where a page of the file ends, and
 * stays so if the process dies there: it was not acknowledged. One a process at most.
 * @returns how many
 */
function countLines(root: string): number {
  const text = Buffer.concat([...dump({ root, series: { net: "N", method: "M", id: "k" } })]).toString()
  const lines = text.split("\n").slice(0, -1)
  let cut = 0
  for (const [i, line] of lines.entries()) {
    const data = line.slice(line.indexOf("|") + 1)
    if (data === `value ${i}`) continue
    if (!`value ${i}`.startsWith(data) || ++cut > 10) throw new Error(`line ${i} is ${line}`)
  }
  return lines.length
}
