import type { Random } from "../generate/random.js"

/** A hurt file, and the stretches of the whole one that were hurt: `[from, to)`, empty where bytes were put in between. */
export interface Hurt {
  readonly bytes: Uint8Array
  readonly at: readonly (readonly [from: number, to: number])[]
}

/** A way to hurt a file at a random place. `other` is a second sound file of the same kind. */
export interface Damage {
  readonly name: string
  /** True when the rows of the second file are to be found as well. */
  readonly joined?: true
  apply(file: Uint8Array, other: Uint8Array, random: Random): Hurt
}

const SECTOR = 512
/** Longest range that is zeroed, dropped or inserted. */
const LONGEST = 4096

/** What cards, transfers and people do to files. Every byte may be hit, the header's too. */
export const DAMAGES: readonly Damage[] = [
  { name: "one bit", apply: (file, _, random) => flip(file, random, 1) },
  { name: "ten bits", apply: (file, _, random) => flip(file, random, 10) },
  { name: "zeroed sector", apply: (file, _, random) => zero(file, sectorOf(file, random) * SECTOR, SECTOR) },
  { name: "zeroed range", apply: (file, _, random) => zero(file, random.integer(0, file.length - 1), random.integer(1, LONGEST)) },
  { name: "dropped range", apply: (file, _, random) => drop(file, random.integer(0, file.length - 1), random.integer(1, LONGEST)) },
  {
    name: "inserted garbage",
    apply: (file, _, random) => insert(file, random.integer(0, file.length), random.bytes(random.integer(1, LONGEST))),
  },
  { name: "truncated", apply: (file, _, random) => drop(file, random.integer(0, file.length - 1), file.length) },
  { name: "concatenated", joined: true, apply: (file, other) => ({ bytes: joined(file, other), at: [] }) },
  { name: "swapped sectors", apply: swap },
]

function flip(file: Uint8Array, random: Random, bits: number): Hurt {
  const bytes = file.slice()
  const at: [number, number][] = []
  for (let i = 0; i < bits; i++) {
    const place = random.integer(0, file.length - 1)
    bytes[place] = (bytes[place] as number) ^ (1 << random.integer(0, 7))
    at.push([place, place + 1])
  }
  return { bytes, at }
}

function zero(file: Uint8Array, from: number, length: number): Hurt {
  const to = Math.min(file.length, from + length)
  return { bytes: file.slice().fill(0, from, to), at: [[from, to]] }
}

function drop(file: Uint8Array, from: number, length: number): Hurt {
  const to = Math.min(file.length, from + length)
  return { bytes: joined(file.subarray(0, from), file.subarray(to)), at: [[from, to]] }
}

function insert(file: Uint8Array, at: number, garbage: Uint8Array): Hurt {
  return { bytes: joined(file.subarray(0, at), garbage, file.subarray(at)), at: [[at, at]] }
}

/** Two sectors that were written each in the other's place. */
function swap(file: Uint8Array, _: Uint8Array, random: Random): Hurt {
  const [a, b] = [sectorOf(file, random) * SECTOR, sectorOf(file, random) * SECTOR]
  const bytes = file.slice()
  bytes.copyWithin(a, b, b + SECTOR)
  bytes.set(file.subarray(a, a + SECTOR), b)
  return { bytes, at: [a, b].map((from) => [from, from + SECTOR] as const) }
}

/** A whole sector's number. */
function sectorOf(file: Uint8Array, random: Random): number {
  return random.integer(0, Math.floor(file.length / SECTOR) - 1)
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
