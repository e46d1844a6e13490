import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import fc from "fast-check"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { columnLog } from "../../../host/imports/column-log.js"
import { type Case, type CaseGroup, cases, memoryLog } from "../../conformance/cases.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"
import { type Sample, samplesOf } from "./samples.js"
import { decodePlainly, plainInteger, plainSamples } from "./second-decoder.js"
import { type Written, writtenAs } from "./written.js"

/** What a case holds, as samples in time order; only what Meteor can hold. */
function samplesOfCase(data: Case): Sample[] {
  const samples: Sample[] = []
  for (const group of data.groups) {
    for (const channel of group.channels) {
      if (channel.type === "mixed") continue
      for (const [i, value] of channel.values.entries()) {
        if (typeof value !== "number" && typeof value !== "bigint") continue
        if (typeof value === "number" && !Number.isFinite(value)) continue
        const { addition = 0, divisor = 1, multiplier = 1 } = channel.calibration ?? {}
        samples.push([tickMs(group, i), channel.name, ((Number(value) + addition) / divisor) * multiplier])
      }
    }
  }
  return sorted(samples)
}

function tickMs(group: CaseGroup, i: number): number {
  if (group.time.kind === "fixed") return Math.round((group.time.offset + i / group.time.rate) * 1000)
  return Math.round(Number(group.ticks?.[i]) * (group.time.tick === 0 ? 1 : group.time.tick) * 1000)
}

function sorted(samples: Sample[]): Sample[] {
  return samples.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0) || Number(a[2]) - Number(b[2]))
}

const EXACT = Object.entries(cases).filter(([name]) => !["ns ticks", "no tick length", "64-bit edges", "clashing names"].includes(name))

test.each(EXACT)("writes the log of %s so that it reads the same", async (_, data) => {
  const { bytes, spec } = await writtenAs(memoryLog(data))
  const log = await openMeteor(memorySource(bytes), { spec })
  const found = sorted(await samplesOf(log))
  const expected = samplesOfCase(data)
  expect(found.map(([tick, name]) => [tick, name])).toEqual(expected.map(([tick, name]) => [tick, name]))
  const single = data.groups.some(({ channels }) => channels.some(({ type }) => type === "f32"))
  for (const [i, [, , value]] of found.entries()) {
    const wanted = expected[i]?.[2] as number
    if (single) expect(Math.fround(value as number)).toBe(Math.fround(wanted))
    else expect(value).toBe(wanted)
  }
  expect(log.issues.filter(({ severity }) => severity !== "note" && data !== cases["clock goes back"])).toEqual([])
})

test("64-bit integers are exact, and floats beyond Meteor's integers are said to be rounded or dropped", async () => {
  const data = cases["64-bit edges"] as Case
  const { bytes, spec, losses } = await writtenAs(memoryLog(data))
  const log = await openMeteor(memorySource(bytes), { spec })
  const found = new Map<string, Map<number, unknown>>()
  for await (const chunk of log.chunks()) {
    for (const [c, { name }] of (log.groups[chunk.group]?.channels ?? []).entries()) {
      const own = found.get(name) ?? new Map<number, unknown>()
      for (let i = 0; i < chunk.rows; i++) own.set(Number(chunk.ticks?.[i]), chunk.columns[c]?.[i])
      found.set(name, own)
    }
  }
  for (const name of ["u64", "i64", "u32", "i32", "i8", "i24", "u40"]) {
    const values = [0, 1, 2, 3].map((tick) => found.get(name)?.get(tick))
    // A row with a value that does not fit comes value by value: small ones as numbers then.
    expect(values.map(String), name).toEqual(data.groups[0]?.channels.find((channel) => channel.name === name)?.values.map(String))
  }
  const texts = losses.map(({ text }) => text)
  expect(texts).toContainEqual(expect.stringMatching(/f64: values rounded/))
  expect(texts).toContain("1 values of f64 dropped: they do not fit into 8 bytes")
  expect([...(found.get("f64") ?? [])].filter(([tick]) => tick === 1)).toEqual([])
})

