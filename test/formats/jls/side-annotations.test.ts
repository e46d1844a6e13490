import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { recordingOf } from "../../../host/formats/jls/side-annotations.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import { fieldlog } from "../../cli/command.js"

const SECOND = 1n << 30n
const START = 100n * SECOND
const F32 = 0x2004
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-anno-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

function written(name: string, fill: (writer: JlsWriter) => void): void {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  writer.source({ id: 1, name: "js220", vendor: "", model: "", version: "", serial: "" })
  fill(writer)
  writer.close()
  writeFileSync(join(folder, name), sink.bytes())
}

const text = (timestamp: bigint, words: string) => ({
  timestamp,
  type: 1,
  storage: 2,
  group: 0,
  y: Number.NaN,
  data: new TextEncoder().encode(words),
})

/** A recording of 4 s at 1 kHz from second 100 on, with one annotation of its own. */
function recording(): void {
  written("run.jls", (writer) => {
    writer.signal({ id: 5, source: 1, type: "fsr", dataType: F32, rate: 1000, name: "current", units: "A" })
    writer.fsr(5, 0, new Float32Array(4000).fill(1))
    writer.utc(5, { sample: 0, utc: START })
    writer.utc(5, { sample: 4000, utc: START + 4n * SECOND })
    writer.annotation(5, text(500n, "own"))
  })
}

/** As Joulescope UI saves them: a signal of the same name, without samples, its annotations by UTC. */
function side(name: string, at: bigint, words: string): void {
  written(name, (writer) => {
    writer.signal({ id: 1, source: 1, type: "vsr", dataType: F32, rate: 0, name: "current", units: "A" })
    writer.annotation(1, text(at, words))
  })
}

test("annotations of side files stand in the recording at their UTC, behind its own", async () => {
  recording()
  side("run.anno.jls", START + 2n * SECOND, "wake")
  side("run.anno_b.jls", START + 3n * SECOND, "sleep")
  side("other.anno.jls", START, "not ours")
  const info = JSON.parse((await fieldlog(["info", "--json", "run.jls"], { cwd: folder })).out).logs[0]
  expect(info.annotations.map(({ time, text: words }: { time: number; text: string }) => [time, words])).toEqual([
    [0.5, "own"],
    [2, "wake"],
    [3, "sleep"],
  ])
  expect(info.issues.map(({ kind, severity }: { kind: string; severity: string }) => `${kind} ${severity}`)).toEqual([
    "side-file note",
    "side-file note",
  ])
  // A copy holds them, as of the signal that they belong to.
  expect((await fieldlog(["convert", "run.jls", "-o", "copy.jls"], { cwd: folder })).code).toBe(0)
  const copy = JSON.parse((await fieldlog(["info", "--json", "copy.jls"], { cwd: folder })).out).logs[0]
  expect(copy.annotations.map(({ time, text: words }: { time: number; text: string }) => [time, words])).toEqual([
    [0.5, "own"],
    [2, "wake"],
    [3, "sleep"],
  ])
})

test("a folder shows the recording once, and a broken side file is a warning", async () => {
  recording()
  side("run.anno.jls", START + 2n * SECOND, "wake")
  writeFileSync(join(folder, "run.anno2.jls"), new Uint8Array(5000))
  const ran = await fieldlog(["info", "--json", "."], { cwd: folder })
  expect(ran.code).toBe(0)
  const { logs } = JSON.parse(ran.out)
  expect(logs.map(({ path }: { path: string }) => path)).toEqual(["run.jls"])
  expect(logs[0].issues).toEqual(expect.arrayContaining([expect.objectContaining({ kind: "side-file", severity: "warning" })]))
  // Named itself, it is a log like any other.
  expect((await fieldlog(["info", "run.anno.jls"], { cwd: folder })).out).toContain("wake")
})

test("the name of a side file says whose it is", () => {
  expect(recordingOf("20260101.anno.jls")).toBe("20260101.jls")
  expect(recordingOf("a.anno.b.anno3.jls")).toBe("a.anno.b.jls")
  expect(recordingOf("run.jls")).toBeNull()
})
