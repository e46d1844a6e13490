import { spawn } from "node:child_process"
import { once } from "node:events"
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { MemorySink } from "../../host/bytes/sink.js"
import { JlsWriter } from "../../host/formats/jls/writer.js"
import { fieldlog, MAIN } from "./command.js"

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Sample ids 100 to 104 and 107 to 109, each worth ten times its id; then more. */
function recording(more: number): Uint8Array {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  const small = { samplesPerData: 16, samplesPerEntry: 16, entriesPerSummary: 10, entriesPerEntry: 10 }
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: 0x1001, rate: 10, name: "x", units: "V", ...small })
  const tens = (from: number, to: number) =>
    writer.fsr(
      1,
      from,
      Int16Array.from({ length: to - from }, (_, i) => (from + i) * 10),
    )
  tens(100, 105)
  tens(107, 110)
  if (more > 0) tens(110, 110 + more)
  writer.close()
  return sink.bytes()
}

const rows = (out: string) =>
  out
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { tick: number; values: { x: number | null } })

test("rows that were never recorded have no value, or one on the line between where that is asked for", async () => {
  const path = join(folder, "gap.jls")
  writeFileSync(path, recording(0))
  const [marked, filled] = [await fieldlog(["cat", path]), await fieldlog(["cat", path, "--gaps", "interpolate"])]
  const ids = Array.from({ length: 10 }, (_, i) => 100 + i)
  expect(rows(marked.out).map(({ tick, values }) => [tick, values.x])).toEqual(
    ids.map((id) => [id, id === 105 || id === 106 ? null : id * 10]),
  )
  expect(rows(filled.out).map(({ tick, values }) => [tick, values.x])).toEqual(ids.map((id) => [id, id * 10]))
})

test("a recording is followed while its chunks are written, and a log with stamps is put on the grid that is asked for", async () => {
  const path = join(folder, "growing.jls")
  const whole = recording(400)
  // Not closed: no length in the header, and the end within a chunk.
  const open = whole.slice()
  open.fill(0, 16, 24)
  writeFileSync(path, open.subarray(0, 3000))
  const child = spawn(process.execPath, [MAIN, "cat", "-f", path])
  let out = ""
  child.stdout.on("data", (text) => (out += text))
  const seen = () => rows(out.slice(0, out.lastIndexOf("\n") + 1))
  while (seen().length === 0) await new Promise((resolve) => setImmediate(resolve))
  appendFileSync(path, open.subarray(3000))
  while (seen().at(-1)?.tick !== 509) await new Promise((resolve) => setImmediate(resolve))
  child.kill("SIGINT")
  await once(child, "exit")
  expect(seen().map(({ tick }) => tick)).toEqual(Array.from({ length: 410 }, (_, i) => 100 + i))
  expect(
    seen()
      .slice(10)
      .every(({ tick, values }) => values.x === tick * 10),
  ).toBe(true)

  writeFileSync(join(folder, "stamps.csv"), "time [s],x\n0,0\n0.3,3\n1,10\n")
  const ran = await fieldlog(["convert", join(folder, "stamps.csv"), "-o", join(folder, "grid.jls"), "--rate", "4", "--fill", "linear"])
  expect(ran.err).toContain("resampled at 4 Hz (linear), as asked")
  const grid = await fieldlog(["cat", join(folder, "grid.jls")])
  expect(rows(grid.out).map(({ values }) => values.x)).toEqual([0, 2.5, 5, 7.5, 10])
})