test("a value that is none is never written as a number, and the loss is named", async () => {
  const { bytes, losses } = await writtenAs(memoryLog(cases["not a number"] as Case))
  expect(decodePlainly(bytes).frames.flatMap(({ data }) => [...data])).toEqual([15, 15])
  expect(losses.filter(({ kind }) => kind === "values").map(({ count }) => count)).toEqual([3, 3])
})

test("a log without rows is a header", async () => {
  const { bytes } = await writtenAs(memoryLog(cases["no samples"] as Case))
  const file = decodePlainly(bytes)
  expect(file.frames).toEqual([])
  expect(file.version).toBe(2)
})

test("an integer alone in a frame takes the smallest width that holds it", async () => {
  const values = [0, 127, 128, 200, 255, 256, 32_767, 32_768, 65_535, 2 ** 31, 2 ** 32, -1, -128, -129, -32_769]
  const signed: Case = {
    groups: [{ name: "s", time: ms, ticks: values.map((_, i) => i), channels: [{ name: "s", type: "int", values }] }],
  }
  const { bytes } = await writtenAs(memoryLog(signed))
  const { frames } = decodePlainly(bytes)
  expect(frames.map(({ data }) => data.length)).toEqual([1, 1, 2, 2, 2, 2, 2, 3, 3, 5, 5, 1, 1, 2, 3])
  expect(frames.map(({ data }) => Number(plainInteger(data, true)))).toEqual(values)
})

const ms = { kind: "stamped", tick: 0.001 } as const
const GOLDEN = "test/golden/meteor"
const SOUND = readdirSync(GOLDEN).filter((name) => existsSync(join(GOLDEN, name, "input.met")) && !/r08|r10|h1[6-9]|h3[46-9]/.test(name))

test.each(SOUND)("gives %s back byte for byte when nothing is changed", async (name) => {
  const input = new Uint8Array(readFileSync(join(GOLDEN, name, "input.met")))
  const log = await openMeteor(memorySource(input), { spec: JSON.parse(readFileSync(join(GOLDEN, name, "spec.json"), "utf8")) })
  const { bytes, losses } = await writtenAs(log)
  expect(Buffer.from(bytes).equals(Buffer.from(input))).toBe(true)
  expect(losses).toEqual([])
})

test("a race lap written anew from its rows has the same frames", async () => {
  const input = raceLapBytes({ seconds: 2, seed: 4 })
  const log = await openMeteor(memorySource(input), { spec: raceLapSpec })
  // Not the log itself: what a selection of its rows looks like to the writer.
  const { variant, name, start, groups, annotations, utc, userData, issues } = log
  const rows = { format: "meteor" as const, variant, name, start, groups, annotations, utc, userData, issues }
  const view = { ...rows, survey: () => log.survey(), chunks: (s?: object) => log.chunks(s), close: async () => {} }
  const { bytes, spec } = await writtenAs(view)
  // By its own specification the frames are the same, ids included.
  const told = await writtenAs(view, { spec: raceLapSpec })
  const frame = ({ stamp, type, id, data }: { stamp: number; type: number; id: number; data: Buffer }) =>
    `${stamp} ${type} ${id} ${data.toString("hex")}`
  const again = await openMeteor(memorySource(bytes), { spec })
  expect(sorted(await samplesOf(again))).toEqual(sorted(await samplesOf(log)))
  const shape = ({ stamp, type, data }: { stamp: number; type: number; data: Buffer }) => `${stamp} ${type} ${data.toString("hex")}`
  expect(decodePlainly(bytes).frames.map(shape).sort()).toEqual(decodePlainly(input).frames.map(shape).sort())
  expect(
    decodePlainly(told.bytes)
      .frames.filter(({ type }) => type === 2)
      .map(frame)
      .sort(),
  ).toEqual(
    decodePlainly(input)
      .frames.filter(({ type }) => type === 2)
      .map(frame)
      .sort(),
  )
  expect(bytes.subarray(0, 38)).toEqual(input.subarray(0, 38))
})

