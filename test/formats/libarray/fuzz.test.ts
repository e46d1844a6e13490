/** @module-tag slow */

import { readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { libarray } from "../../../host/formats/libarray/index.js"
import { scanLines } from "../../../host/formats/libarray/scan.js"
import { FUZZ_RUNS, fuzz } from "../../fuzz/mutate.js"

const folder = "test/golden/libarray"
const seeds = (readdirSync(folder, { recursive: true }) as string[])
  .map((name) => join(folder, name))
  .filter((path) => path.includes("tsdir") && statSync(path).isFile())
  .map((path) => new Uint8Array(readFileSync(path)))
const SEED = Number(process.env.FIELDLOG_SEED ?? 1)

test(`${FUZZ_RUNS} mutated day files are read to their end, seed ${SEED}`, { timeout: 3_600_000 }, async () => {
  const read = async (input: Uint8Array) => {
    const log = await libarray.open(memorySource(input, "k"), {})
    const survey = await log.survey()
    let rows = 0
    for await (const chunk of log.chunks()) rows += chunk.rows
    if (rows !== survey.groups[0]?.rows) throw new Error(`${rows} rows, the survey counted ${survey.groups[0]?.rows}`)
  }
  const stillWorks = async () => expect(scanLines(Buffer.from("2020-01-01 00:00:00|a\n"), null).n).toBe(1)
  await fuzz({ seeds, read, stillWorks }, FUZZ_RUNS, SEED)
})

test("a day file cut at any byte gives its whole lines, and the last one where its time is whole", () => {
  const text = Buffer.from("2020-01-01 00:00:00|a b\n2020-01-01 00:00:01.25|c\r\n2020-01-01 00:00:02|\n")
  for (let length = 0; length <= text.length; length++) {
    const part = text.subarray(0, length)
    const whole = part.toString().split("\n")
    const lines = scanLines(part, null)
    const last = whole.pop() as string
    expect([length, lines.n]).toEqual([length, whole.length + (last.includes("|") ? 1 : 0)])
    expect(lines.faults.map(({ kind }) => kind)).toEqual(last === "" ? [] : [last.includes("|") ? "no-line-end" : "bad-line"])
  }
})
