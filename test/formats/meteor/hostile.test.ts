import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { LogError } from "../../../host/model/errors.js"
import { damageMeteor } from "../../damage/meteor.js"
import { FUZZ_RUNS, fuzz } from "../../fuzz/mutate.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"
import { type Sample, samplesOf } from "./samples.js"

const HEADER = 38
const whole = raceLapBytes({ seconds: 0.12, seed: 3 })

async function read(bytes: Uint8Array, spec: unknown = raceLapSpec): Promise<{ samples: Sample[]; kinds: string[] }> {
  const log = await openMeteor(memorySource(bytes), { spec })
  const samples = await samplesOf(log)
  return { samples, kinds: log.issues.filter((issue) => issue.severity !== "note").map((issue) => issue.kind) }
}

test("a log cut at any byte gives the samples before the cut and says what is incomplete", { timeout: 60_000, tags: "slow" }, async () => {
  const { samples } = await read(whole)
  for (let size = HEADER; size < whole.length; size++) {
    const cut = await read(whole.subarray(0, size))
    expect(cut.samples.join()).toBe(samples.slice(0, cut.samples.length).join())
    const full = cut.kinds.length === 0
    expect(cut.kinds).toEqual(full ? [] : ["truncated"])
    // A frame is at most 15 bytes: no more than its values may be missing.
    const bytesPerSample = whole.length / samples.length
    expect(cut.samples.length).toBeGreaterThan((size - HEADER) / bytesPerSample - 8)
  }
})

test("a header cut at any byte is one clear error", async () => {
  for (let size = 0; size < HEADER; size++) {
    const error = await openMeteor(memorySource(whole.subarray(0, size)), {}).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(LogError)
    expect((error as LogError).message).toMatch(/empty|incomplete/)
  }
})

test("a flip of any bit behind the header costs at most the frame it is in", { timeout: 60_000, tags: "slow" }, async () => {
  const part = raceLapBytes({ seconds: 0.025, seed: 3 })
  const { samples } = await read(part)
  for (let bit = HEADER * 8; bit < part.length * 8; bit++) {
    const hurt = part.slice()
    hurt[bit >> 3] = (hurt[bit >> 3] as number) ^ (1 << (bit & 7))
    const delivered = new Set((await read(hurt)).samples.map(String))
    const lost = samples.filter((sample) => !delivered.has(String(sample)))
    expect(lost.length, `bit ${bit}`).toBeLessThanOrEqual(3)
  }
})

test("random damage costs no frames beyond those that it touches", { timeout: 60_000, tags: "slow" }, async () => {
  for (const { name, beyond } of await damageMeteor(8, 11)) expect(beyond, name).toBeLessThanOrEqual(1)
})

test(`nothing but a LogError escapes from ${FUZZ_RUNS} mutated logs`, async () => {
  const folder = "test/golden/meteor"
  const small = readdirSync(folder).filter((name) => existsSync(join(folder, name, "input.met")))
  const seeds = [
    raceLapBytes({ seconds: 0.4, seed: 5 }),
    ...small.map((name) => new Uint8Array(readFileSync(join(folder, name, "input.met")))),
  ]
  const specs = [raceLapSpec, undefined, JSON.parse(readFileSync(join(folder, "h07-composite-basic", "spec.json"), "utf8"))]
  const sound = (await read(whole)).samples
  let turn = 0
  const seed = Number(process.env.FIELDLOG_FUZZ_SEED ?? 20261121)
  console.log(`fuzz: seed ${seed}, ${FUZZ_RUNS} inputs`)
  const target = {
    seeds,
    read: async (input: Uint8Array) => {
      const log = await openMeteor(memorySource(input), { spec: specs[turn++ % specs.length] }, 8192)
      const survey = await log.survey()
      let rows = 0
      for await (const chunk of log.chunks()) rows += chunk.rows
      const surveyed = survey.groups.reduce((sum, group) => sum + group.rows, 0)
      if (rows !== surveyed) throw new Error(`${rows} rows, the survey counted ${surveyed}`)
    },
    stillWorks: async () => expect((await read(whole)).samples).toEqual(sound),
  }
  await fuzz(target, FUZZ_RUNS, seed)
}, 3_600_000)

/** A frame of topic 7: a float of 4 bytes. */
function frame(ms: number): Uint8Array {
  const bytes = new Uint8Array(11)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, ms)
  bytes.set([1, 7, 4], 4)
  view.setFloat32(7, 1)
  return bytes
}

test("a few frames between two gaps, behind a pause, are read, and the scan goes on behind them", async () => {
  const garbage = new Uint8Array(37).fill(0xa5)
  for (const pause of [0, 1999, 2001, 10_000, 59_000, 61_000, 4_000_000, -1000]) {
    for (let between = 1; between <= 12; between++) {
      const stamps = Array.from({ length: 50 }, (_, i) => 5_000_000 + i * 100)
      const island = Array.from({ length: between }, (_, i) => 5_005_000 + pause + i * 100)
      const rest = Array.from({ length: 50 }, (_, i) => 5_005_000 + pause + (between + i) * 100)
      const parts = [stamps.map(frame), [garbage], island.map(frame), [garbage], rest.map(frame)].flat()
      const { samples } = await read(new Uint8Array(Buffer.concat([whole.subarray(0, HEADER), ...parts])), undefined)
      const all = samples.map(([ms]) => ms)
      expect(all.slice(0, 50), `${between} frames behind ${pause} ms`).toEqual(stamps)
      expect(all.slice(-50)).toEqual(rest)
      expect(all.length).toBeLessThanOrEqual(100 + between)
      if (between >= 4 && Math.abs(pause) < 60_000 && pause >= 0) expect(all.length).toBe(100 + between)
    }
  }
})

test("a block's size changes nothing that is read", async () => {
  const bytes = raceLapBytes({ seconds: 20, seed: 9 })
  bytes.fill(0xff, 100_000, 104_096)
  bytes.fill(0, 200_000, 200_600)
  const all: string[] = []
  for (const size of [0, 7000, 65_536, 1 << 20]) {
    const log = await openMeteor(memorySource(bytes), { spec: raceLapSpec }, size)
    const samples = await samplesOf(log)
    all.push(JSON.stringify([samples, log.issues]))
  }
  expect(new Set(all).size).toBe(1)
}, 60_000)
