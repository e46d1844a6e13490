/** The CRC of `crc32c.ts` as a WebAssembly module, assembled here from readable instructions. */

/** Bytes of one table of 256 words; the tables stand at the start of the memory. */
export const TABLE_SIZE = 1024

// Opcodes of the WebAssembly core specification 1.0, section 5.4; each line below is one instruction of the text format.
const I32 = 0x7f
const END = 0x0b
const get = (local: number) => [0x20, local]
const set = (local: number) => [0x21, local]
const constant = (n: number) => [0x41, ...signedLeb(n)]
const load = (offset: number) => [0x28, 2, ...leb(offset)]
const load8 = (offset: number) => [0x2d, 0, ...leb(offset)]
const op = { add: 0x6a, sub: 0x6b, and: 0x71, xor: 0x73, shl: 0x74, shr_u: 0x76, lt_u: 0x49, eqz: 0x45 }
const brIf = (depth: number) => [0x0d, depth]
const br = (depth: number) => [0x0c, depth]
const block = (...body: number[][]) => [0x02, 0x40, ...body.flat(), END]
const loop = (...body: number[][]) => [0x03, 0x40, ...body.flat(), END]

/**
 * `(module (memory (export "memory") 1) (func (export "update") (param $crc i32) (param $at i32) (param $n i32) (result i32)))`:
 * sums `$n` bytes at `$at`, 16 a step, then one by one.
 */
export function crcModule(): Uint8Array {
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
  const step = (bytes: number) => [
    ...[...get(at), ...constant(bytes), op.add, ...set(at)],
    ...[...get(n), ...constant(bytes), op.sub, ...set(n)],
  ]
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
  const body = [1, 1, I32, ...block(loop(...sixteen)), ...block(loop(...one)), ...get(crc), END]
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 1, I32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text("memory"), 2, 0, ...text("update"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ])
}

function section(id: number, content: number[]): number[] {
  return [id, ...leb(content.length), ...content]
}

function text(name: string): number[] {
  return [name.length, ...Buffer.from(name)]
}

function leb(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]
}

function signedLeb(n: number): number[] {
  return n < 64 ? [n] : [(n & 127) | 128, ...signedLeb(n >>> 7)]
}
