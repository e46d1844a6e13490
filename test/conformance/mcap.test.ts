import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { writeMcap } from "../../host/exports/mcap.js"
import { nodeCompressors } from "../../host/io/compressors.js"
import type { Loss } from "../../host/model/log.js"
import { isNumeric } from "../../host/model/wire.js"
import { needsPeers, without } from "../needs.js"
import { peer } from "../peers/python.js"
import { type Case, cases, MemoryOutput } from "./cases.js"
import { caseLog, groupTables, timeOf } from "./expected.js"

const names = Object.keys(cases)

interface Answer {
  topics: Record<string, { t: string; v: Record<string, unknown> }[]>
  sorted: boolean
  streamed: number
  count: number
  units: Record<string, Record<string, string>>
  schemas: Record<string, { properties: Record<string, { description?: string }> }>
  metadata: Record<string, { log: string }>
  attachments: { name: string; data: string }[]
}

describe("MCAP", needsPeers(), () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-mcap-"))
  const losses: Loss[][] = []
  let answers: Answer[] = []
  beforeAll(async () => {
    const paths: string[] = []
    for (const [i, name] of names.entries()) {
      const output = new MemoryOutput()
      losses.push(await writeMcap(caseLog(cases[name] as Case), output, {}, nodeCompressors))
      paths.push(join(folder, `${i}.mcap`))
      writeFileSync(paths[i] as string, output.bytes())
    }
    answers = (await peer("read_mcap.py", paths)) as Answer[]
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test.each(names)("the mcap package reads back: %s", (name) => {
    const data = cases[name] as Case
    const answer = answers[names.indexOf(name)] as Answer
    const tables = groupTables(data)
    for (const [g, group] of data.groups.entries()) {
      const messages = answer.topics[group.name] ?? []
      const times = group.channels[0]?.values.map((_, row) => logTime(data, g, row)) ?? []
      const order = times.map((_, row) => row).sort((a, b) => Number((times[a] as bigint) - (times[b] as bigint)) || a - b)
      expect(messages.map(({ t }) => t)).toEqual(order.map((row) => String(times[row])))
      for (const [c, channel] of group.channels.entries()) {
        const want = tables[g]?.columns[c + 1]?.values ?? []
        // What is missing or no number has no key, and JSON knows only integers that a double holds.
        const noNumber = (cell: unknown) => typeof cell === "string" && /^(NaN|-?Infinity)$/.test(cell)
        const cells = messages.map(({ v }) => v[channel.name] ?? null).map((cell) => (channel.type === "mixed" ? cell : exact(cell)))
        expect(channel.type === "mixed" ? cells.map((cell) => (cell === null ? null : JSON.stringify(cell))) : cells).toEqual(
          order.map((row) => (isNumeric(channel.type) && noNumber(want[row]) ? null : want[row])),
        )
        if (channel.unit !== undefined) {
          expect(answer.units[group.name]?.[`unit:${channel.name}`]).toBe(channel.unit)
          expect(answer.schemas[group.name]?.properties[channel.name]?.description).toBe(channel.unit)
        }
      }
    }
    expect(answer.sorted).toBe(true)
    expect(answer.streamed).toBe(answer.count)
    expect(JSON.parse(answer.metadata.fieldlog?.log ?? "").annotations).toHaveLength(data.annotations?.length ?? 0)
    expect(answer.attachments).toHaveLength(data.userData?.length ?? 0)
    expect(answer.topics["/annotations"]?.map(({ v }) => v.message)).toEqual(
      data.annotations === undefined ? undefined : ["", "here: größe"],
    )
    const hasStart = typeof data.start === "bigint"
    const timeless = data.groups.some(({ time }) => time.kind === "stamped" && time.tick === 0)
    const told = [...(hasStart ? [] : ["form"]), ...(name === "not a number" ? ["values"] : []), ...(timeless ? ["form"] : [])]
    expect(losses[names.indexOf(name)]?.map(({ kind }) => kind)).toEqual(told)
  })
})

/** A command of its own, which no package registry has: skipped where it is not there, in CI too. */
const doctor = without(spawnSync("mcap", ["version"]).error === undefined ? null : "there is no mcap command")
test.each(names)("mcap doctor finds nothing wrong: %s", doctor, async (name) => {
  const output = new MemoryOutput()
  await writeMcap(caseLog(cases[name] as Case), output, {}, nodeCompressors)
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-doctor-"))
  const path = join(folder, "case.mcap")
  writeFileSync(path, output.bytes())
  const { status, stdout, stderr } = spawnSync("mcap", ["doctor", path], { encoding: "utf8" })
  rmSync(folder, { recursive: true })
  expect(status, stdout + stderr).toBe(0)
})

/** An integer beyond 2^53 as `cellOf` has it; Python gives it with all digits, see `read_mcap.py`. */
function exact(cell: unknown): unknown {
  return typeof cell === "object" && cell !== null && "$int" in cell ? cell.$int : cell
}

function logTime(data: Case, g: number, row: number): bigint {
  const group = data.groups[g] as Case["groups"][number]
  const start = data.start ?? 0n
  const { time, ticks } = group
  if (time.kind === "stamped" && time.tick === 0) return BigInt(ticks?.[row] ?? row)
  if (typeof ticks?.[row] === "bigint") return start + ticks[row]
  return start + BigInt(Math.round(timeOf(group, row) * 1e9))
}
