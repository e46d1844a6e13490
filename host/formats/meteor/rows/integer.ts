import type { Wire } from "../../../model/log.js"

/** How integers of a file are stored. */
export interface IntegerForm {
  readonly signed: boolean
  /** Version 1 has its data big-endian. */
  readonly bigEndian: boolean
}

/** Wire types whose columns are typed arrays; Meteor has no others. */
export type Numeric = Exclude<Wire, "text" | "bytes" | "mixed">

/** The wire type of an integer of 1 to 8 bytes. */
export function integerType(length: number, signed: boolean): Numeric {
  return `${signed ? "i" : "u"}${length * 8}` as Numeric
}

/**
 * An integer of 1 to 8 bytes; of more than 6, rounded to f64.
 * Source: the format's README, data frame; any width is legal, the reference program reads 1 to 6 and 8.
 */
export function readInteger(bytes: Uint8Array, at: number, length: number, form: IntegerForm): number {
  if (length > 6) return Number(readBigInteger(bytes, at, length, form))
  let value = 0
  let scale = 1
  const step = form.bigEndian ? -1 : 1
  for (let i = form.bigEndian ? at + length - 1 : at, n = 0; n < length; n++, i += step) {
    value += (bytes[i] as number) * scale
    scale *= 256
  }
  return form.signed && value >= scale / 2 ? value - scale : value
}

/** An integer of 1 to 8 bytes, exact. */
export function readBigInteger(bytes: Uint8Array, at: number, length: number, form: IntegerForm): bigint {
  let value = 0n
  for (let n = 0; n < length; n++) {
    const i = form.bigEndian ? at + n : at + length - 1 - n
    value = (value << 8n) | BigInt(bytes[i] as number)
  }
  return form.signed ? BigInt.asIntN(length * 8, value) : value
}