/** Lone channels, three of which share their stamps. */
const shared: Case = {
  groups: [
    ...["ax", "ay", "az"].map((name, g): CaseGroup => {
      const values = Array.from({ length: 50 }, (_, i) => (i === 20 && g === 1 ? null : (i * 37 * (g + 1)) % 1000) as number)
      return { name, time: ms, ticks: values.map((_, i) => i * 10), channels: [{ name, type: "i16", values }] }
    }),
    { name: "slow", time: ms, ticks: [0, 100, 200], channels: [{ name: "slow", type: "u8", values: [1, 2, 3] }] },
  ],
}

test("lone channels with the same stamps become one composite, and rows with a hole come value by value", async () => {
  // A Meteor log keeps its own frames unless told else.
  const joined = await writtenAs({ ...memoryLog(shared), format: "jls" })
  expect(await writtenAs(memoryLog(shared), { composites: "join" })).toEqual(joined)
  const kept = await writtenAs(memoryLog(shared))
  const { frames } = decodePlainly(joined.bytes)
  expect(frames.filter(({ type }) => type === 2).map(({ data }) => data.length)).toEqual(Array(49).fill(6))
  expect(frames.filter(({ type }) => type === 1).map(({ stamp, data }) => [stamp, data.length])).toEqual([
    [0, 1],
    [100, 1],
    [200, 1],
    [200, 2],
    [200, 2],
  ])
  expect(decodePlainly(kept.bytes).frames.every(({ type }) => type === 1)).toBe(true)
  expect(joined.bytes.length).toBeLessThan(kept.bytes.length * 0.6)
  const again = async ({ bytes, spec }: Written) => sorted(await samplesOf(await openMeteor(memorySource(bytes), { spec })))
  expect(await again(joined)).toEqual(samplesOfCase(shared))
  expect(await again(kept)).toEqual(samplesOfCase(shared))
})

test("rows that share a stamp within a group, and stamps that go back, are never mixed up in a composite", async () => {
  const ticks = [0, 1, 1, 2, 900, 3, 4]
  const group = (name: string, shift: number): CaseGroup => ({
    name,
    time: ms,
    ticks,
    channels: [{ name, type: "u8", values: ticks.map((_, i) => i + shift) }],
  })
  const data: Case = { groups: [group("a", 0), group("b", 100)] }
  const { bytes, spec } = await writtenAs(memoryLog(data), { composites: "join" })
  expect(sorted(await samplesOf(await openMeteor(memorySource(bytes), { spec })))).toEqual(samplesOfCase(data))
})

const asked = {
  topics: [
    { id: 40, key: "ax", data: { type: "signed-number", divisor: 10 } },
    { id: 41, key: "ay", data: { type: "signed-number" } },
    { id: 50, key: "slow", length: 4, data: { type: "unsigned-number" } },
  ],
  composites: [
    {
      id: 9,
      name: "pair",
      topics: [
        { key: "ay", length: 3 },
        { key: "ax", length: 2 },
      ],
    },
  ],
}

test("a given specification fixes ids, widths, scales and composites, and what it has no topic for is a loss", async () => {
  const { bytes, spec, losses } = await writtenAs(memoryLog(shared), { spec: asked })
  const { frames } = decodePlainly(bytes)
  const pairs = frames.filter(({ type }) => type === 2)
  expect(new Set(pairs.map(({ id, data }) => `${id} ${data.length}`))).toEqual(new Set(["9 5"]))
  expect(frames.filter(({ id }) => id === 50).map(({ data }) => data.toString("hex"))).toEqual(["01000000", "02000000", "03000000"])
  expect(
    pairs.slice(1, 3).map(({ data }) => [plainInteger(data.subarray(0, 3), true), plainInteger(data.subarray(3), true)].map(Number)),
  ).toEqual([
    [74, 370],
    [148, 740],
  ])
  expect(losses.map(({ kind, count, text }) => [kind, count, text])).toEqual([
    ["values", 50, "az.az dropped: the specification has no topic for it"],
  ])
  expect(spec).toEqual({ spec: asked })
  const found = sorted(await samplesOf(await openMeteor(memorySource(bytes), { spec })))
  expect(found).toEqual(samplesOfCase(shared).filter(([, name]) => name !== "az"))
})

