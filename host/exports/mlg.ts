import { zeros } from "../bytes/filled.js"
import { search } from "../bytes/search.js"
import { LimitError, UsageError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { counting, formLosses } from "../model/losses.js"
import { cutToBytes, utf8Length } from "../text/cut.js"
import { stepDigits } from "../text/digits.js"
import { latin1Bytes } from "../text/hex.js"
import { encoded } from "../text/text-buffer.js"
import type { Grid, GridChannel } from "./parts/grid.js"
import { heldGrid } from "./parts/held-rows.js"

const NAME = 34
const UNIT = 10
const CATEGORY = 34
const FIELD = 89
const HEADER = 24
/** The record length and the number of fields are 16-bit numbers. */
const MOST_FIELDS = 0xffff / 4
const U16 = 2
const S16 = 3
const U32 = 4
const S32 = 5
const S64 = 6
const F32 = 7

/** Rows whose times an f32 places to a quarter of a row. */
const F32_ROWS = 2 ** 22

/** Bytes of a record beside its fields: type, counter and clock before them, the sum of their bytes behind. */
const AROUND = 5
/** MLG counts time in 10 µs. */
const CLOCK = 100_000

/**
 * MegaLogViewer MLG version 2: rows of a grid (`rate`, `hold`, `fill`; the rate is the fastest group's when absent), first field `Time`.
 * Channels of integers stay integers with scale and transform; the rest is f32. Annotations are markers.
 */
export async function writeMlg(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const grid = await heldGrid(original, options, { target: "MLG", plain: (name) => name.replaceAll("\0", " "), cap: NAME - 1 })
  const fields = [timeField(grid), ...grid.channels.map(valueField)]
  if (fields.length > MOST_FIELDS)
    throw new LimitError(`MLG takes ${Math.floor(MOST_FIELDS)} fields, the log has ${fields.length}`, { hint: "write fewer channels" })
  const sink = output.sink()
  const recordLength = fields.reduce((sum, { type }) => sum + sizeOf(type), 0)
  const info = encoded(`${original.name}\0`)
  const infoAt = HEADER + fields.length * FIELD
  const stamp = stampOf(grid)
  sink.write(fileHeader(stamp ?? 0, fields.length, infoAt, infoAt + info.length, recordLength))
  for (const field of fields) sink.write(fieldBytes(field))
  sink.write(info)

  const markers = original.annotations.filter(({ time }) => time !== null).sort((a, b) => (a.time as number) - (b.time as number))
  let counter = 0
  let marker = 0
  const lost = { rounded: 0, beyond: 0 }
  for await (const { rows, times, columns } of grid.rows()) {
    const bytes = new Uint8Array(rows * (recordLength + AROUND))
    for (let row = 0; row < rows; ) {
      const next = (markers[marker]?.time ?? Number.POSITIVE_INFINITY) - grid.begin
      const to = search(row, rows, (i) => (times[i] as number) >= next)
      sink.write(putRecords(bytes, row, to, counter, { times, columns }, fields, lost))
      counter += to - row
      row = to
      if (row < rows) sink.write(markerBytes(markers[marker++]?.text ?? "", counter++, times[row] as number))
    }
  }
  sink.close()
  const cut = fields.filter(({ unit }) => utf8Length(unit) >= UNIT).length
  return [
    ...grid.losses(),
    ...counting({ kind: "values", count: lost.beyond, text: `${lost.beyond} values cut to what 64 bits with a sign hold` }),
    ...formLosses(original, "MLG", { units: true, start: stamp !== null, since1970: true, annotations: true }),
    ...counting(
      { kind: "form", count: lost.rounded, text: `${lost.rounded} values rounded to f32: MLG has no wider float` },
      { kind: "form", count: cut, text: `${cut} units cut: MLG takes ${UNIT - 1} bytes` },
    ),
  ]
}

/** A field of the file: value = (raw + transform) * scale. */
interface Field {
  readonly name: string
  readonly unit: string
  readonly type: typeof U16 | typeof S16 | typeof U32 | typeof S32 | typeof S64 | typeof F32
  readonly scale: number
  readonly transform: number
  readonly digits: number
}

/** f32 while it tells rows apart; in longer logs whole rows, which the scale makes seconds. */
function timeField({ rate, duration }: Grid): Field {
  const digits = Math.min(6, Math.max(3, stepDigits(1 / rate)))
  const isLong = duration * rate > F32_ROWS
  return { name: "Time", unit: "s", type: isLong ? U32 : F32, scale: isLong ? 1 / rate : 1, transform: 0, digits }
}

const TYPES: Readonly<Record<string, Field["type"]>> = {
  ...{ bool: U16, u1: U16, u4: U16, u8: U16, u16: U16, u24: U32, u32: U32, u64: S64 },
  ...{ i4: S16, i8: S16, i16: S16, i24: S32, i32: S32, i64: S64 },
}
/** From here on an f32 counts from the channel's first value: it would give all seconds since 1970 the same number. */
const FAR = 2 ** 20

/** Picks the field type: integers by the width that the log stored, if it holds every value exactly. */
function valueField({ channel, source, first = 0 }: GridChannel): Field {
  const named = { name: channel.name, unit: channel.unit }
  const type = TYPES[source.type]
  const calibration = source.calibration ?? { addition: 0, divisor: 1, multiplier: 1 }
  const scale = calibration.multiplier / calibration.divisor
  if (type === undefined || !Number.isFinite(scale) || scale === 0) {
    const transform = Number.isFinite(first) && Math.abs(first) >= FAR ? Math.fround(first) : 0
    return { ...named, type: F32, scale: 1, transform: Number.isFinite(transform) ? transform : 0, digits: 3 }
  }
  const digits = Math.max(0, stepDigits(Math.abs(scale)))
  return { ...named, type, scale, transform: calibration.addition, digits }
}

function sizeOf(type: Field["type"]): number {
  if (type === S64) return 8
  return type === U16 || type === S16 ? 2 : 4
}

/** Whole seconds since 1970 in 32 bits; null for a start that they do not hold. */
function stampOf({ instant }: Grid): number | null {
  const seconds = instant === null ? -1 : Number(instant / 1_000_000_000n)
  return seconds >= 0 && seconds <= 0xffffffff ? seconds : null
}

function fileHeader(stamp: number, fields: number, infoAt: number, dataAt: number, recordLength: number): Uint8Array {
  if (recordLength > 0xffff) throw new UsageError("an MLG record takes 65535 bytes", { hint: "write fewer channels" })
  const { bytes, view } = zeros(HEADER)
  bytes.set(latin1Bytes("MLVLG"))
  view.setUint16(6, 2)
  view.setUint32(8, stamp)
  view.setUint32(12, infoAt)
  view.setUint32(16, dataAt)
  view.setUint16(20, recordLength)
  view.setUint16(22, fields)
  return bytes
}

function fieldBytes({ name, unit, type, scale, transform, digits }: Field): Uint8Array {
  const { bytes, view } = zeros(FIELD)
  view.setUint8(0, type)
  bytes.set(cut(name, NAME - 1), 1)
  bytes.set(cut(unit, UNIT - 1), 1 + NAME)
  view.setFloat32(46, scale)
  view.setFloat32(50, transform)
  view.setInt8(54, digits)
  bytes.set(cut("", CATEGORY), 55)
  return bytes
}

function cut(text: string, most: number): Uint8Array {
  return encoded(cutToBytes(text, most))
}

/** Encodes rows `from` to `to` of a chunk as records, field by field: each loop knows its type. @returns the bytes of all records */
function putRecords(
  bytes: Uint8Array,
  from: number,
  to: number,
  counter: number,
  { times, columns }: { readonly times: Float64Array; readonly columns: readonly Float64Array[] },
  fields: readonly Field[],
  lost: { rounded: number; beyond: number },
): Uint8Array {
  const rows = to - from
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const step = fields.reduce((sum, { type }) => sum + sizeOf(type), 0) + AROUND
  for (let i = 0, at = 0; i < rows; i++, at += step) {
    view.setUint16(at, (counter + i) & 0xff)
    view.setUint16(at + 2, Math.round((times[from + i] as number) * CLOCK) & 0xffff)
  }
  let at = AROUND - 1
  for (const [f, field] of fields.entries()) {
    const column = (f === 0 ? times : (columns[f - 1] as Float64Array)).subarray(from, to)
    if (field.type === F32) lost.rounded += putFloats(view, at, step, column, field) * (f > 0 ? 1 : 0)
    else if (field.type === S64) lost.beyond += putWide(view, at, step, column, field)
    else putIntegers(view, at, step, column, field)
    at += sizeOf(field.type)
  }
  for (let i = 0, end = step - 1; i < rows; i++, end += step) {
    let sum = 0
    for (let k = end - step + AROUND; k < end; k++) sum += bytes[k] as number
    bytes[end] = sum & 0xff
  }
  return bytes.subarray(0, rows * step)
}

/** @returns values that f32 rounds */
function putFloats(view: DataView, at: number, step: number, column: Float64Array, { transform }: Field): number {
  let rounded = 0
  for (let i = 0, p = at; i < column.length; i++, p += step) {
    const value = (column[i] as number) - transform
    if (Math.fround(value) !== value) rounded++
    view.setFloat32(p, value)
  }
  return rounded
}

/** @returns values beyond 64 bits */
function putWide(view: DataView, at: number, step: number, column: Float64Array, { scale, transform }: Field): number {
  let beyond = 0
  for (let i = 0, p = at; i < column.length; i++, p += step) {
    const value = (column[i] as number) / scale - transform
    if (!(Math.abs(value) < 2 ** 63)) beyond++
    view.setBigInt64(p, clampBig(Math.round(value)))
  }
  return beyond
}

function putIntegers(view: DataView, at: number, step: number, column: Float64Array, { type, scale, transform }: Field): void {
  const isSigned = type === S16 || type === S32
  const wide = sizeOf(type) === 4
  const most = 2 ** ((wide ? 32 : 16) - (isSigned ? 1 : 0)) - 1
  const least = isSigned ? -most - 1 : 0
  for (let i = 0, p = at; i < column.length; i++, p += step) {
    const raw = Math.min(most, Math.max(least, Math.round((column[i] as number) / scale - transform)))
    if (wide) view.setInt32(p, raw)
    else view.setInt16(p, raw)
  }
}

function clampBig(value: number): bigint {
  const most = 2n ** 63n
  const whole = BigInt(value)
  return whole >= most ? most - 1n : whole < -most ? -most : whole
}

function markerBytes(text: string, counter: number, time: number): Uint8Array {
  const { bytes, view } = zeros(54)
  view.setUint8(0, 1)
  view.setUint8(1, counter & 0xff)
  view.setUint16(2, Math.round(time * CLOCK) & 0xffff)
  bytes.set(cut(text, 49), 4)
  return bytes
}
