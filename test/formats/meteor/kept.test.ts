import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { appendMeteor } from "../../../host/formats/meteor/append.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { joinLogs } from "../../../host/views/join.js"
import { selectFrom } from "../../../host/views/select.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"
import { samplesOf } from "./samples.js"
import { decodePlainly, type PlainFrame } from "./second-decoder.js"
import { written, writtenAs } from "./written.js"

/** Frames without regard to the order of those of one stamp. */
function framesOf(bytes: Uint8Array): string[] {
  return decodePlainly(bytes).frames.map(frameText).sort()
}

function frameText({ stamp, type, id, data }: PlainFrame): string {
  return `${stamp} ${type} ${id} ${data.toString("hex")}`
}

const number = { type: "signed-number", divisor: 1000 }
/** Topics 1 and 3 occur alone and in a composite; composite 2 has one topic three times. */
const shared = {
  topics: [
    { id: 1, key: "ax", unit: "g", data: number },
    { id: 2, key: "ay", unit: "g", data: number },
    { id: 3, key: "rpm", data: { type: "unsigned-number" } },
  ],
  composites: [
    {
      id: 1,
      topics: [
        { key: "ax", length: 2 },
        { key: "ay", length: 2 },
      ],
    },
    { id: 2, name: "burst", topics: [1, 2, 3].map(() => ({ key: "rpm", length: 2 })) },
  ],
}

/** A header with a name, and frames `[stamp, type, id, ...data]`. */
function meteorBytes(frames: readonly (readonly number[])[], name = "lap 3"): Uint8Array {
  const head = [...Buffer.from("\x89B'ENERGY\r\n\x1a\n", "latin1"), 2, 0, 5, 26, 0, 0, 0, 9, name.length, ...Buffer.from(name)]
  const rest = frames.map(([stamp = 0, type = 0, id = 0, ...data]) => [0, 0, stamp >> 8, stamp & 255, type, id, data.length, ...data])
  return Uint8Array.from([...head, ...rest.flat()])
}

const sharedBytes = (name?: string, shift = 0) =>
  meteorBytes(
    Array.from({ length: 50 }, (_, i) => [
      [i * 10 + shift, 1, 1, i, 1],
      [i * 10 + shift, 2, 1, i, 2, i, 0xff],
      [i * 10 + 5 + shift, 2, 2, i, 0, i, 1, i, 2],
      [i * 10 + 5 + shift, 1, 3, i, 0, 0],
    ]).flat(),
    name,
  )

const open = (bytes: Uint8Array, spec?: unknown) => openMeteor(memorySource(bytes, "run.met"), spec === undefined ? {} : { spec })

const GOLDEN = "test/golden/meteor"
/** Damaged, or with a topic of changing width: alone in a frame a value takes the fewest bytes. */
const other = /r0[2389]|r10|h0[1458]|h1[1245-9]|h2[678]|h3[3-9]|h41/
const golden = readdirSync(GOLDEN)
  .filter((name) => existsSync(join(GOLDEN, name, "input.met")) && !other.test(name))
  .map((name): [string, Uint8Array, unknown] => {
    const file = (of: string) => readFileSync(join(GOLDEN, name, of))
    return [name, new Uint8Array(file("input.met")), JSON.parse(file("spec.json").toString())]
  })
const logs: [string, Uint8Array, unknown][] = [
  ...golden,
  ["a race lap", raceLapBytes({ seconds: 2, seed: 4 }), raceLapSpec],
  ["shared topics and repeated items", sharedBytes(), shared],
  ["no specification", sharedBytes(), undefined],
  ["a topic that the specification leaves out", sharedBytes(), { topics: shared.topics.slice(0, 2), composites: shared.composites }],
]

test.each(logs)("a part that is all of %s has its header, frames and specification", async (_, bytes, spec) => {
  const log = await open(bytes, spec)
  const part = await writtenAs(await selectFrom(log, { start: "0" }))
  expect(framesOf(part.bytes)).toEqual(framesOf(bytes))
  const header = log.header.bytes.length
  expect(Buffer.from(part.bytes.subarray(0, header)).equals(Buffer.from(bytes.subarray(0, header)).fill(2, 13, 14))).toBe(true)
  expect(part.losses.filter(({ kind }) => kind !== "form")).toEqual([])
  const again = await open(part.bytes, part.spec)
  expect(again.groups.map(({ name, channels }) => [name, channels.map(({ name, unit, notes }) => [name, unit, notes])])).toEqual(
    log.groups.map(({ name, channels }) => [name, channels.map(({ name, unit, notes }) => [name, unit, notes])]),
  )
})

