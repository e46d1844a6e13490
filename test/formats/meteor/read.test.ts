import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { meteor } from "../../../host/formats/meteor/index.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import type { Finding } from "../../../host/model/format.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"
import { samplesOf } from "./samples.js"

const lap = raceLapBytes({ seconds: 5, seed: 2 })

/** A version 2 file from frames: stamp, type, id, data. */
function file(frames: readonly (readonly [number, number, number, readonly number[]])[], date = [18, 4, 24]): Uint8Array {
  const bytes = [0x89, 0x42, 0x27, 0x45, 0x4e, 0x45, 0x52, 0x47, 0x59, 13, 10, 26, 10, 2, ...date, 0, 0, 0, 0, 0]
  for (const [stamp, type, id, data] of frames) {
    bytes.push(stamp >>> 24, (stamp >>> 16) & 255, (stamp >>> 8) & 255, stamp & 255, type, id, data.length, ...data)
  }
  return Uint8Array.from(bytes)
}

const one = (id: number, key: string, more: object = {}) => ({ id, key, data: { type: "unsigned-number" }, ...more })

test("a selection of groups and times gives the same rows as a full read, filtered", async () => {
  const log = await openMeteor(memorySource(lap), { spec: raceLapSpec }, 8192)
  const all = await samplesOf(log)
  const speed = log.groups.findIndex(({ name }) => name === "speed")
  const part = await samplesOf(log, { groups: [speed], start: 1.004, end: 2.5 })
  expect(part).toEqual(all.filter(([tick, name]) => name === "speed" && tick >= 1004 && tick < 2500))
  for await (const chunk of log.chunks({ groups: [speed], start: 1.004, end: 2.5 })) {
    const before = all.filter(([tick, name]) => name === "speed" && tick < Number(chunk.ticks?.[0])).length
    expect(chunk.first).toBe(before)
  }
})

test("the survey counts what the chunks deliver", async () => {
  const log = await openMeteor(memorySource(lap), { spec: raceLapSpec })
  const survey = await log.survey()
  const rows = log.groups.map(() => 0)
  for await (const chunk of log.chunks()) rows[chunk.group] = (rows[chunk.group] ?? 0) + chunk.rows
  expect(survey.groups.map((group) => group.rows)).toEqual(rows)
  expect(survey.duration).toBeCloseTo(4.997, 3)
})

test("arrays that are used again hold the same rows while they are valid", async () => {
  const hurt = lap.slice()
  hurt.fill(0xff, 20_000, 20_400)
  const log = await openMeteor(memorySource(hurt), { spec: raceLapSpec }, 8192)
  const buffers = new Set<ArrayBufferLike>()
  for await (const { ticks } of log.chunks({ reuse: true })) if (ticks !== null) buffers.add(ticks.buffer)
  expect(buffers.size).toBe(1)
  expect(await samplesOf(log, { reuse: true })).toEqual(await samplesOf(log))
})

test("windows come in time order", async () => {
  const log = await openMeteor(memorySource(lap), { spec: raceLapSpec }, 8192)
  let latest = 0
  let window = -1
  let inWindow = 0
  for await (const chunk of log.chunks()) {
    if (chunk.window !== window) {
      latest = Math.max(latest, inWindow)
      window = chunk.window
    }
    const ticks = [...(chunk.ticks ?? [])].map(Number)
    expect(Math.min(...ticks)).toBeGreaterThanOrEqual(latest)
    inWindow = Math.max(inWindow, ...ticks)
  }
  expect(window).toBeGreaterThan(5)
})