test("values that do not fit into the widths of a given specification are dropped, never cut, and counted", async () => {
  const values = [0, 255, 256, -1, 7]
  const data: Case = { groups: [{ name: "a", time: ms, ticks: [0, 1, 2, 3, 4], channels: [{ name: "a", type: "i32", values }] }] }
  const spec = { topics: [{ id: 1, key: "a", length: 1, data: { type: "unsigned-number" } }] }
  const { bytes, losses } = await writtenAs(memoryLog(data), { spec })
  expect(decodePlainly(bytes).frames.map(({ data }) => data[0])).toEqual([0, 255, 7])
  expect(losses).toEqual([{ kind: "values", count: 2, text: "2 values of a dropped: they do not fit into 1 bytes, unsigned" }])
})

test("random logs of integers and floats come back, and a second decoder sees the same numbers", {
  timeout: 60_000,
  tags: "slow",
}, async () => {
  const column = fc.oneof(
    fc.record({ type: fc.constant("i16" as const), make: fc.constant(fc.integer({ min: -32_768, max: 32_767 })) }),
    fc.record({ type: fc.constant("u8" as const), make: fc.constant(fc.integer({ min: 0, max: 255 })) }),
    fc.record({ type: fc.constant("u24" as const), make: fc.constant(fc.integer({ min: 0, max: 2 ** 24 - 1 })) }),
    fc.record({ type: fc.constant("int" as const), make: fc.constant(fc.integer({ min: -(2 ** 47), max: 2 ** 47 })) }),
    fc.record({ type: fc.constant("f64" as const), make: fc.constant(fc.integer({ min: -1e9, max: 1e9 }).map((n) => n / 1000)) }),
  )
  const group = fc.tuple(fc.array(column, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(1500), { maxLength: 30 }))
  const logs = fc.array(group, { minLength: 1, maxLength: 4 }).chain((groups) =>
    fc.tuple(
      ...groups.map(([columns, steps], g) =>
        fc
          .tuple(
            ...columns.map(({ make }) => fc.array(fc.option(make, { freq: 20 }), { minLength: steps.length, maxLength: steps.length })),
          )
          .map((values): CaseGroup => {
            let tick = 0
            const channels = columns.map(({ type }, c) => ({ name: `g${g}c${c}`, type, values: values[c] ?? [] }))
            return { name: `g${g}`, time: ms, ticks: steps.map((step) => (tick += step)), channels }
          }),
      ),
    ),
  )
  await fc.assert(
    fc.asyncProperty(logs, async (groups) => {
      const data: Case = { groups }
      const { bytes, spec } = await writtenAs(memoryLog(data), { composites: groups.length % 2 === 0 ? "join" : "keep" })
      const log = await openMeteor(memorySource(bytes), { spec })
      expect(sorted(await samplesOf(log))).toEqual(samplesOfCase(data))
      const plain = plainSamples(decodePlainly(bytes), (spec as { spec: Parameters<typeof plainSamples>[1] }).spec)
      expect(plain).toEqual(await samplesOf(log))
    }),
    { numRuns: 60 },
  )
})

const scale = fc.record({
  type: fc.constantFrom("signed-number", "unsigned-number"),
  addition: fc.integer({ min: -1000, max: 1000 }),
  divisor: fc.constantFrom(1, 2, 10, 4095, 10_000_000),
  multiplier: fc.constantFrom(1, 5, 125),
})