test("a whole log by its own specification is the same, byte for byte, and its specification stands beside it", async () => {
  for (const options of [{}, { spec: shared }, { spec: { spec: shared } }]) {
    // As commands and the library pass it on: seen through a view that leaves nothing out.
    const { bytes, spec, losses } = await writtenAs(await selectFrom(await open(sharedBytes(), shared), {}), options)
    expect(Buffer.from(bytes).equals(Buffer.from(sharedBytes()))).toBe(true)
    expect([spec, losses]).toEqual([{ spec: shared }, []])
  }
  expect((await writtenAs(await open(sharedBytes()))).spec).toBeUndefined()
})

test("a part by the log's own specification has its frames", async () => {
  const log = await open(sharedBytes(), shared)
  const { bytes, losses } = await writtenAs(await selectFrom(log, { start: "0.1", end: "0.2" }), { spec: shared })
  const inside = ({ stamp }: PlainFrame) => stamp >= 100 && stamp < 200
  expect(losses).toEqual([])
  // A specification does not say how wide a topic is that is alone in its frames.
  const wide = (frame: PlainFrame) =>
    frameText({ ...frame, data: frame.type === 1 ? Buffer.from([...frame.data, 0, 0]).subarray(0, 3) : frame.data })
  expect(decodePlainly(bytes).frames.map(wide).sort()).toEqual(decodePlainly(sharedBytes()).frames.filter(inside).map(wide).sort())
})

test("some channels keep their ids, keys and composites; what was not chosen is not in the specification", async () => {
  const log = await open(sharedBytes(), shared)
  const { bytes, spec } = await writtenAs(await selectFrom(log, { channels: ["composite-1.ay", "burst.rpm", "burst.rpm#3"] }))
  expect(spec).toEqual({
    spec: {
      topics: shared.topics.slice(1),
      composites: [
        { id: 1, topics: [{ key: "ay", length: 2 }] },
        { id: 2, name: "burst", topics: [1, 2].map(() => ({ key: "rpm", length: 2 })) },
      ],
    },
  })
  const found = await samplesOf(await open(bytes, spec))
  expect(found.filter(([tick]) => tick === 5 || tick === 10)).toEqual([
    [5, "rpm", 0],
    [5, "rpm#2", 512],
    [10, "ay", -255 / 1000],
  ])
})

test("rows of the same logger go behind a log's own as the same frames", async () => {
  const [old, more] = [sharedBytes(), await open(sharedBytes("lap 4", 1000), shared)]
  const { bytes, spec, losses } = await written((output) => appendMeteor(memorySource(old, "run.met"), { spec: shared }, more, output, {}))
  expect([spec, losses]).toEqual([undefined, []])
  expect(framesOf(bytes)).toEqual([...framesOf(old), ...framesOf(sharedBytes("lap 4", 1000))].sort())
})

test("two logs of one specification side by side keep their values apart, the first one its ids", async () => {
  const [a, b] = [await open(sharedBytes("front"), shared), await open(sharedBytes("rear"), shared)]
  const { bytes, spec, losses } = await writtenAs(joinLogs([a, b], "start"))
  expect(losses.filter(({ kind }) => kind !== "form")).toEqual([])
  const text = JSON.parse(JSON.stringify(spec)).spec
  expect(text.topics.map(({ id, key }: { id: number; key: string }) => `${id} ${key}`)).toEqual([
    "2 ay",
    "1 front.ax",
    "3 front.rpm",
    "4 rear.ax",
    "5 rear.rpm",
    "6 rear.composite-1.ay",
  ])
  const log = await open(bytes, spec)
  expect((await log.survey()).groups.map(({ rows }) => rows)).toEqual(Array(8).fill(50))
})

test("composites of 255 items that share a topic take one id", async () => {
  const items = Array.from({ length: 255 }, () => ({ key: "v", length: 1 }))
  const spec = {
    topics: [{ id: 9, key: "v", data: { type: "unsigned-number" } }],
    composites: [1, 2, 3].map((id) => ({ id, topics: items })),
  }
  const bytes = meteorBytes([1, 2, 3, 1, 2, 3].map((id, i) => [i, 2, id, ...items.map((_, k) => (k + i) % 256)]))
  for (const given of [spec, undefined]) {
    const log = await open(bytes, given)
    const part = await writtenAs(await selectFrom(log, { start: "0" }))
    expect(framesOf(part.bytes)).toEqual(framesOf(bytes))
    const two = await writtenAs(joinLogs([log, await open(bytes, given)], "start"))
    expect(two.losses.filter(({ kind }) => kind !== "form")).toEqual([])
    const both = await open(two.bytes, two.spec)
    expect((await both.survey()).groups.map(({ rows }) => rows)).toEqual(Array(6).fill(2))
  }
})
