import type { Wire } from "../../../model/log.js"
import { headAt, isIntegerMarker, numberAt, skip } from "../blocks/msgpack.js"

/** What kinds of values were seen at one place of a stream's records. */
export const NIL = 1
const BOOL = 2
const INTEGER = 4
/** An integer that f64 cannot hold. */
const WIDE = 8
const NEGATIVE = 16
const FLOAT32 = 32
export const FLOAT64 = 64
export const TEXT = 128
export const BYTES = 256
export const ARRAY = 512
export const MAP = 1024
const OTHER = 2048

/** Most elements of an array that are examined, and how deep. */
const MAX_ITEMS = 256
const MAX_LEVELS = 6

/** The values seen at one place, and for arrays the values at the places in them. */
export interface Seen {
  kinds: number
  /** Elements of the arrays seen; -1 if no array was seen, -2 if they differ. */
  length: number
  readonly items: Seen[]
}

/** Nothing seen yet. */
export function unseen(): Seen {
  return { kinds: 0, length: -1, items: [] }
}

/** Adds the complete value at `p` to what was seen; returns the offset behind it. */
export function see(seen: Seen, bytes: Uint8Array, view: DataView, p: number, end: number, level = 0): number {
  const head = headAt(bytes, p)
  if (head?.kind !== "array") {
    seen.kinds |= kindOf(bytes, view, p)
    return skip(bytes, p, end)
  }
  seen.kinds |= ARRAY
  seen.length = seen.length === -1 || seen.length === head.length ? head.length : -2
  if (level >= MAX_LEVELS || head.length > MAX_ITEMS) return skip(bytes, p, end)
  let at = head.at
  for (let i = 0; i < head.length; i++) {
    let item = seen.items[i]
    if (item === undefined) {
      item = unseen()
      seen.items.push(item)
    }
    at = see(item, bytes, view, at, end, level + 1)
  }
  return at
}

function kindOf(bytes: Uint8Array, view: DataView, p: number): number {
  const b = bytes[p] as number
  if (isIntegerMarker(b)) {
    if (b === 0xcf || b === 0xd3) {
      const value = b === 0xcf ? view.getBigUint64(p + 1) : view.getBigInt64(p + 1)
      return INTEGER | (value < 0n ? NEGATIVE : 0) | (BigInt(Number(value)) === value ? 0 : WIDE)
    }
    return INTEGER | (numberAt(view, p) < 0 ? NEGATIVE : 0)
  }
  if (b === 0xc0) return NIL
  if (b === 0xc2 || b === 0xc3) return BOOL
  if (b === 0xca) return FLOAT32
  if (b === 0xcb) return FLOAT64
  const kind = headAt(bytes, p)?.kind
  return kind === "text" ? TEXT : kind === "bytes" ? BYTES : kind === "map" ? MAP : OTHER
}

/**
 * The wire type that holds everything seen. Numbers become f64, because a writer that packs integral floats as integers shows
 * no difference between 1 and 1.0; only integers that f64 cannot hold become i64 or u64.
 */
export function typeOf(seen: Seen): Wire {
  const kinds = seen.kinds & ~NIL
  if (kinds === 0) return "f64"
  if (kinds === BOOL) return "bool"
  if (kinds === TEXT) return "text"
  if (kinds === BYTES) return "bytes"
  const numbers = INTEGER | WIDE | NEGATIVE | FLOAT32 | FLOAT64
  if ((kinds & ~numbers) !== 0) return "mixed"
  if ((kinds & WIDE) === 0) return "f64"
  if ((kinds & (FLOAT32 | FLOAT64)) !== 0) return "mixed"
  return (kinds & NEGATIVE) === 0 ? "u64" : "i64"
}