test("a growing log is followed, and a frame that is not whole yet is waited for", async () => {
  let size = 38 + 100
  const inner = memorySource(lap)
  const growing: Source = {
    ...inner,
    get size() {
      return size
    },
    read: (at, length, into) => inner.read(at, Math.max(0, Math.min(length, size - at)), into),
    async refresh() {
      return size
    },
  }
  const log = await openMeteor(growing, { spec: raceLapSpec })
  const follow = async () => {
    if (size >= lap.length) return false
    size = Math.min(lap.length, size + 777)
    return true
  }
  const followed = await samplesOf(log, { follow })
  const whole = await samplesOf(await openMeteor(memorySource(lap), { spec: raceLapSpec }))
  expect(followed).toEqual(whole)
  expect(log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
})

test("without a specification topics are raw and named by their id", async () => {
  const log = await openMeteor(
    memorySource(
      file([
        [0, 1, 7, [1, 2]],
        [5, 1, 9, [255]],
      ]),
    ),
    {},
  )
  expect(await samplesOf(log)).toEqual([
    [0, "topic-7", 513],
    [5, "topic-9", 255],
  ])
})

test("fieldlog's pad frames carry no value and are no damage", async () => {
  const frames = [
    [0, 1, 1, [1]],
    [10, 1, 1, [2]],
    [10, 0, 0, [0, 0, 0]],
    [20, 1, 1, [3]],
  ] as const
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a")] } })
  expect(await samplesOf(log)).toEqual([
    [0, "a", 1],
    [10, "a", 2],
    [20, "a", 3],
  ])
  expect(log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
})

test("a composite's repeated topic becomes a second channel", async () => {
  const composites = [
    {
      id: 3,
      name: "pair",
      topics: [
        { key: "a", length: 1 },
        { key: "a", length: 1 },
      ],
    },
  ]
  const log = await openMeteor(memorySource(file([[4, 2, 3, [5, 6]]])), { spec: { topics: [one(1, "a")], composites } })
  expect(log.groups.map(({ name }) => name)).toEqual(["pair"])
  expect(await samplesOf(log)).toEqual([
    [4, "a", 5],
    [4, "a#2", 6],
  ])
})

test("bytes behind the last item of a composite are ignored, and that is a warning", async () => {
  const composites = [{ id: 3, topics: [{ key: "a", length: 1 }] }]
  const frames = [
    [0, 2, 3, [1]],
    [1, 2, 3, [2, 9, 9]],
    [2, 2, 3, [3]],
  ] as const
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a")], composites } })
  expect((await samplesOf(log)).map(([, , value]) => value)).toEqual([1, 2, 3])
  expect(log.issues.filter(({ kind }) => kind === "composite-length").map(({ severity, text }) => [severity, text])).toEqual([
    ["warning", "composite 3: 1 frames of 3 bytes, expected 1 by the specification; bytes beyond it are ignored"],
  ])
})

test("a topic of declared length has a column of that type, and values that do not fit are missing and said", async () => {
  const frames = [
    [0, 1, 1, [1, 0]],
    [1, 1, 1, [9]],
    [2, 1, 1, [0, 0, 1]],
    [3, 1, 1, [4, 0]],
  ] as const
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a", { length: 2 })] } })
  expect(log.groups[0]?.channels[0]?.type).toBe("u16")
  expect((await samplesOf(log)).map(([, , value]) => value)).toEqual([1, 9, null, 4])
  expect(log.issues.filter(({ kind }) => kind === "topic-length").map(({ severity }) => severity)).toEqual(["warning", "error"])
})

test.each([3, 300])("a topic that has another width after a pause of %d s loses nothing", async (pause) => {
  const frames: [number, number, number, number[]][] = []
  for (let i = 0; i < 20; i++) frames.push([i * 10, 1, 1, [i]])
  for (let i = 0; i < 20; i++) frames.push([pause * 1000 + 190 + i * 10, 1, 1, [i, 1]])
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a")] } })
  expect((await samplesOf(log)).map(([, , value]) => value)).toEqual([...Array(40).keys()].map((i) => (i < 20 ? i : i - 20 + 256)))
  expect(log.issues.filter(({ severity }) => severity === "error")).toEqual([])
})

test("64-bit integers are exact", async () => {
  const frames = [
    [0, 1, 1, [255, 255, 255, 255, 255, 255, 255, 255]],
    [1, 1, 1, [1, 0, 0, 0, 0, 0, 32]],
  ] as const
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a")] } })
  for await (const chunk of log.chunks()) expect([...(chunk.columns[0] ?? [])]).toEqual([2n ** 64n - 1n, 2n ** 53n + 1n])
})

test("a slow log with minutes between its frames is whole", async () => {
  const frames = Array.from({ length: 50 }, (_, i) => [i * 300_000, 1, 1, [i]] as const)
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a")] } })
  expect(await samplesOf(log)).toHaveLength(50)
  expect(log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
})

test("two sources half a second apart are read in full", async () => {
  const frames = Array.from({ length: 60 }, (_, i) => [1000 + i * 10 - (i % 2) * 500, 1, 1 + (i % 2), [i]] as const)
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a"), one(2, "b")] } })
  expect(await samplesOf(log)).toHaveLength(60)
})

test("a logger that starts its clock again is read on, and the step is said", async () => {
  const frames = Array.from({ length: 40 }, (_, i) => [i < 20 ? 100_000 + i * 10 : (i - 20) * 10, 1, 1, [i]] as const)
  const log = await openMeteor(memorySource(file(frames)), { spec: { topics: [one(1, "a")] } })
  expect(await samplesOf(log)).toHaveLength(40)
  expect(log.issues.map(({ kind }) => kind)).toContain("clock-step")
})

test.each([
  [[18, 4, 24], undefined, "2024-05-18"],
  [[18, 4, 24], 1, "2024-04-18"],
  [[5, 12, 24], undefined, "2024-12-05"],
  [[5, 0, 24], undefined, "2024-01-05"],
  [[2, 0, 170], undefined, "2170-01-02"],
] as const)("date bytes %j with month base %s start on %s", async (date, monthBase, day) => {
  const log = await openMeteor(memorySource(file([], [...date])), monthBase === undefined ? {} : { monthBase })
  expect(new Date(Number((log.start ?? 0n) / 1_000_000n)).toISOString().slice(0, 10)).toBe(day)
})

test.each([[[0, 0, 0]], [[0, 4, 24]], [[5, 4, 0]]])("date bytes %j are no date, and are said", async (date) => {
  const log = await openMeteor(memorySource(file([], date)), {})
  expect(log.start).toBeNull()
  expect(log.issues.map(({ kind }) => kind)).toEqual(["partial-date"])
})

test("check names the place, the frame and the field of every rule broken", async () => {
  const folder = "test/golden/meteor/h08-composite-short"
  const spec = JSON.parse(readFileSync(`${folder}/spec.json`, "utf8"))
  const found: Finding[] = []
  for await (const finding of meteor.check?.(memorySource(new Uint8Array(readFileSync(`${folder}/input.met`))), { spec }) ?? [])
    found.push(finding)
  expect(found.map(({ rule, at, where }) => [rule, at, where])).toEqual([
    ["assumed-time", 15, "header, month"],
    ["composite-length", 26, "frame 0, length"],
    ["composite-length", 38, "frame 1, length"],
    ["composite-length", 49, "frame 2, length"],
  ])
  expect(found[1]?.text).toBe("composite 1: 1 frames of 5 bytes, expected 9 by the specification; items that do not fit are missing")
})

test("check finds nothing but notes in a sound log", async () => {
  for await (const { severity } of meteor.check?.(memorySource(lap), { spec: raceLapSpec }) ?? []) expect(severity).toBe("note")
})
