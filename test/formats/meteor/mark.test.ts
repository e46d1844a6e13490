import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { appendMeteor } from "../../../host/formats/meteor/append.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { selectFrom } from "../../../host/views/select.js"
import { type Case, memoryLog } from "../../conformance/cases.js"
import { decodePlainly } from "./second-decoder.js"
import { written, writtenAs } from "./written.js"

const ms = { kind: "stamped", tick: 0.001 } as const

/** Three rows of some channels from a time on. */
function rows(names: readonly string[], unit = "", from = 0): Case {
  const channels = names.map((name, c) => ({ name, unit, type: "u8" as const, values: [c, c + 1, c + 2] }))
  return { groups: [{ name: "wheels", time: ms, ticks: [from, from + 1, from + 2], channels }] }
}

const markOf = (spec: unknown) => (spec as { fieldlog?: string }).fieldlog
const open = (bytes: Uint8Array, spec?: unknown) => openMeteor(memorySource(bytes, "run.met"), spec === undefined ? {} : { spec })
const errors = (log: { issues: readonly { severity: string; kind: string }[] }) =>
  log.issues.filter(({ severity }) => severity === "error").map(({ kind }) => kind)

test("the specification's mark ends the name in the header, and is not shown", async () => {
  const { bytes, spec } = await writtenAs({ ...memoryLog(rows(["front", "rear"])), name: "lap" })
  expect(markOf(spec)).toMatch(/^[a-f][0-9a-f]{7}$/)
  expect(decodePlainly(bytes).name).toBe(`lap-${markOf(spec)}`)
  const log = await open(bytes, spec)
  expect([log.name, errors(log)]).toEqual(["lap", []])
})

test("equal specifications have one mark, and each thing that they say has a part in it", async () => {
  const mark = async (data: Case) => markOf((await writtenAs(memoryLog(data))).spec)
  const marks = [rows(["a", "b"]), rows(["b", "a"]), rows(["a"]), rows(["a", "b"], "bar"), rows(["a", "c"])]
  const found = await Promise.all(marks.map(mark))
  expect(new Set(found).size).toBe(marks.length)
  expect(await mark(rows(["a", "b"]))).toBe(found[0])
})

test("another log's specification is an error that names both marks; the values are read by it all the same", async () => {
  const { bytes, spec } = await writtenAs(memoryLog(rows(["front", "rear"])))
  const other = await writtenAs(memoryLog(rows(["oil", "water"])))
  const log = await open(bytes, other.spec)
  expect(log.groups[0]?.channels.map(({ name }) => name)).toEqual(["oil", "water"])
  expect(errors(log)).toEqual(["foreign-specification"])
  expect(log.issues.map(({ text }) => text).join()).toContain(`it has the mark ${markOf(other.spec)}, the log ${markOf(spec)}`)
})

test.each([
  ["0035a1ad-00001-b31259f5", "0035a1ad-00001"],
  ["0035a1ad-00001-car-b31259f5", "0035a1ad-00001-car"],
  ["0035a1ad-00001-20261129", "0035a1ad-00001-20261129"],
  ["0035a1ad-00001-car-7", "0035a1ad-00001-car-7"],
  ["run-deadbeef", "run-deadbeef"],
])("a log called %s without a specification that has the mark is shown as %s", async (name, shown) => {
  const head = [...Buffer.from("\x89B'ENERGY\r\n\x1a\n", "latin1"), 2, 0, 0, 0, 0, 0, 0, 0, name.length, ...Buffer.from(name)]
  const log = await open(Uint8Array.from([...head, 0, 0, 0, 1, 1, 1, 1, 7]), {
    topics: [{ id: 1, key: "a", data: { type: "unsigned-number" } }],
  })
  expect([log.name, errors(log)]).toEqual([shown, []])
})

test("a part with fewer channels has a mark of its own, one with all of them keeps it", async () => {
  const { bytes, spec } = await writtenAs({ ...memoryLog(rows(["front", "rear"])), name: "lap" })
  const log = await open(bytes, spec)
  const all = await writtenAs(await selectFrom(log, { start: "0.001" }))
  expect([decodePlainly(all.bytes).name, all.spec]).toEqual([`lap-${markOf(spec)}`, spec])
  const one = await writtenAs(await selectFrom(log, { channels: ["rear"] }))
  expect(markOf(one.spec)).not.toBe(markOf(spec))
  expect(decodePlainly(one.bytes).name).toBe(`lap-${markOf(one.spec)}`)
})

test("rows of a new channel behind a log change its specification, and the mark in the header with it", async () => {
  const { bytes, spec } = await writtenAs({ ...memoryLog(rows(["front", "rear"])), name: "lap" })
  const append = (more: Case) => written((output) => appendMeteor(memorySource(bytes, "out.met"), { spec }, memoryLog(more), output, {}))
  const same = await append(rows(["front", "rear"], "", 10))
  expect([same.spec, decodePlainly(same.bytes).name]).toEqual([undefined, `lap-${markOf(spec)}`])
  const wider = await append(rows(["fuel", "oil"], "", 10))
  expect(markOf(wider.spec)).not.toBe(markOf(spec))
  expect(decodePlainly(wider.bytes).name).toBe(`lap-${markOf(wider.spec)}`)
  const head = 22 + "lap-".length + 8
  expect(Buffer.from(wider.bytes.subarray(head, bytes.length)).equals(Buffer.from(bytes.subarray(head)))).toBe(true)
  expect(errors(await open(wider.bytes, wider.spec))).toEqual([])
})

test("a long name leaves room for the mark", async () => {
  const { bytes, spec, losses } = await writtenAs({ ...memoryLog(rows(["a", "b"])), name: "ü".repeat(200) })
  expect(decodePlainly(bytes).name).toBe(`${"ü".repeat(123)}-${markOf(spec)}`)
  expect(losses.map(({ text }) => text)).toContain("name cut to 246 bytes")
})
