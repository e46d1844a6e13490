/** @module-tag slow */

import { expect, test } from "vitest"
import { crc32c } from "../../../host/bytes/crc32c.js"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { checkJls } from "../../../host/formats/jls/check.js"
import { chunkEnd, headerFields, payloadOnDisk } from "../../../host/formats/jls/chunks/chunks.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { repairJls } from "../../../host/formats/jls/recover.js"
import { LogError } from "../../../host/model/errors.js"
import { stats } from "../../../host/summary/stats.js"
import { statistics } from "./reference-statistics.js"
import { callsOf, replay } from "./replay.js"

const RUNS = Number(process.env.FIELDLOG_FUZZ ?? 150)
const SEED = Number(process.env.FIELDLOG_SEED ?? 20261121)
/** Rows read of a mutated file: a changed rate or length may promise more than anybody wants to see. */
const MOST_ROWS = 200_000
/** ms that one file may take. */
const LONGEST = 5000

const bases = ["multi", "annotations", "omit_signed", "offset_bits", "utc_single", "no_data"].map((name) =>
  replay(callsOf(name), { reference: name === "omit_signed" }),
)

test(`mutated files give issues or one of the library's own errors, ${RUNS} runs from seed ${SEED}`, { timeout: 3_600_000 }, async () => {
  const random = generator(SEED)
  for (let run = 0; run < RUNS; run++) {
    const bytes = mutate(bases[random(bases.length)] as Uint8Array, random)
    const began = performance.now()
    try {
      const log = await openJls(memorySource(bytes))
      const rows = await readEverything(log)
      await stats(log)
      if (rows <= MOST_ROWS) await repairJls(memorySource(bytes), { name: "saved", sink: () => new MemorySink() })
      for await (const finding of checkJls(memorySource(bytes))) expect(finding.rule).not.toBe("")
    } catch (error) {
      if (!(error instanceof LogError)) throw new Error(`run ${run} of seed ${SEED}: ${(error as Error).stack}`)
    }
    const took = performance.now() - began
    if (took > LONGEST) throw new Error(`run ${run} of seed ${SEED}: took ${Math.round(took)} ms`)
  }
  const sound = await openJls(memorySource(bases[0] as Uint8Array))
  expect(await readEverything(sound)).toBe(57_360)
  expect(sound.issues).toEqual([])
})

async function readEverything(log: JlsLog): Promise<number> {
  const { groups } = await log.survey()
  let rows = 0
  for await (const chunk of log.chunks()) {
    rows += chunk.rows
    if (rows > MOST_ROWS) break
  }
  for (const [group, { fsr }] of log.signals.entries()) {
    const count = groups[group]?.rows ?? 0
    if (count === 0 || count > MOST_ROWS) continue
    await log.reduce(group, 0, 0, 10, 7)
    await statistics(fsr, 0, count, 1)
  }
  return rows
}

/** Some bytes changed, cut out or doubled; or one chunk changed and given sound CRCs, so that the damage goes deeper. */
function mutate(base: Uint8Array, random: (below: number) => number): Uint8Array {
  const bytes = base.slice()
  const change = (from: number, to: number) => {
    for (let n = 1 + random(4); n > 0 && to > from; n--) bytes[from + random(to - from)] = random(256)
  }
  switch (random(6)) {
    case 0:
      change(0, bytes.length)
      return bytes
    case 1:
      return bytes.subarray(0, random(bytes.length))
    case 2: {
      const at = random(bytes.length)
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + random(1600)))])
    }
    case 3: {
      // Garbage in between, or the file or a piece of it once more.
      const at = random(3) === 0 ? bytes.length : random(bytes.length)
      const from = random(2) === 0 ? 0 : random(bytes.length)
      const piece = random(2) === 0 ? bytes.subarray(from) : Uint8Array.from({ length: random(600) }, () => random(256))
      return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
    }
    default: {
      const starts = chunkStarts(bytes)
      const at = starts[random(starts.length)] as number
      const { length } = headerFields(bytes.subarray(at), at) ?? { length: 0 }
      if (random(2) === 0) change(at, at + 28)
      else change(at + 32, at + 32 + Math.min(length, 64))
      const view = new DataView(bytes.buffer)
      view.setUint32(at + 28, crc32c(bytes.subarray(at, at + 28)), true)
      if (length > 0) view.setUint32(at + 32 + payloadOnDisk(length) - 4, crc32c(bytes.subarray(at + 32, at + 32 + length)), true)
      return bytes
    }
  }
}

function chunkStarts(bytes: Uint8Array): number[] {
  const starts: number[] = []
  for (let at = 32; at + 32 <= bytes.length; ) {
    const header = headerFields(bytes.subarray(at), at)
    if (header === null) break
    starts.push(at)
    at = chunkEnd(header)
  }
  return starts
}

/** xorshift32. */
function generator(seed: number): (below: number) => number {
  let x = seed | 0 || 1
  return (below) => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}
