/** The two loops of `crc32c.ts` as a WebAssembly module. */

import { advance, block, br, brIf, constant, get, I32, load, load8, loop, op, set, v128, wasmModule } from "./wasm.js"

/** Bytes of one table of 256 words; the tables stand at the start of the memory. */
export const TABLE_SIZE = 1024
/** Pages of 64 KiB that the module's memory has. */
export const PAGES = 2
/** `fold` goes in steps of as many bytes. */
export const FOLD_STEP = 64

/** What the module exports beside its memory. */
export interface CrcExports {
  /** Sums `n` bytes at `at` by tables, 16 a step, then one by one. */
  update(crc: number, at: number, n: number): number
  /** `to[i] ^= at[i - d]` for each distance d, 16 bytes at once, over `n` bytes, a multiple of `FOLD_STEP`. */
  fold(at: number, to: number, n: number): void
}

/** Gives the bytes of a module with `CrcExports`. @param distances of `fold`, rising, none below `FOLD_STEP` */
export function crcModule(distances: readonly number[]): Uint8Array {
  return wasmModule(PAGES, [
    { name: "update", params: 3, result: true, locals: [I32], body: updateBody() },
    { name: "fold", params: 3, result: false, locals: [], body: foldBody(distances) },
  ])
}

function updateBody(): number[] {
  const [crc, at, n, x] = [0, 1, 2, 3]
  /** Table `slice`, entry given by byte `byte` of the word in `x`: the index is already times 4. */
  const entry = (slice: number, byte: number) => [
    ...get(x),
    ...(byte === 0 ? [...constant(2), op.shl] : [...constant(byte * 8 - 2), op.shr_u]),
    ...constant(0x3fc),
    op.and,
    ...load(slice * TABLE_SIZE),
  ]
  const entries = (top: number) => [
    ...entry(top, 0),
    ...entry(top - 1, 1),
    op.xor,
    ...entry(top - 2, 2),
    op.xor,
    ...entry(top - 3, 3),
    op.xor,
  ]
  const later = (offset: number, top: number) => [...get(at), ...load(offset), ...set(x), ...entries(top), op.xor]
  const step = (bytes: number) => [...advance(at, bytes), ...advance(n, -bytes)]
  const sixteen = [
    [...get(n), ...constant(16), op.lt_u, ...brIf(1)],
    [...get(crc), ...get(at), ...load(0), op.xor, ...set(x)],
    [...entries(15), ...later(4, 11), ...later(8, 7), ...later(12, 3), ...set(crc)],
    step(16),
    br(0),
  ]
  const one = [
    [...get(n), op.eqz, ...brIf(1)],
    [...get(crc), ...get(at), ...load8(0), op.xor, ...constant(2), op.shl, ...constant(0x3fc), op.and, ...load(0)],
    [...get(crc), ...constant(8), op.shr_u, op.xor, ...set(crc)],
    step(1),
    br(0),
  ]
  return [...block(loop(...sixteen)), ...block(loop(...one)), ...get(crc)]
}

/** Offsets are unsigned, so `at` stands the longest distance back. */
function foldBody(distances: readonly number[]): number[] {
  const [at, to, n] = [0, 1, 2]
  const longest = distances.at(-1) ?? 0
  const sixteen = (offset: number) => [
    ...get(to),
    ...[...get(to), ...v128.load(offset)],
    ...distances.flatMap((distance) => [...get(at), ...v128.load(longest - distance + offset), ...v128.xor]),
    ...v128.store(offset),
  ]
  const steps = Array.from({ length: FOLD_STEP / 16 }, (_, i) => sixteen(16 * i))
  const next = [at, to].flatMap((local) => advance(local, FOLD_STEP))
  return [...advance(at, -longest), ...block(loop([...get(n), op.eqz, ...brIf(1)], ...steps, next, advance(n, -FOLD_STEP), br(0)))]
}
