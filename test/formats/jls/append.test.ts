import { describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { appendJls } from "../../../host/formats/jls/append.js"
import { checkJls } from "../../../host/formats/jls/check.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { nsToJls } from "../../../host/formats/jls/timed/utc.js"
import { JlsWriter } from "../../../host/formats/jls/writer.js"
import { goldenBytes } from "./golden.js"
import { readAll } from "./samples.js"

const START = 1_700_000_000_000_000_000n
const value = (id: number) => (id * 37) % 1001

interface Part {
  readonly first: number
  readonly rows: number
  /** Seconds behind START of the first sample; null without UTC. */
  readonly at: number | null
  readonly name?: string
  readonly rate?: number
}

/** A recording of 100 Hz whose values tell `number`, counted from its first row. */
function recording({ first, rows, at, name = "x", rate = 100 }: Part, number = 0): Uint8Array {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  writer.source({ id: 1, name: "js220", vendor: "", model: "", version: "", serial: "" })
  writer.signal({ id: 3, source: 1, type: "fsr", dataType: 0x1001, rate, name, units: "V" })
  if (at !== null) writer.utc(3, { sample: first, utc: nsToJls(START + BigInt(at * 1e9)) })
  writer.annotation(3, {
    timestamp: BigInt(first + 5),
    type: 1,
    storage: 2,
    group: 0,
    y: Number.NaN,
    data: Buffer.from(`fifth of ${number}`),
  })
  writer.fsr(
    3,
    first,
    Int16Array.from({ length: rows }, (_, i) => value(number + i)),
  )
  writer.close()
  return sink.bytes()
}

async function appended(old: Uint8Array, more: Uint8Array): Promise<JlsLog> {
  const sink = new MemorySink()
  await appendJls(memorySource(old, "old.jls"), {}, await openJls(memorySource(more)), { name: "old.jls", sink: () => sink }, {})
  for await (const finding of checkJls(memorySource(sink.bytes()))) expect(finding).toBeNull()
  return openJls(memorySource(sink.bytes()))
}

describe("a log behind a closed JLS file", () => {
  test("goes on at the sample ids that its times ask for; the time between is marked as never recorded", async () => {
    const log = await appended(recording({ first: 50, rows: 1000, at: 0 }), recording({ first: 0, rows: 500, at: 12.5 }, 7000))
    expect(log.contents.structure.signals.map(({ def }) => def.name)).toEqual(["global_annotation_signal", "x"])
    const column = (await readAll(log)).get(3)
    expect([column?.first, column?.rows]).toEqual([50, 1750])
    expect([...(column?.values ?? [])].slice(0, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => value(i)))
    expect([...(column?.missing ?? [])].map((m, i) => (m === 1 ? i : -1)).filter((i) => i >= 0)).toEqual(
      Array.from({ length: 250 }, (_, i) => 1000 + i),
    )
    expect([...(column?.values ?? [])].slice(1250)).toEqual(Array.from({ length: 500 }, (_, i) => value(7000 + i)))
    expect(log.annotations.map(({ text, tick }) => [text, tick])).toEqual([
      ["fifth of 0", 55],
      ["fifth of 7000", 1305],
    ])
    expect(log.start).toBe(START)
  })

  test("stands right behind where nothing says when, at its own sample ids where those are later, and beside where it is another signal", async () => {
    const old = recording({ first: 50, rows: 1000, at: null })
    const ends = async (part: Part) =>
      [...(await readAll(await appended(old, recording(part)))).values()].map(({ first, rows }) => [first, rows])
    expect(await ends({ first: 0, rows: 500, at: null })).toEqual([[50, 1500]])
    expect(await ends({ first: 1100, rows: 500, at: null })).toEqual([[50, 1550]])
    expect(await ends({ first: 1100, rows: 500, at: null, name: "y" })).toEqual([
      [50, 1000],
      [1100, 500],
    ])
  })

  test("is refused where it is older, of another rate, or the file is damaged", async () => {
    const old = recording({ first: 50, rows: 1000, at: 0 })
    await expect(appended(old, recording({ first: 0, rows: 500, at: 5 }))).rejects.toThrow(
      "up to sample 1050, the rows to append begin at 550",
    )
    await expect(appended(old, recording({ first: 0, rows: 500, at: 20, rate: 50 }))).rejects.toThrow("i16 at 50 Hz")
    await expect(appended(goldenBytes("truncated", "cut_60pct.jls") as Uint8Array, old)).rejects.toThrow("is damaged")
  })
})