/** A specification of some lone topics and one composite, and raw records that fit it: stamp and value of each topic, null for none. */
const specified = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc
    .record({
      ids: fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { minLength: n, maxLength: n }),
      scales: fc.array(scale, { minLength: n, maxLength: n }),
      lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: n, maxLength: n }),
      fixed: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
      together: fc.integer({ min: 0, max: n }),
      compositeId: fc.integer({ min: 0, max: 255 }),
      rows: fc.integer({ min: 0, max: 12 }),
    })
    .chain((shape) => {
      const raws = shape.lengths.map((length, k) => {
        const top = 2 ** (length * 8 - (shape.scales[k]?.type === "signed-number" ? 1 : 0))
        const raw = fc.integer({ min: shape.scales[k]?.type === "signed-number" ? -top : 0, max: top - 1 })
        return fc.array(fc.option(raw, { freq: 8 }), { minLength: shape.rows, maxLength: shape.rows })
      })
      return fc.record({ shape: fc.constant(shape), raws: fc.tuple(...raws) })
    }),
)

test("random records written by a random specification come back raw and scaled, and read the same by a second decoder", async () => {
  await fc.assert(
    fc.asyncProperty(specified, async ({ shape, raws }) => {
      const { ids, scales, lengths, fixed, together, compositeId, rows } = shape
      const topics = ids.map((id, k) => ({
        id,
        key: `t${k}`,
        ...(fixed[k] ? { length: lengths[k] } : {}),
        data: scales[k] as NonNullable<(typeof scales)[number]>,
      }))
      const items = topics.slice(0, together).map(({ key }, k) => ({ key, length: lengths[k] as number }))
      const composites = items.length === 0 ? [] : [{ id: compositeId, topics: items }]
      const ticks = Array.from({ length: rows }, (_, i) => i * 7)
      const groups = topics.map(({ key, data }, k): CaseGroup => {
        const { addition, divisor, multiplier } = data
        const type = data.type === "signed-number" ? "int" : "uint"
        return {
          name: key,
          time: ms,
          ticks,
          channels: [{ name: key, type, calibration: { addition, divisor, multiplier }, values: raws[k] ?? [] }],
        }
      })
      const spec = { topics, composites }
      const { bytes, losses } = await writtenAs(memoryLog({ groups }), { spec })
      expect(losses.filter(({ kind }) => kind !== "form")).toEqual([])
      const file = decodePlainly(bytes)
      for (const { type, id, data } of file.frames) {
        const k = ids.indexOf(id)
        if (type === 1 && fixed[k]) expect(data.length).toBe(lengths[k])
        if (type === 2) expect([id, data.length]).toEqual([compositeId, items.reduce((sum, { length }) => sum + length, 0)])
      }
      const found = await samplesOf(await openMeteor(memorySource(bytes), { spec }))
      expect(plainSamples(file, spec)).toEqual(found)
      expect(sorted(found)).toEqual(samplesOfCase({ groups }))
    }),
    { numRuns: 60 },
  )
}, 60_000)

test("a row further away than a stamp can tell, or without a time, is left out and told, never wrapped", async () => {
  const times = [0, 1, 61 * 86_400, 2, Number.NaN, 3]
  const log = columnLog({
    format: "csv",
    variant: "",
    name: "run",
    start: null,
    time: { kind: "stamped", tick: 1 },
    channels: [{ name: "x", unit: "", type: "u8", calibration: null, notes: {} }],
    issues: [],
    async *rows() {
      yield { rows: times.length, ticks: Float64Array.from(times), columns: [Uint8Array.of(1, 2, 3, 4, 5, 6)], missing: [null] }
    },
    async close() {},
  })
  const { bytes, spec, losses } = await writtenAs(log)
  const samples = await samplesOf(await openMeteor(memorySource(bytes), { spec }))
  expect(samples.map(([ms, , value]) => [ms, value])).toEqual([
    [0, 1],
    [1000, 2],
    [2000, 4],
    [3000, 6],
  ])
  expect(losses.filter(({ kind }) => kind === "rows")).toMatchObject([{ count: 1 }])
  expect(log.issues.map(({ kind }) => kind)).toEqual(["no-time"])
})
