/**
 * WebAssembly, assembled by hand: the project's hot loops are made of it, and the repository holds no binary.
 * Opcodes of the core specification 2.0, section 5.4; each constant or function is one instruction of the text format.
 */

/** Value types. */
export const I32 = 0x7f
export const V128 = 0x7b

const END = 0x0b
export const get = (local: number): number[] => [0x20, local]
export const set = (local: number): number[] => [0x21, local]
export const constant = (n: number): number[] => [0x41, ...signedLeb(n)]
export const load = (offset: number): number[] => [0x28, 2, ...leb(offset)]
export const load8 = (offset: number): number[] => [0x2d, 0, ...leb(offset)]
/** Operators of 32-bit integers. */
export const op = {
  add: 0x6a,
  sub: 0x6b,
  div_u: 0x6e,
  and: 0x71,
  xor: 0x73,
  shl: 0x74,
  shr_u: 0x76,
  lt_u: 0x49,
  ne: 0x47,
  eqz: 0x45,
} as const
/** The f64 of an unsigned i32. */
export const f64FromU32 = 0xb8
export const br = (depth: number): number[] => [0x0c, depth]
export const brIf = (depth: number): number[] => [0x0d, depth]
export const block = (...body: readonly number[][]): number[] => [0x02, 0x40, ...body.flat(), END]
export const loop = (...body: readonly number[][]): number[] => [0x03, 0x40, ...body.flat(), END]
/** Adds to a local. */
export const advance = (local: number, by: number): number[] => [...get(local), ...constant(by), op.add, ...set(local)]

const vector = (code: number): number[] => [0xfd, ...leb(code)]
export const v128 = {
  load: (offset: number): number[] => [...vector(0x00), 0, ...leb(offset)],
  store: (offset: number): number[] => [...vector(0x0b), 0, ...leb(offset)],
  /** 16 bytes out of the 32 of two vectors. */
  shuffle: (bytes: readonly number[]): number[] => [...vector(0x0d), ...bytes],
  xor: vector(0x51),
}
export const f64x2 = {
  /** The same number in both lanes. */
  constant: (x: number): number[] => [...vector(0x0c), ...new Uint8Array(Float64Array.of(x, x).buffer)],
  splat: vector(0x14),
  /** Of the first two lanes of four f32. */
  promoteLow: vector(0x5f),
  sqrt: vector(0xef),
  add: vector(0xf0),
  sub: vector(0xf1),
  mul: vector(0xf2),
  div: vector(0xf3),
  /** `b < a ? b : a` of each lane. */
  pmin: vector(0xf6),
  /** `a < b ? b : a` of each lane. */
  pmax: vector(0xf7),
}

/** A function of a module; its parameters are i32. */
interface WasmFunction {
  readonly name: string
  readonly params: number
  /** True if it returns an i32. */
  readonly result: boolean
  /** Types of the locals behind the parameters. */
  readonly locals: readonly number[]
  readonly body: readonly number[]
}

/** A module that exports `memory`, of `pages` pages of 64 KiB, and its functions by name. */
export function wasmModule(pages: number, functions: readonly WasmFunction[]): Uint8Array {
  const types = functions.map(({ params, result }) => [0x60, params, ...Array<number>(params).fill(I32), ...(result ? [1, I32] : [0])])
  const exported = functions.map(({ name }, i) => [...text(name), 0, i])
  const bodies = functions.map(({ locals, body }) => sized([locals.length, ...locals.flatMap((type) => [1, type]), ...body, END]))
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, types),
    ...section(
      3,
      functions.map((_, i) => [i]),
    ),
    ...section(5, [[0, pages]]),
    ...section(7, [[...text("memory"), 2, 0], ...exported]),
    ...section(10, bodies),
  ])
}

/** The part of WebAssembly's API that is used here; its types belong to the DOM library, which a Node program does not load. */
interface WebAssemblyLike {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: object }
}

/** The exports of a module; null where WebAssembly is off or the processor has no vectors. */
export function instantiate<T extends object>(module: Uint8Array): (T & { readonly memory: { readonly buffer: ArrayBuffer } }) | null {
  const wasm = (globalThis as { WebAssembly?: WebAssemblyLike }).WebAssembly
  if (wasm === undefined) return null
  try {
    return new wasm.Instance(new wasm.Module(module)).exports as T & { memory: { buffer: ArrayBuffer } }
  } catch {
    return null
  }
}

function section(id: number, items: readonly number[][]): number[] {
  return [id, ...sized([...leb(items.length), ...items.flat()])]
}

function sized(content: readonly number[]): number[] {
  return [...leb(content.length), ...content]
}

function text(name: string): number[] {
  return [name.length, ...new TextEncoder().encode(name)]
}

function leb(n: number): number[] {
  return n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]
}

function signedLeb(n: number): number[] {
  return n >= -64 && n < 64 ? [n & 127] : [(n & 127) | 128, ...signedLeb(n >> 7)]
}
