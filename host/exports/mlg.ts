import { LimitError, UsageError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { counting, formLosses } from "../model/losses.js"
import { cutToBytes } from "../text/cut.js"
import { stepDigits } from "../text/digits.js"
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
  const info = Buffer.from(`${original.name}\0`, "utf8")
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
    const bytes = Buffer.alloc(rows * (recordLength + 5))
    let at = 0
    for (let i = 0; i < rows; i++) {
      const time = times[i] as number
      for (; marker < markers.length && (markers[marker]?.time as number) - grid.begin <= time; marker++) {
        sink.write(bytes.subarray(0, at))
        bytes.copyWithin(0, at)
        sink.write(markerBytes(markers[marker]?.text ?? "", counter++, time))
        at = 0
      }
      at = putRecord(bytes, at, counter++, time, fields, columns, i, lost)
    }
    sink.write(bytes.subarray(0, at))
  }
  sink.close()
  const cut = fields.filter(({ unit }) => Buffer.byteLength(unit) >= UNIT).length
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
  const bytes = Buffer.alloc(HEADER)
  bytes.write("MLVLG\0", 0, "latin1")
  bytes.writeUInt16BE(2, 6)
  bytes.writeUInt32BE(stamp, 8)
  bytes.writeUInt32BE(infoAt, 12)
  bytes.writeUInt32BE(dataAt, 16)
  bytes.writeUInt16BE(recordLength, 20)
  bytes.writeUInt16BE(fields, 22)
  return bytes
}

function fieldBytes({ name, unit, type, scale, transform, digits }: Field): Uint8Array {
  const bytes = Buffer.alloc(FIELD)
  bytes.writeUInt8(type, 0)
  bytes.set(cut(name, NAME - 1), 1)
  bytes.set(cut(unit, UNIT - 1), 1 + NAME)
  bytes.writeFloatBE(scale, 46)
  bytes.writeFloatBE(transform, 50)
  bytes.writeInt8(digits, 54)
  bytes.set(cut("", CATEGORY), 55)
  return bytes
}

function cut(text: string, most: number): Uint8Array {
  return Buffer.from(cutToBytes(text, most), "utf8")
}

function putRecord(
  bytes: Buffer,
  from: number,
  counter: number,
  time: number,
  fields: readonly Field[],
  columns: readonly Float64Array[],
  row: number,
  lost: { rounded: number; beyond: number },
): number {
  bytes.writeUInt8(0, from)
  bytes.writeUInt8(counter & 0xff, from + 1)
  bytes.writeUInt16BE(Math.round(time * CLOCK) & 0xffff, from + 2)
  let at = from + 4
  for (let f = 0; f < fields.length; f++) {
    const field = fields[f] as Field
    const value = f === 0 ? time : ((columns[f - 1] as Float64Array)[row] as number)
    if (f > 0 && field.type === F32 && Math.fround(value - field.transform) !== value - field.transform) lost.rounded++
    if (field.type === S64 && !(Math.abs(value / field.scale - field.transform) < 2 ** 63)) lost.beyond++
    at = putValue(bytes, at, field, value)
  }
  let sum = 0
  for (let i = from + 4; i < at; i++) sum += bytes[i] as number
  bytes.writeUInt8(sum & 0xff, at)
  return at + 1
}

function putValue(bytes: Buffer, at: number, { type, scale, transform }: Field, value: number): number {
  if (type === F32) return bytes.writeFloatBE(value - transform, at)
  const raw = Math.round(value / scale - transform)
  if (type === S64) return bytes.writeBigInt64BE(clampBig(raw), at)
  if (type === U16) return bytes.writeUInt16BE(Math.min(0xffff, Math.max(0, raw)), at)
  if (type === S16) return bytes.writeInt16BE(Math.min(0x7fff, Math.max(-0x8000, raw)), at)
  if (type === U32) return bytes.writeUInt32BE(Math.min(0xffffffff, Math.max(0, raw)), at)
  return bytes.writeInt32BE(Math.min(0x7fffffff, Math.max(-0x80000000, raw)), at)
}

function clampBig(value: number): bigint {
  const most = 2n ** 63n
  const whole = BigInt(value)
  return whole >= most ? most - 1n : whole < -most ? -most : whole
}

function markerBytes(text: string, counter: number, time: number): Uint8Array {
  const bytes = Buffer.alloc(54)
  bytes.writeUInt8(1, 0)
  bytes.writeUInt8(counter & 0xff, 1)
  bytes.writeUInt16BE(Math.round(time * CLOCK) & 0xffff, 2)
  bytes.set(cut(text, 49), 4)
  return bytes
}
