/**
 * CRC32C (Castagnoli): reflected polynomial 0x82F63B78, start and final xor 0xFFFFFFFF.
 *
 * A CRC is the remainder of the bytes, taken as one polynomial, by the CRC's own. So bytes may be moved within the
 * message as long as the remainder stays: x^8p is congruent to the sum of x^8(p - d) over `DISTANCES`, hence a byte may
 * be xored into the five places that are these distances behind it, and be forgotten. A small WebAssembly module does
 * that for 16 bytes at once, five loads and no table, until the last 836 bytes hold the whole message; those are summed
 * by tables ("slicing", 16 bytes a step). 32 KiB take a fifth to a tenth of the time that the tables alone take, about
 * what a native module with the processor's CRC instruction needs: so there is no native module here, and nothing
 * to install. Where WebAssembly is off, JavaScript sums everything by the tables.
 */

import { type CrcExports, crcModule, FOLD_STEP, PAGES, TABLE_SIZE } from "./crc32c-wasm.js"
import { instantiate } from "./wasm.js"

const POLYNOMIAL = 0x82f63b78
const SLICES = 16
/**
 * The least six-term multiple of the polynomial is x^209 + x^144 + x^54 + x^39 + x^14 + 1; its 32nd power has the same
 * terms with exponents times 32, so all shifts are whole words. (With four terms the least degree is 5275: too long a rest.)
 */
export const DISTANCES = [260, 620, 680, 780, 836] as const
const LONGEST = 836

// The module's memory: the tables; the message's end; zeros, as there is nothing before the message; the message.
const REST_AT = SLICES * TABLE_SIZE
const ROOM = 1024
const BYTES_AT = REST_AT + 2 * ROOM
/** Zeros follow the message as well, where its end was. */
const PIECE = PAGES * 65536 - BYTES_AT - ROOM
/** Below this there is little to fold. */
const SHORT = 2048

/** CRC32C of bytes. @param crc the CRC of the bytes before these, to go on from there */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  return ~update(~crc, bytes) >>> 0
}

const tables = crcTables()
/** The CRC of every single byte, for calculations with CRCs. */
export const CRC32C_TABLE = tables.subarray(0, 256)

const update = wasmUpdate(tables) ?? ((crc: number, bytes: Uint8Array) => tableUpdate(tables, crc, bytes))

/** CRC32C without WebAssembly, for machines that lack it. */
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

function wasmUpdate(table: Uint32Array): ((crc: number, bytes: Uint8Array) => number) | null {
  const wasm = instantiate<CrcExports>(crcModule(DISTANCES))
  if (wasm === null) return null
  const { memory, update, fold } = wasm
  new Uint32Array(memory.buffer).set(table)
  const message = new Uint8Array(memory.buffer, BYTES_AT)
  const start = new Int32Array(memory.buffer, BYTES_AT, 1)
  const rest = new Uint8Array(memory.buffer, REST_AT, ROOM)

  const piece = (crc: number, bytes: Uint8Array): number => {
    if (bytes.length < SHORT) {
      message.set(bytes)
      return update(crc, BYTES_AT, bytes.length)
    }
    const folded = Math.floor((bytes.length - LONGEST) / FOLD_STEP) * FOLD_STEP
    const left = bytes.length - folded
    message.set(bytes)
    rest.set(message.subarray(folded, bytes.length))
    message.fill(0, folded, folded + ROOM)
    // The CRC so far is the remainder of what came before: it adds to the first four bytes.
    start[0] = (start[0] as number) ^ crc
    fold(BYTES_AT, BYTES_AT, folded)
    fold(BYTES_AT + folded, REST_AT, Math.ceil(left / FOLD_STEP) * FOLD_STEP)
    return update(0, REST_AT, left)
  }

  return (crc, bytes) => {
    if (bytes.length <= PIECE) return piece(crc, bytes)
    let sum = crc
    for (let i = 0; i < bytes.length; i += PIECE) sum = piece(sum, bytes.subarray(i, i + PIECE))
    return sum
  }
}
