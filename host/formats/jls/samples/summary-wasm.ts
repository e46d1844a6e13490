/** The loop of `summary.ts` as a WebAssembly module: entries of level 1, four side by side. */

import { advance, brIf, constant, f64FromU32, f64x2, get, I32, loop, op, set, V128, v128, wasmModule } from "../../../bytes/wasm.js"

/** Pages of 64 KiB that the module's memory has. */
export const PAGES = 4

/** What the module exports beside its memory. `f32` and `f64` are the type of the samples. */
export interface SummaryExports {
  f32: Summarise
  f64: Summarise
}

/**
 * Summarises `fours` times four entries of `size` bytes each, a multiple of 16, that stand one after another at `at`.
 * Writes four f64 an entry to `out`: mean, standard deviation, minimum, maximum. If an entry has samples that
 * are not finite, its mean is not finite and its other numbers are useless.
 */
type Summarise = (at: number, size: number, out: number, fours: number) => void

/** Gives the bytes of a module with `SummaryExports`. */
export function summaryModule(): Uint8Array {
  const shape = { params: 4, result: false, locals: LOCALS }
  return wasmModule(PAGES, [
    { name: "f32", ...shape, body: body(F32) },
    { name: "f64", ...shape, body: body(F64) },
  ])
}

/** How samples of a type get from a row of 16 bytes of each entry into pairs of f64: of entries 0 and 1, or of 2 and 3. */
interface Rows {
  /** Bytes of a sample. */
  readonly size: number
  /** For each sample of a row the pair out of the rows of two entries. */
  pairs(a: number, b: number): number[][]
}

const lanes = (...lane: readonly number[]) =>
  lane.flatMap((n) => Array.from({ length: 16 / lane.length }, (_, i) => n * (16 / lane.length) + i))
const LOW = v128.shuffle(lanes(0, 2))
const HIGH = v128.shuffle(lanes(1, 3))

const F64: Rows = { size: 8, pairs: (a, b) => [LOW, HIGH].map((half) => [...get(a), ...get(b), ...half]) }

const F32: Rows = {
  size: 4,
  pairs: (a, b) =>
    [lanes(0, 4, 1, 5), lanes(2, 6, 3, 7)].flatMap((mixed) => {
      const two = [...get(a), ...get(b), ...v128.shuffle(mixed)]
      const second = [...two, ...set(TEMP), ...get(TEMP), ...get(TEMP), ...HIGH]
      return [two, second].map((pair) => [...pair, ...f64x2.promoteLow])
    }),
}

// Parameters and locals. A and B to D walk along entries 0 to 3; two entries share a vector.
const [A, SIZE, OUT, FOURS] = [0, 1, 2, 3] as const
const [B, C, D, STOP] = [4, 5, 6, 7] as const
const ROW = [8, 9, 10, 11] as const
const [COUNT, TEMP, PAIR] = [12, 13, 14] as const
const SUM = [15, 16] as const
const LEAST = [17, 18] as const
const MOST = [19, 20] as const
const SQUARES = [21, 22] as const
const LOCALS = [...Array<number>(4).fill(I32), ...Array<number>(15).fill(V128)]

function body(rows: Rows): number[] {
  const start = (i: 0 | 1) => [
    ...[...f64x2.constant(0), ...set(SUM[i])],
    ...[...f64x2.constant(0), ...set(SQUARES[i])],
    ...[...f64x2.constant(Number.POSITIVE_INFINITY), ...set(LEAST[i])],
    ...[...f64x2.constant(Number.NEGATIVE_INFINITY), ...set(MOST[i])],
  ]
  const gather = (i: 0 | 1) => [
    ...[...get(SUM[i]), ...get(PAIR), ...f64x2.add, ...set(SUM[i])],
    ...[...get(LEAST[i]), ...get(PAIR), ...f64x2.pmin, ...set(LEAST[i])],
    ...[...get(MOST[i]), ...get(PAIR), ...f64x2.pmax, ...set(MOST[i])],
  ]
  const mean = (i: 0 | 1) => [...get(SUM[i]), ...get(COUNT), ...f64x2.div, ...set(SUM[i])]
  const square = (i: 0 | 1) => [
    ...[...get(PAIR), ...get(SUM[i]), ...f64x2.sub, ...set(PAIR)],
    ...[...get(SQUARES[i]), ...get(PAIR), ...get(PAIR), ...f64x2.mul, ...f64x2.add, ...set(SQUARES[i])],
  ]
  const deviation = (i: 0 | 1) => [...get(SQUARES[i]), ...get(COUNT), ...f64x2.div, ...f64x2.sqrt, ...set(SQUARES[i])]
  const store = (i: 0 | 1) =>
    [LOW, HIGH].flatMap((half, entry) => [
      ...[...get(OUT), ...get(SUM[i]), ...get(SQUARES[i]), ...half, ...v128.store(64 * i + 32 * entry)],
      ...[...get(OUT), ...get(LEAST[i]), ...get(MOST[i]), ...half, ...v128.store(64 * i + 32 * entry + 16)],
    ])
  const both = (step: (i: 0 | 1) => number[]) => [...step(0), ...step(1)]
  return [
    ...[...get(SIZE), ...constant(rows.size), op.div_u, f64FromU32, ...f64x2.splat, ...set(COUNT)],
    ...loop(
      both(start),
      overSamples(rows, gather),
      both(mean),
      [...get(A), ...get(SIZE), op.sub, ...set(A)],
      overSamples(rows, square),
      both(deviation),
      both(store),
      advance(OUT, 4 * 32),
      [...get(D), ...set(A)],
      [...advance(FOURS, -1), ...get(FOURS), ...brIf(0)],
    ),
  ]
}

/** Goes through four entries, `use` takes the samples in `PAIR`; A to D end behind their entries. */
function overSamples(rows: Rows, use: (i: 0 | 1) => number[]): number[] {
  const [r0, r1, r2, r3] = ROW
  const [low, high] = [rows.pairs(r0, r1), rows.pairs(r2, r3)]
  const next = (from: number, to: number) => [...get(from), ...get(SIZE), op.add, ...set(to)]
  const take = (pair: number[], i: 0 | 1) => [...pair, ...set(PAIR), ...use(i)]
  return [
    ...[...next(A, B), ...next(B, C), ...next(C, D), ...get(B), ...set(STOP)],
    ...loop(
      ...[A, B, C, D].map((at, i) => [...get(at), ...v128.load(0), ...set(ROW[i] as number)]),
      ...low.map((pair, sample) => [...take(pair, 0), ...take(high[sample] as number[], 1)]),
      [A, B, C, D].flatMap((at) => advance(at, 16)),
      [...get(A), ...get(STOP), op.ne, ...brIf(0)],
    ),
  ]
}
