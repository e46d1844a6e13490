import { zeros } from "../../bytes/filled.js"
import { joinBytes, latin1Bytes } from "../../text/hex.js"

/** The elements of a MATLAB version 5 file. Source: MathWorks, MAT-File Format, version 5. All little-endian. */

const MI_INT8 = 1
const MI_INT32 = 5
const MI_UINT32 = 6
/** Not miUINT16: scipy takes that for bytes of its own locale. */
const MI_UTF16 = 17
const MI_MATRIX = 14

const CELL = 1
const STRUCT = 2
const CHAR = 4
/** Field names have 63 characters and a NUL. */
const NAME_LENGTH = 64

/** An array class: its number, the data type of its values, bytes a value. */
const CLASSES = {
  double: { id: 6, data: 9, size: 8 },
  single: { id: 7, data: 7, size: 4 },
  int8: { id: 8, data: 1, size: 1 },
  uint8: { id: 9, data: 2, size: 1 },
  logical: { id: 9, data: 2, size: 1 },
  int16: { id: 10, data: 3, size: 2 },
  uint16: { id: 11, data: 4, size: 2 },
  int32: { id: 12, data: 5, size: 4 },
  uint32: { id: 13, data: 6, size: 4 },
  int64: { id: 14, data: 12, size: 8 },
  uint64: { id: 15, data: 13, size: 8 },
} as const

/** Classes of number arrays. */
export type MatClass = keyof typeof CLASSES

/** Padding that brings an element to a multiple of eight bytes. */
function padding(length: number): number {
  return (8 - (length % 8)) % 8
}

/** An element's tag. */
function tag(type: number, length: number): Uint8Array {
  const { bytes, view } = zeros(8)
  view.setUint32(0, type, true)
  view.setUint32(4, length, true)
  return bytes
}

/**
 * All of a matrix except its values.
 * @param extent values of a number array; bytes of a cell array's elements
 * @returns the bytes before the values, and the bytes that the values take with their padding
 */
export function matrixHead(
  kind: MatClass | "cell",
  name: string,
  rows: number,
  columns: number,
  extent: number,
): { bytes: Uint8Array; values: number } {
  if (kind === "cell") {
    const head = head0(CELL, 0, name, rows, columns)
    return { bytes: joinBytes([tag(MI_MATRIX, head.length + extent), head]), values: extent }
  }
  const { id, data, size } = CLASSES[kind]
  const head = head0(id, kind === "logical" ? 0x02 : 0, name, rows, columns)
  const length = extent * size
  const values = length + padding(length)
  return { bytes: joinBytes([tag(MI_MATRIX, head.length + 8 + values), head, tag(data, length)]), values }
}

/** All of a 1x1 struct except its fields' values, which take `body` bytes. */
export function structHead(name: string, fields: readonly string[], body: number): Uint8Array {
  const names = new Uint8Array(fields.length * NAME_LENGTH)
  for (const [i, field] of fields.entries()) names.set(latin1Bytes(field.slice(0, NAME_LENGTH - 1)), i * NAME_LENGTH)
  const { bytes: nameLength, view: nameLengthView } = zeros(8)
  // A small element: type and length share four bytes.
  nameLengthView.setUint16(0, MI_INT32, true)
  nameLengthView.setUint16(2, 4, true)
  nameLengthView.setUint32(4, NAME_LENGTH, true)
  const head = joinBytes([head0(STRUCT, 0, name, 1, 1), nameLength, tag(MI_INT8, names.length), names])
  return joinBytes([tag(MI_MATRIX, head.length + body), head])
}

/** Bytes of `putCharMatrix("", text)`. */
export function charMatrixSize(text: string): number {
  const bytes = (text.length + surrogatePairs(text)) * 2
  return 8 + 16 + 16 + 8 + 8 + bytes + padding(bytes)
}

/**
 * A whole row of characters. MATLAB counts UTF-16 units, and scipy counts characters and refuses a text that has fewer of them than the row is
 * long: so behind the text stands a NUL for each character of two units. MATLAB's row ends before them, and scipy drops them.
 */
export function putCharMatrix(name: string, text: string): Uint8Array {
  const { bytes: data, view } = zeros((text.length + surrogatePairs(text)) * 2)
  // Half of a pair is no character: a reader would refuse the whole file.
  const sound = text.replace(LONE_SURROGATE, "\ufffd")
  for (let i = 0; i < sound.length; i++) view.setUint16(2 * i, sound.charCodeAt(i), true)
  const head = head0(CHAR, 0, name, text === "" ? 0 : 1, text.length)
  const body = joinBytes([head, tag(MI_UTF16, data.length), data, new Uint8Array(padding(data.length))])
  return joinBytes([tag(MI_MATRIX, body.length), body])
}

const LONE_SURROGATE = /\p{Surrogate}/gu

function surrogatePairs(text: string): number {
  let pairs = 0
  for (let i = 0; i < text.length; i++) if ((text.codePointAt(i) as number) > 0xffff) pairs++
  return pairs
}

/** Array flags, dimensions and name. */
function head0(id: number, flags: number, name: string, rows: number, columns: number): Uint8Array {
  const text = latin1Bytes(name)
  const { bytes, view } = zeros(40 + text.length + padding(text.length))
  bytes.set(tag(MI_UINT32, 8), 0)
  view.setUint8(8, id)
  view.setUint8(9, flags)
  bytes.set(tag(MI_INT32, 8), 16)
  view.setInt32(24, rows, true)
  view.setInt32(28, columns, true)
  bytes.set(tag(MI_INT8, text.length), 32)
  bytes.set(text, 40)
  return bytes
}
