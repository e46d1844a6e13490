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
