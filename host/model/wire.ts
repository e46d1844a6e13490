/** What a value is, whatever its size. */
type Kind = "unsigned" | "signed" | "float" | "bool" | "text" | "bytes" | "mixed"

/** The columns that hold values in memory. */
export interface Columns {
  u8: Uint8Array
  u16: Uint16Array
  u32: Uint32Array
  u64: BigUint64Array
  i8: Int8Array
  i16: Int16Array
  i32: Int32Array
  i64: BigInt64Array
  f32: Float32Array
  f64: Float64Array
  text: string[]
  bytes: Uint8Array[]
  mixed: unknown[]
}

/** How values are held in memory. */
export type StorageName = keyof Columns

interface WireFacts {
  readonly storage: StorageName
  readonly kind: Kind
  /** Bits of a value; 0 where its size changes from row to row. */
  readonly bits: number
}

/**
 * The wire types: what one value is in a file. Integers name their width; `uint` and `int` are integers whose width changes from row
 * to row (a Meteor topic). `mixed` is any msgpack value. 64-bit columns exist only where the file has more than 53 bits.
 */
export const WIRES = {
  u1: { storage: "u8", kind: "unsigned", bits: 1 },
  u4: { storage: "u8", kind: "unsigned", bits: 4 },
  u8: { storage: "u8", kind: "unsigned", bits: 8 },
  u16: { storage: "u16", kind: "unsigned", bits: 16 },
  u24: { storage: "u32", kind: "unsigned", bits: 24 },
  u32: { storage: "u32", kind: "unsigned", bits: 32 },
  u40: { storage: "f64", kind: "unsigned", bits: 40 },
  u48: { storage: "f64", kind: "unsigned", bits: 48 },
  u56: { storage: "u64", kind: "unsigned", bits: 56 },
  u64: { storage: "u64", kind: "unsigned", bits: 64 },
  uint: { storage: "f64", kind: "unsigned", bits: 0 },
  i4: { storage: "i8", kind: "signed", bits: 4 },
  i8: { storage: "i8", kind: "signed", bits: 8 },
  i16: { storage: "i16", kind: "signed", bits: 16 },
  i24: { storage: "i32", kind: "signed", bits: 24 },
  i32: { storage: "i32", kind: "signed", bits: 32 },
  i40: { storage: "f64", kind: "signed", bits: 40 },
  i48: { storage: "f64", kind: "signed", bits: 48 },
  i56: { storage: "i64", kind: "signed", bits: 56 },
  i64: { storage: "i64", kind: "signed", bits: 64 },
  int: { storage: "f64", kind: "signed", bits: 0 },
  f32: { storage: "f32", kind: "float", bits: 32 },
  f64: { storage: "f64", kind: "float", bits: 64 },
  bool: { storage: "u8", kind: "bool", bits: 1 },
  text: { storage: "text", kind: "text", bits: 0 },
  bytes: { storage: "bytes", kind: "bytes", bits: 0 },
  mixed: { storage: "mixed", kind: "mixed", bits: 0 },
} as const satisfies Readonly<Record<string, WireFacts>>

/** What one value is in the file: see `WIRES`. */
export type Wire = keyof typeof WIRES

/** The column of each wire type. */
export type Storage = { [W in Wire]: Columns[(typeof WIRES)[W]["storage"]] }

/** How columns of a wire type are held in memory. */
export function storageOf(type: Wire): StorageName {
  return WIRES[type].storage
}

/** True where a value is a number or a bool: not for text, bytes and mixed values. */
export function isNumeric(type: Wire): boolean {
  const { kind } = WIRES[type]
  return kind !== "text" && kind !== "bytes" && kind !== "mixed"
}

/** True for integers of any width; a bool is not one. */
export function isInteger(type: Wire): boolean {
  const { kind } = WIRES[type]
  return kind === "unsigned" || kind === "signed"
}

/** True for `f32` and `f64`. */
export function isFloat(type: Wire): boolean {
  return WIRES[type].kind === "float"
}

/** True for integers that need a 64-bit column. */
export function isWide(type: Wire): boolean {
  const { storage } = WIRES[type]
  return storage === "u64" || storage === "i64"
}
