import { expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { recoverMeteor } from "../../../host/formats/meteor/recover.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"
import { samplesOf } from "./samples.js"

const whole = raceLapBytes({ seconds: 3, seed: 6 })

async function recovered(bytes: Uint8Array) {
  const sink = new MemorySink()
  const rescue = await recoverMeteor(memorySource(bytes), { name: "saved.met", sink: () => sink }, { spec: raceLapSpec })
  const log = await openMeteor(memorySource(sink.bytes().slice()), { spec: raceLapSpec })
  const samples = await samplesOf(log)
  const survey = await log.survey()
  const rows = survey.groups.reduce((sum, group) => sum + group.rows, 0)
  return { ...rescue, samples, readBack: rows, errors: log.issues.filter(({ severity }) => severity === "error"), bytes: sink.bytes() }
}

test("recovering a sound log copies it byte for byte", async () => {
  const { bytes, holes } = await recovered(whole)
  expect(holes).toEqual([])
  expect(Buffer.from(bytes).equals(whole)).toBe(true)
})

test("a recovered log is sound, holds what the damaged one delivered, and names every hole", async () => {
  const hurt = whole.slice()
  hurt.fill(0xff, 5000, 5600)
  hurt.fill(0, 20_000, 20_100)
  hurt[30_000] = (hurt[30_000] as number) ^ 0x40
  const cut = hurt.subarray(0, hurt.length - 3)
  const { rows, readBack, errors, holes, samples } = await recovered(cut)
  expect(errors).toEqual([])
  expect(readBack).toBe(rows)
  expect(holes.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["gap", "gap", "truncated"]))
  expect(holes.some(({ at, length }) => at <= 5000 && at + length >= 5600)).toBe(true)
  const original = new Set((await samplesOf(await openMeteor(memorySource(whole), { spec: raceLapSpec }))).map(String))
  const invented = samples.filter((sample) => !original.has(String(sample)))
  // The flipped bit may be in a value, which nothing can tell.
  expect(invented.length).toBeLessThanOrEqual(3)
})

test("a damaged length byte is set right and a stamp far from its neighbours is left out", async () => {
  const hurt = whole.slice()
  const at = frameStart(hurt, 500)
  hurt[at + 6] = (hurt[at + 6] as number) ^ 0x20
  const other = frameStart(hurt, 900)
  hurt[other] = 0x40
  const { rows, readBack, errors, holes, bytes } = await recovered(hurt)
  expect(errors).toEqual([])
  expect(readBack).toBe(rows)
  expect(holes.map(({ kind, at: place }) => [kind, place])).toEqual([["odd-stamp", other]])
  expect(bytes[at + 6]).toBe(whole[at + 6])
  expect(bytes.length).toBe(whole.length - 7 - (whole[other + 6] as number))
})

test("an unused tail is left out and is not damage", async () => {
  const padded = new Uint8Array(whole.length + 4096)
  padded.set(whole)
  const { bytes, holes } = await recovered(padded)
  expect(holes).toEqual([])
  expect(Buffer.from(bytes).equals(whole)).toBe(true)
})

function frameStart(bytes: Uint8Array, n: number): number {
  let at = 38
  for (let i = 0; i < n; i++) at += 7 + (bytes[at + 6] as number)
  return at
}

test("a header that is gone, a specification of another log and none at all stop no frame", async () => {
  const headless = whole.slice()
  headless.fill(0, 0, 512)
  const saved = await recovered(headless)
  expect(saved.holes[0]).toMatchObject({ kind: "no-header", at: 0 })
  expect(saved.errors).toEqual([])
  const frames = (await samplesOf(await openMeteor(memorySource(whole), { spec: raceLapSpec }))).map(String)
  expect(saved.samples.length).toBeGreaterThan(frames.length - 150)
  expect(saved.samples.map(String).every((sample) => frames.includes(sample))).toBe(true)
  for (const spec of [{ topics: [], composites: [] }, { topics: 7 }, undefined]) {
    const sink = new MemorySink()
    await recoverMeteor(memorySource(whole), { name: "saved.met", sink: () => sink }, { spec })
    expect(Buffer.from(sink.bytes()).equals(whole)).toBe(true)
  }
})

test("a source that gives fewer bytes than its size says ends there, and that is told", async () => {
  const source = { ...memorySource(whole.subarray(0, 20_000)), size: whole.length }
  const log = await openMeteor(source, { spec: raceLapSpec })
  const { groups } = await log.survey()
  expect(groups.reduce((sum, { rows }) => sum + rows, 0)).toBeGreaterThan(1000)
  expect(log.issues.filter(({ kind }) => kind === "ends-early")).toMatchObject([{ at: 20_000, length: whole.length - 20_000 }])
})

test("the last frame before bytes that are no frames is said to be doubtful", async () => {
  const torn = whole.slice(0, frameStart(whole, 900))
  const at = frameStart(whole, 800)
  torn.fill(0x5a, at + 9)
  const log = await openMeteor(memorySource(torn), { spec: raceLapSpec })
  await log.survey()
  expect(log.issues.find(({ kind }) => kind === "gap")?.text).toMatch(/; the frame before, at byte \d+, is doubtful$/)
})

test("without a specification the bytes of a composite are delivered one by one", async () => {
  const frame = [0, 0, 0, 5, 2, 7, 2, 11, 12]
  const log = await openMeteor(memorySource(Uint8Array.from([...whole.subarray(0, 21), 0, ...frame, ...frame, ...frame, ...frame])), {})
  expect(log.groups.map(({ name, channels }) => [name, channels.map(({ name: channel }) => channel)])).toEqual([
    ["composite-7", ["byte-0", "byte-1"]],
  ])
  expect((await samplesOf(log)).slice(0, 2)).toEqual([
    [5, "byte-0", 11],
    [5, "byte-1", 12],
  ])
})
