/**
 * CRC32C (Castagnoli): reflected polynomial 0x82F63B78, start and final xor 0xFFFFFFFF.
 * 16 bytes a step over 16 tables ("slicing"), as a small WebAssembly module: about 2 GB/s where plain
 * JavaScript reaches 0.2 (byte by byte) to 1.7 (same tables). JavaScript does the same where WebAssembly is off.
 */

import { crcModule, TABLE_SIZE } from "./crc32c-module.js"

const POLYNOMIAL = 0x82f63b78
const SLICES = 16
/** The module's memory: the tables, then the bytes that are being summed. */
const BYTES_AT = SLICES * TABLE_SIZE
const PIECE = 64 * 1024 - BYTES_AT

/** CRC32C of bytes. @param crc the CRC of the bytes before these, to go on from there */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  return ~update(~crc, bytes) >>> 0
}

const tables = crcTables()
/** The CRC of each byte alone, for those who calculate with CRCs. */
export const CRC32C_TABLE = tables.subarray(0, 256)

const update = wasmUpdate(tables) ?? ((crc: number, bytes: Uint8Array) => tableUpdate(tables, crc, bytes))

/** CRC32C without WebAssembly: what runs where it is not available. */
export function crc32cPlain(bytes: Uint8Array, crc = 0): number {
  return ~tableUpdate(tables, ~crc, bytes) >>> 0
}

/** Table k, entry b: the CRC of byte b followed by k zero bytes. All in one array: one bounds check, one base. */
function crcTables(): Uint32Array {
  const table = new Uint32Array(SLICES * 256)
  for (let b = 0; b < 256; b++) {
    let crc = b
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    table[b] = crc
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number
    table[i] = (before >>> 8) ^ (table[before & 255] as number)
  }
  return table
}

function tableUpdate(t: Uint32Array, start: number, bytes: Uint8Array): number {
  let crc = start
  let i = 0
  for (const end = bytes.length - 15; i < end; i += 16) {
    const a = crc ^ word(bytes, i)
    const b = word(bytes, i + 4)
    const c = word(bytes, i + 8)
    const d = word(bytes, i + 12)
    crc = slice(t, a, 3840) ^ slice(t, b, 2816) ^ slice(t, c, 1792) ^ slice(t, d, 768)
  }
  for (; i < bytes.length; i++) crc = (t[(crc ^ (bytes[i] as number)) & 255] as number) ^ (crc >>> 8)
  return crc
}

function word(bytes: Uint8Array, i: number): number {
  return (bytes[i] as number) | ((bytes[i + 1] as number) << 8) | ((bytes[i + 2] as number) << 16) | ((bytes[i + 3] as number) << 24)
}

/** The share of four bytes: the first one's table starts at `top`, each later one's 256 entries before. */
function slice(t: Uint32Array, x: number, top: number): number {
  return (
    (t[top + (x & 255)] as number) ^
    (t[top - 256 + ((x >>> 8) & 255)] as number) ^
    (t[top - 512 + ((x >>> 16) & 255)] as number) ^
    (t[top - 768 + (x >>> 24)] as number)
  )
}

type WasmUpdate = (crc: number, at: number, length: number) => number

/** Just what is used of WebAssembly; its types belong to the DOM library, which a Node program does not load. */
interface WebAssemblyLike {
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { exports: { memory: { buffer: ArrayBuffer }; update: WasmUpdate } }
}

function wasmUpdate(table: Uint32Array): ((crc: number, bytes: Uint8Array) => number) | null {
  const wasm = (globalThis as { WebAssembly?: WebAssemblyLike }).WebAssembly
  if (wasm === undefined) return null
  const { memory, update } = new wasm.Instance(new wasm.Module(crcModule())).exports
  new Uint32Array(memory.buffer).set(table)
  const piece = new Uint8Array(memory.buffer, BYTES_AT, PIECE)
  return (start, bytes) => {
    if (bytes.length <= PIECE) {
      piece.set(bytes)
      return update(start, BYTES_AT, bytes.length)
    }
    let crc = start
    for (let i = 0; i < bytes.length; i += PIECE) {
      const part = bytes.subarray(i, i + PIECE)
      piece.set(part)
      crc = update(crc, BYTES_AT, part.length)
    }
    return crc
  }
}
