import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { type DataType, pack, packedSize } from "../../../host/formats/jls/chunks/datatype.js"
import { jls } from "../../../host/formats/jls/index.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { repairJls } from "../../../host/formats/jls/recover.js"
import { needsPeers } from "../../needs.js"
import { peer } from "../../peers/python.js"
import { cases, corruptVariants, goldenBytes } from "./golden.js"
import { statistics } from "./reference-statistics.js"
import { callsOf, replay } from "./replay.js"
import { readAll } from "./samples.js"

const folder = mkdtempSync(join(tmpdir(), "fieldlog-pyjls-"))
afterAll(() => rmSync(folder, { recursive: true }))

interface Theirs {
  sources: (number | string)[][]
  signals: {
    id: number
    name: string
    units: string
    type: number
    rate: number
    length: number
    offset?: number
    utc?: [number, string][]
    sha256?: string
    statistics?: { at: [number, number, number]; values: (number | string)[] }[]
    annotations: { timestamp: string; y: number | null; type: number; group: number; text?: string; hex?: string; json?: unknown }[]
  }[]
  user_data: { meta: number; text?: string; hex?: string; json?: unknown }[]
}

/** Files that fieldlog writes: every golden case with the defects put right, repaired files, a converted log. */
async function files(): Promise<Map<string, Uint8Array>> {
  const all = new Map<string, Uint8Array>()
  for (const name of cases) {
    if (name === "corrupt") continue
    all.set(name, replay([...callsOf(name).filter(({ op }) => op !== "close"), { op: "close" }], {}))
  }
  const damaged: [string, Uint8Array | null][] = [
    ["repaired unclosed", goldenBytes("truncated", "unclosed.jls")],
    ["repaired cut", goldenBytes("truncated", "cut_60pct.jls")],
    ["repaired zero block", corruptVariants().get("zero_block") ?? null],
  ]
  for (const [name, bytes] of damaged) {
    const sink = new MemorySink()
    await repairJls(memorySource(bytes as Uint8Array), { name, sink: () => sink })
    all.set(name, sink.bytes())
  }
  const sink = new MemorySink()
  await jls.write?.(await openJls(memorySource(all.get("multi") as Uint8Array)), { name: "x", sink: () => sink }, {})
  all.set("converted", sink.bytes())
  return all
}

describe("pyjls, the reference's own reader", () => {
  test("reads every file that fieldlog writes and agrees on all of it", { timeout: 60_000, ...needsPeers() }, async () => {
    const ours = [...(await files())].map(([name, bytes]) => ({ name, bytes, path: join(folder, `${name}.jls`) }))
    for (const { path, bytes } of ours) writeFileSync(path, bytes)
    const theirs = (await peer(
      "read_jls.py",
      ours.map(({ path }) => path),
    )) as Theirs[]
    for (const [i, { name, bytes, path }] of ours.entries()) {
      const log = await openJls(memorySource(bytes))
      await expectAgreement(name, log, theirs[i] as Theirs)
      // What the reference opens without repairing it stays as it was.
      expect(Buffer.compare(readFileSync(path), bytes)).toBe(0)
    }
  })

  test("writes files that fieldlog reads to the same samples", { timeout: 60_000, ...needsPeers() }, async () => {
    const path = join(folder, "theirs.jls")
    // The reference's threaded writer hangs now and then (seen in one of three runs).
    const written = (await peer("write_jls.py", [path], 5)) as { id: number; name: string; samples: number; sha256: string }[]
    const log = await openJls(memorySource(readFileSync(path)))
    expect(log.issues).toEqual([])
    const columns = await readAll(log)
    for (const { id, samples, sha256 } of written) {
      const { values, type, rows } = columns.get(id) as NonNullable<ReturnType<typeof columns.get>>
      expect({ id, rows }).toEqual({ id, rows: samples })
      expect({ id, sha256: hashOf(type, values, rows) }).toEqual({ id, sha256 })
    }
    expect(log.utc).toHaveLength(2 * written.length)
    expect(log.annotations.map(({ text }) => text)).toEqual(["", ...written.map(() => "1a"), "höre"])
    expect(log.userData.map(({ meta, kind }) => [meta, kind])).toEqual([
      [7, "binary"],
      [8, "text"],
    ])
    const [theirs] = (await peer("read_jls.py", [path])) as Theirs[]
    await expectAgreement("theirs", log, theirs as Theirs)
  })
})

async function expectAgreement(name: string, log: JlsLog, theirs: Theirs): Promise<void> {
  const { structure, utc, annotations, userData } = log.contents
  expect(structure.sources.map(({ id, name, vendor, model, version, serial }) => [id, name, vendor, model, version, serial])).toEqual(
    theirs.sources,
  )
  expect(theirs.signals.map(({ id, name, units, rate }) => ({ id, name, units, rate }))).toEqual(
    structure.signals.map(({ def: { id, name, units, rate } }) => ({ id, name, units, rate })),
  )
  const columns = await readAll(log)
  for (const signal of theirs.signals) {
    const where = `${name} ${signal.name}`
    const first = log.contents.maps.get(signal.id)?.first ?? 0
    expect({ where, annotations: signal.annotations }).toEqual({
      where,
      annotations: (annotations.get(signal.id) ?? []).map((a) => shown(a, first)),
    })
    if (signal.type !== 0) continue
    const { values, type, rows } = columns.get(signal.id) as NonNullable<ReturnType<typeof columns.get>>
    const pairs = (utc.get(signal.id) ?? []).map(({ sample, utc }) => [sample - first, String(utc)])
    expect({ where, length: signal.length, offset: signal.offset, utc: signal.utc }).toEqual({
      where,
      length: rows,
      offset: first,
      utc: pairs,
    })
    // 1 and 4-bit signals from an odd first sample: the reference shifts what it reads. 24 bit: pyjls has no such type.
    if (signal.sha256 === undefined || (type.bits < 8 && (first * type.bits) % 8 !== 0)) continue
    const whole = Math.floor((rows * type.bits) / 8) * 8
    expect({ where, sha256: signal.sha256 }).toEqual({ where, sha256: hashOf(type, values, whole / type.bits) })
    // The reference writes half of the f64 entries and then reads behind them.
    if (name === "theirs" && type.summaryBytes === 8) continue
    const { fsr } = log.signals.find(({ fsr }) => fsr.signal.def.id === signal.id) as JlsLog["signals"][number]
    for (const { at, values: answer } of signal.statistics ?? []) {
      expect({ where, at, answer: answer.map(Number) }).toEqual({ where, at, answer: [...(await statistics(fsr, ...at))] })
    }
  }
  expect(theirs.user_data).toEqual(userData.map(({ meta, storage, data }) => ({ meta, ...content(storage, data) })))
}

function shown(
  { timestamp, y, type, group, storage, data }: NonNullable<ReturnType<JlsLog["contents"]["annotations"]["get"]>>[number],
  first: number,
) {
  return { timestamp: String(timestamp - BigInt(first)), y: Number.isNaN(y) ? null : y, type, group, ...content(storage, data) }
}

function content(storage: number, data: Uint8Array): { text?: string; hex?: string; json?: unknown } {
  const text = Buffer.from(data).toString("utf8")
  if (storage === 1) return { hex: Buffer.from(data).toString("hex") }
  return storage === 2 ? { text } : { json: JSON.parse(text) as unknown }
}

function hashOf(type: DataType, values: Parameters<typeof pack>[1], count: number): string {
  const packed = new Uint8Array(packedSize(type.bits, count))
  pack(type, values, count, packed)
  return createHash("sha256").update(packed).digest("hex")
}
