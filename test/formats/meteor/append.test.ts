import { expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { appendMeteor } from "../../../host/formats/meteor/append.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import type { Loss } from "../../../host/model/log.js"
import { type Case, memoryLog } from "../../conformance/cases.js"
import { raceLapBytes, raceLapSpec } from "../../generate/race-lap.js"
import { type Sample, samplesOf } from "./samples.js"
import { decodePlainly } from "./second-decoder.js"

const ms = { kind: "stamped", tick: 0.001 } as const
const whole = raceLapBytes({ seconds: 3, seed: 8 })

interface Appended {
  readonly bytes: Uint8Array
  /** The specification that was written anew, undefined when the old one still holds. */
  readonly spec: unknown
  readonly losses: Loss[]
}

async function append(existing: Uint8Array, log: Parameters<typeof appendMeteor>[2], spec: unknown = raceLapSpec): Promise<Appended> {
  const sinks = new Map<string, MemorySink>()
  const sink = (name = "run.met") => {
    const made = new MemorySink()
    sinks.set(name, made)
    return made
  }
  const losses = await appendMeteor(memorySource(existing, "run.met"), { spec }, log, { name: "run.met", sink }, {})
  const side = sinks.get("run.spec.json")
  return {
    bytes: sinks.get("run.met")?.bytes().slice() ?? new Uint8Array(0),
    spec: side === undefined ? undefined : JSON.parse(new TextDecoder().decode(side.bytes())),
    losses,
  }
}

async function read(bytes: Uint8Array, spec: unknown = raceLapSpec): Promise<Sample[]> {
  const log = await openMeteor(memorySource(bytes), { spec })
  const samples = await samplesOf(log)
  expect(log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
  return samples
}

/** Rows of the lap's speed and of a channel that it does not have, from a second on. */
function more(from: number, start: bigint | null = null): ReturnType<typeof memoryLog> {
  const ticks = Array.from({ length: 20 }, (_, i) => from * 1000 + i * 10)
  const calibration = { addition: 0, divisor: 100, multiplier: 1 }
  const data: Case = {
    ...(start === null ? {} : { start }),
    groups: [
      { name: "speed", time: ms, ticks, channels: [{ name: "speed", type: "u16", calibration, values: ticks.map((_, i) => 5000 + i) }] },
      { name: "fuel", time: ms, ticks, channels: [{ name: "fuel", type: "u8", values: ticks.map((_, i) => i) }] },
    ],
  }
  return memoryLog(data)
}

test("rows go behind a log's own: its bytes stay, known channels keep their ids, new ones are added to the specification", async () => {
  const { bytes, spec, losses } = await append(whole, more(10))
  expect(losses).toEqual([])
  expect(Buffer.from(bytes.subarray(0, whole.length)).equals(Buffer.from(whole))).toBe(true)
  const before = await read(whole)
  const after = await read(bytes, spec)
  expect(after.filter(([tick]) => tick < 9000)).toEqual(before)
  expect(after.filter(([tick, name]) => tick >= 9000 && name === "speed").map(([, , value]) => value)).toEqual(
    Array.from({ length: 20 }, (_, i) => 50 + i / 100),
  )
  expect(after.filter(([, name]) => name === "fuel")).toHaveLength(20)
  const added = decodePlainly(bytes).frames.filter(({ stamp }) => stamp >= 9000)
  expect(new Set(added.map(({ type, id }) => `${type} ${id}`))).toEqual(new Set(["1 13", "1 21"]))
})

test("three times appended, three times read", async () => {
  let [bytes, spec]: [Uint8Array, unknown] = [whole, raceLapSpec]
  for (const from of [10, 20, 30]) {
    const next = await append(bytes, more(from), spec)
    bytes = next.bytes
    spec = next.spec ?? spec
  }
  const samples = await read(bytes, spec)
  expect(samples.filter(([, name]) => name === "fuel").map(([tick]) => Math.floor(tick / 10_000))).toEqual(
    [1, 2, 3].flatMap((second) => Array(20).fill(second)),
  )
  expect(samples.slice(0, (await read(whole)).length)).toEqual(await read(whole))
})

test("a torn log is cut at its last whole frame, at whatever byte it was torn, and that is said", {
  timeout: 30_000,
  tags: "slow",
}, async () => {
  for (let size = whole.length - 40; size < whole.length; size++) {
    const torn = whole.subarray(0, size)
    const { bytes, spec, losses } = await append(torn, more(10))
    const log = await openMeteor(memorySource(torn), { spec: raceLapSpec })
    const kept = await samplesOf(log)
    expect((await read(bytes, spec)).slice(0, kept.length)).toEqual(kept)
    const isTorn = log.issues.some(({ kind }) => kind === "truncated")
    expect(losses.map(({ kind, text }) => `${kind} ${text}`)).toEqual(
      isTorn ? [expect.stringMatching(/^rows cut off: \d+ bytes of an incomplete frame at the end, expected \d+$/)] : [],
    )
  }
})

test("an unused tail makes room", async () => {
  const padded = new Uint8Array(whole.length + 5000)
  padded.set(whole)
  const { bytes, spec } = await append(padded, more(10))
  expect((await read(bytes, spec)).filter(([, name]) => name === "fuel")).toHaveLength(20)
  expect(bytes.length).toBeLessThan(padded.length)
})

test("logs that say when they started are laid on one clock", async () => {
  const old = await openMeteor(memorySource(whole), { spec: raceLapSpec })
  expect(old.start).not.toBeNull()
  const { bytes, spec } = await append(whole, more(0, (old.start as bigint) + 60_000_000_000n))
  expect((await read(bytes, spec)).find(([, name]) => name === "fuel")?.[0]).toBe(60_000)
})

test.each([
  ["rows that are older than the log's last", () => append(whole, more(1)), "the rows to append begin at 1 s"],
  ["a log damaged in its middle", () => append(Uint8Array.from(whole).fill(0xff, 5000, 5600), more(10)), "is damaged"],
  ["a log without a specification", () => append(whole, more(10), null), "has no specification"],
  [
    "a log of version 1",
    () =>
      append(
        Uint8Array.from(whole.subarray(0, 38), (byte, i) => (i === 13 ? 1 : byte)),
        more(10),
      ),
    "is of version 1",
  ],
])("%s is refused with a hint", async (_, attempt, message) => {
  await expect(attempt()).rejects.toMatchObject({
    name: "UnsupportedError",
    message: expect.stringContaining(message),
    hint: expect.any(String),
  })
})
