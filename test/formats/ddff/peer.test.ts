import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { appendDdff } from "../../../host/formats/ddff/append.js"
import { writeDdff } from "../../../host/formats/ddff/write.js"
import { needsPeers } from "../../needs.js"
import { peer } from "../../peers/python.js"
import { type MadeGroup, madeLog } from "./synthetic.js"

/** What pyddff says of a file. */
interface Read {
  readonly streams: Readonly<Record<string, unknown[]>>
  readonly inventory?: Readonly<Record<string, Columns>>
  readonly recordings?: Readonly<Record<string, Readonly<Record<string, Columns>>>>
}

interface Columns {
  readonly ticks: number[]
  readonly spans: number[]
  readonly members: Readonly<Record<string, unknown[]>>
}

/** Two groups of every type that pyddff's numpy view takes; in the second half the ticks begin again. */
function groups(rows: number, restart = false): MadeGroup[] {
  const ticks = (step: number) => Array.from({ length: rows }, (_, i) => (restart ? i % (rows / 2) : i) * step)
  const list = ticks(1)
  return [
    {
      name: "imu",
      channels: [
        { name: "ax", type: "f32" },
        { name: "n", type: "i16" },
        { name: "count", type: "u32" },
        { name: "flags", type: "u8" },
      ],
      ticks: ticks(10),
      columns: [
        list.map((_, i) => Math.fround(Math.sin(i) * 10)),
        list.map((_, i) => i * 37 - 20_000),
        list.map((_, i) => i * 4_000_000),
        list.map((_, i) => i % 256),
      ],
    },
    {
      name: "gps",
      channels: [
        { name: "lat", type: "f64" },
        { name: "fix", type: "i8" },
      ],
      ticks: ticks(50),
      columns: [list.map((_, i) => 52 + i / 7), list.map((_, i) => (i % 5) - 2)],
    },
  ]
}

async function written(made: MadeGroup[], options: object): Promise<Uint8Array> {
  const sink = new MemorySink()
  await writeDdff(madeLog(made, 1_000_000), { name: "x.ddff", sink: () => sink }, { ...options })
  return sink.bytes().slice()
}

async function appended(existing: Uint8Array, made: MadeGroup[]): Promise<Uint8Array> {
  const sink = new MemorySink()
  await appendDdff(memorySource(existing, "x.ddff"), {}, madeLog(made, 1_000_000), { name: "x.ddff", sink: () => sink }, {})
  return sink.bytes().slice()
}

function columnsOf({ ticks, channels, columns }: MadeGroup, from = 0, to = ticks.length): Columns {
  const cut = <T>(list: readonly T[]) => list.slice(from, to)
  return {
    ticks: cut(ticks) as number[],
    spans: cut(ticks).map(() => 0),
    members: Object.fromEntries(channels.map(({ name }, c) => [name, cut(columns[c] as unknown[])])),
  }
}

function recordsOf({ ticks, columns }: MadeGroup): unknown[] {
  return ticks.map((tick, row) => [tick, 0, columns.map((column) => column[row])])
}

describe("pyddff", needsPeers(), () => {
  test("reads what we write in every variant and block size as it was", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-pyddff-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const made = groups(200)
    const cases = ["base", "inventory", "tagged"].flatMap((variant) => [64, 512, 4096].map((block) => ({ variant, block })))
    const paths: string[] = []
    for (const { variant, block } of cases) {
      paths.push(join(folder, `${variant}-${block}.ddff`))
      writeFileSync(paths.at(-1) as string, await written(made, { variant, block }))
    }
    for (const [i, read] of ((await peer("read_ddff.py", paths)) as Read[]).entries()) {
      const { variant } = cases[i] as (typeof cases)[number]
      const first = { base: 0, inventory: 1, tagged: 2 }[variant] as number
      for (const [g, group] of made.entries()) {
        expect(read.streams[first + g]).toEqual(recordsOf(group))
        if (variant !== "base") expect(read.inventory?.[group.name]).toEqual(columnsOf(group))
        if (variant === "tagged") expect(read.recordings?.rec?.[group.name]).toEqual(columnsOf(group))
      }
    }
  })

  test("finds the recordings of a file that was appended to where its tags point", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-pyddff-"))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, "x.ddff")
    const made = groups(100)
    writeFileSync(path, await appended(await appended(await written(made, { variant: "tagged", block: 128 }), made), made))
    const [read] = (await peer("read_ddff.py", [path])) as [Read]
    expect(Object.keys(read.recordings ?? {})).toEqual(["rec", "rec_000001", "rec_000002"])
    for (const group of made) {
      const once = columnsOf(group)
      expect(read.inventory?.[group.name]?.ticks).toEqual([...once.ticks, ...once.ticks, ...once.ticks])
      // pyddff has no end of a recording but a tick beyond it: the last one is exact, those before run on.
      expect(read.recordings?.rec_000002?.[group.name]).toEqual(once)
    }
  })
})
