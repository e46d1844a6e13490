import { memorySource } from "../../host/bytes/source.js"
import { openMeteor } from "../../host/formats/meteor/read.js"
import { decodePlainly } from "../formats/meteor/second-decoder.js"
import { raceLapBytes, raceLapSpec } from "../generate/race-lap.js"
import { Random } from "../generate/random.js"

/** A hurt file, and the stretches of the whole one that were hurt: `[from, to)`, empty where bytes were put in between. */
interface Hurt {
  readonly bytes: Uint8Array
  readonly at: readonly (readonly [from: number, to: number])[]
}

/** A way to hurt a file at random. */
interface Damage {
  readonly name: string
  /** Frames lost on average by a good heuristic reader: the reader must not fall behind it. */
  readonly limit: number
  apply(file: Uint8Array, random: Random): Hurt
}

/** What random damages of one kind did on average. */
export interface DamageResult {
  readonly name: string
  readonly limit: number
  /** Frames that are no more delivered under their stamp, type and id. */
  readonly lost: number
  readonly most: number
  /** Frames with a byte that was hurt. */
  readonly touched: number
  /** Most frames lost in one round beyond those touched. */
  readonly beyond: number
  /** Frames delivered that the whole file does not have. */
  readonly bogus: number
}

/** The limits hold for a log of this length: 260 kB, 23,000 frames. */
const SECONDS = 16.25
const HEADER = 38

const damages: readonly Damage[] = [
  { name: "1 bit flip", limit: 0.57, apply: (file, random) => flip(file, random, 1) },
  { name: "garbage 1..64 B", limit: 3.5, apply: (file, random) => overwrite(file, random.bytes(random.integer(1, 64)), random) },
  { name: "garbage 512 B", limit: 46.4, apply: (file, random) => overwrite(file, random.bytes(512), random) },
  { name: "zeroed 512 B", limit: 46.2, apply: (file, random) => overwrite(file, new Uint8Array(512), random) },
  { name: "FF 4 KiB", limit: 367, apply: (file, random) => overwrite(file, new Uint8Array(4096).fill(255), random) },
  { name: "lost 1..16 B", limit: 1.4, apply: (file, random) => cut(file, random.integer(1, 16), random) },
  { name: "lost 512 B", limit: 46.3, apply: (file, random) => cut(file, 512, random) },
  { name: "inserted 1..16 B", limit: 0.8, apply: (file, random) => insert(file, random.bytes(random.integer(1, 16)), random) },
  { name: "stale sector", limit: 47, apply: stale },
  { name: "10 bit flips", limit: 6.2, apply: (file, random) => flip(file, random, 10) },
]

/**
 * Damages a race-lap log at random places and counts what the reader still delivers.
 * @param rounds damages per kind
 */
export async function damageMeteor(rounds: number, seed: number): Promise<DamageResult[]> {
  const whole = raceLapBytes({ seconds: SECONDS, seed: 1 })
  const { frames } = decodePlainly(whole)
  const sound = Float64Array.from(frames, ({ stamp, type, id }) => frameKey(stamp, type === 2, id)).sort()
  const starts = Float64Array.from(frames, (frame) => frame.at)
  const results: DamageResult[] = []
  for (const damage of damages) {
    const random = new Random(seed)
    const sum = { lost: 0, most: 0, touched: 0, beyond: 0, bogus: 0 }
    for (let round = 0; round < rounds; round++) {
      const hurt = damage.apply(whole.slice(), random)
      const { lost, bogus } = difference(sound, await deliveredFrames(hurt.bytes))
      const touched = hurt.at.reduce((n, [from, to]) => n + framesTouched(starts, whole.length, from, to), 0)
      sum.lost += lost / rounds
      sum.bogus += bogus / rounds
      sum.touched += touched / rounds
      sum.most = Math.max(sum.most, lost)
      sum.beyond = Math.max(sum.beyond, lost - touched)
    }
    results.push({ name: damage.name, limit: damage.limit, ...sum })
  }
  return results
}

/** Sorted keys of the frames that the reader delivers. */
async function deliveredFrames(bytes: Uint8Array): Promise<Float64Array> {
  const log = await openMeteor(memorySource(bytes), { spec: raceLapSpec })
  const keys: number[] = []
  for await (const chunk of log.chunks()) {
    const group = log.groups[chunk.group]
    const composite = (group?.channels.length ?? 0) > 1
    for (let row = 0; row < chunk.rows; row++) keys.push(frameKey(Number(chunk.ticks?.[row]), composite, group?.id ?? -1))
  }
  return Float64Array.from(keys).sort()
}

function frameKey(stamp: number, composite: boolean, id: number): number {
  return stamp * 512 + (composite ? 256 : 0) + id
}

/** What only one of two sorted lists has. */
function difference(sound: Float64Array, delivered: Float64Array): { lost: number; bogus: number } {
  let lost = 0
  let bogus = 0
  let s = 0
  let d = 0
  while (s < sound.length || d < delivered.length) {
    const a = sound[s] ?? Number.POSITIVE_INFINITY
    const b = delivered[d] ?? Number.POSITIVE_INFINITY
    if (a < b) lost++
    if (b < a) bogus++
    if (a <= b) s++
    if (b <= a) d++
  }
  return { lost, bogus }
}

function framesTouched(starts: Float64Array, size: number, from: number, to: number): number {
  let n = 0
  for (let i = 0; i < starts.length; i++) {
    const end = starts[i + 1] ?? size
    if (from === to ? (starts[i] as number) < from && from < end : (starts[i] as number) < to && from < end) n++
  }
  return n
}

function flip(file: Uint8Array, random: Random, bits: number): Hurt {
  const at: [number, number][] = []
  for (let i = 0; i < bits; i++) {
    const place = random.integer(HEADER, file.length - 1)
    file[place] = (file[place] as number) ^ (1 << random.integer(0, 7))
    at.push([place, place + 1])
  }
  return { bytes: file, at }
}

function overwrite(file: Uint8Array, bytes: Uint8Array, random: Random): Hurt {
  const from = random.integer(HEADER, file.length - bytes.length)
  file.set(bytes, from)
  return { bytes: file, at: [[from, from + bytes.length]] }
}

function cut(file: Uint8Array, length: number, random: Random): Hurt {
  const from = random.integer(HEADER, file.length - length)
  const bytes = new Uint8Array(Buffer.concat([file.subarray(0, from), file.subarray(from + length)]))
  return { bytes, at: [[from, from + length]] }
}

function insert(file: Uint8Array, bytes: Uint8Array, random: Random): Hurt {
  const from = random.integer(HEADER, file.length)
  return { bytes: new Uint8Array(Buffer.concat([file.subarray(0, from), bytes, file.subarray(from)])), at: [[from, from]] }
}

/** A sector that was never written again holds older frames of the same log. */
function stale(file: Uint8Array, random: Random): Hurt {
  const from = random.integer(HEADER + 8192, file.length - 512)
  const older = random.integer(HEADER, from - 4096)
  file.copyWithin(from, older, older + 512)
  return { bytes: file, at: [[from, from + 512]] }
}
