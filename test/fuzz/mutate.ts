import { LogError } from "../../host/model/errors.js"
import { Random } from "../generate/random.js"

/** Inputs that a run in `npm test` takes; more by the environment: `FIELDLOG_FUZZ=200000`. */
export const FUZZ_RUNS = Number(process.env.FIELDLOG_FUZZ ?? 1500)

/** What is fuzzed, and with what. */
export interface FuzzTarget {
  /** Small good files: every input starts as one of them. */
  readonly seeds: readonly Uint8Array[]
  /** Reads all of an input: opens it, surveys it, takes every chunk. May throw a LogError, nothing else. */
  read(input: Uint8Array): Promise<void>
  /** Called now and then: throws when a good file is no more read right. */
  stillWorks(): Promise<void>
  /** Bytes that the process may grow by. */
  readonly memoryCap?: number
}

/** Longest time for one input. */
const HANG_MS = 1000
/** A good file is read again after so many inputs. */
const CHECK_EVERY = 250
const MEMORY_CAP = 400e6

/**
 * Reads `runs` mutated inputs. Input `i` depends on `seed` and `i` alone, so a finding can be repeated: `mutated(seeds, seed, i)`.
 * @throws Error that names the seed and the input, for anything but a LogError, a hang, a good file no more read, or memory kept
 */
export async function fuzz(target: FuzzTarget, runs: number, seed: number): Promise<void> {
  const before = process.memoryUsage().rss
  for (let i = 0; i < runs; i++) {
    const input = mutated(target.seeds, seed, i)
    const start = performance.now()
    try {
      await target.read(input)
    } catch (error) {
      if (!(error instanceof LogError)) throw new Error(`seed ${seed}, input ${i}: not a LogError`, { cause: error })
    }
    const took = performance.now() - start
    // A busy machine may stop us: only what is slow twice is a hang.
    if (took > HANG_MS && (await secondTime(target, input)) > HANG_MS) throw new Error(`seed ${seed}, input ${i}: took ${took} ms`)
    if (i % CHECK_EVERY === 0) await target.stillWorks()
  }
  await target.stillWorks()
  const grown = process.memoryUsage().rss - before
  if (grown > (target.memoryCap ?? MEMORY_CAP)) throw new Error(`seed ${seed}: the process grew by ${Math.round(grown / 1e6)} MB`)
}

/** Input `i` of a run. */
export function mutated(seeds: readonly Uint8Array[], seed: number, i: number): Uint8Array {
  const random = new Random(Math.imul(seed, 0x9e3779b1) ^ i)
  let bytes: Uint8Array = random.pick(seeds).slice()
  for (let n = random.integer(1, 5); n > 0; n--) bytes = random.pick(MUTATIONS)(bytes, random, seeds)
  return bytes
}

async function secondTime(target: FuzzTarget, input: Uint8Array): Promise<number> {
  const start = performance.now()
  await target.read(input).catch(() => {})
  return performance.now() - start
}

type Mutation = (bytes: Uint8Array, random: Random, seeds: readonly Uint8Array[]) => Uint8Array

const EDGES = [0, 1, 2, 7, 8, 0x7f, 0x80, 0xfe, 0xff] as const
const WIDE_EDGES = [0, 1, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff] as const

const MUTATIONS: readonly Mutation[] = [
  function flipBits(bytes, random) {
    for (let n = random.integer(1, 8); n > 0 && bytes.length > 0; n--) {
      const at = random.integer(0, bytes.length - 1)
      bytes[at] = (bytes[at] as number) ^ (1 << random.integer(0, 7))
    }
    return bytes
  },
  function setByte(bytes, random) {
    if (bytes.length > 0) bytes[random.integer(0, bytes.length - 1)] = random.pick(EDGES)
    return bytes
  },
  function setNumber(bytes, random) {
    if (bytes.length < 8) return bytes
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const value = random.pick(WIDE_EDGES)
    const little = random.next() < 0.5
    const size = random.pick([2, 4, 8] as const)
    const at = random.integer(0, bytes.length - size)
    if (size === 2) view.setUint16(at, value, little)
    else if (size === 4) view.setUint32(at, value, little)
    else view.setBigUint64(at, BigInt(value) * (random.next() < 0.5 ? 1n : 0x100000001n), little)
    return bytes
  },
  function overwrite(bytes, random) {
    if (bytes.length === 0) return bytes
    const from = random.integer(0, bytes.length - 1)
    const part = bytes.subarray(from, from + random.integer(1, 64))
    if (random.next() < 0.3) part.fill(random.pick([0, 0xff] as const))
    else part.set(random.bytes(part.length))
    return bytes
  },
  function insert(bytes, random) {
    const at = random.integer(0, bytes.length)
    return joined(bytes.subarray(0, at), random.bytes(random.integer(1, 40)), bytes.subarray(at))
  },
  function remove(bytes, random) {
    const at = random.integer(0, bytes.length)
    return joined(bytes.subarray(0, at), bytes.subarray(at + random.integer(1, 64)))
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.integer(0, bytes.length))
  },
  function repeat(bytes, random) {
    const from = random.integer(0, bytes.length)
    const part = bytes.subarray(from, from + random.integer(1, 256))
    return joined(bytes.subarray(0, from), part, part, bytes.subarray(from))
  },
  function splice(bytes, random, seeds) {
    const other = random.pick(seeds)
    return joined(bytes.subarray(0, random.integer(0, bytes.length)), other.subarray(random.integer(0, other.length)))
  },
  function swap(bytes, random) {
    if (bytes.length < 4) return bytes
    const length = random.integer(1, Math.min(64, bytes.length >> 1))
    const a = random.integer(0, bytes.length - length)
    const b = random.integer(0, bytes.length - length)
    const part = bytes.slice(a, a + length)
    bytes.copyWithin(a, b, b + length)
    bytes.set(part, b)
    return bytes
  },
]

/** Mutated inputs do not grow without end. */
const MAX_INPUT = 256 * 1024

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(Buffer.concat(parts))
  return bytes.length <= MAX_INPUT ? bytes : bytes.slice(0, MAX_INPUT)
}
