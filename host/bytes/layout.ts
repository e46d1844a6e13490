import type { Field, FieldType, Layout } from "../../shared/layout.js"

type ValueOf<T extends FieldType> = T extends "u64" | "i64" ? bigint : T extends "bytes" ? Uint8Array : number

/** A record's fields by name; 64-bit fields are bigint, byte fields are views. */
export type Values<L extends Layout> = { -readonly [K in keyof L["fields"]]: ValueOf<L["fields"][K]["type"]> }

/** Bytes of each scalar type. */
export const FIELD_SIZE = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8, i64: 8, f32: 4, f64: 8 } as const

/** How a scalar is read and written; `le`: little-endian. */
interface Scalar {
  readonly read: (view: DataView, at: number, le: boolean) => number | bigint
  readonly write: (view: DataView, at: number, value: never, le: boolean) => void
}

const SCALARS: Readonly<Record<Exclude<FieldType, "bytes">, Scalar>> = {
  u8: { read: (view, at) => view.getUint8(at), write: (view, at, value) => view.setUint8(at, value) },
  i8: { read: (view, at) => view.getInt8(at), write: (view, at, value) => view.setInt8(at, value) },
  u16: { read: (view, at, le) => view.getUint16(at, le), write: (view, at, value, le) => view.setUint16(at, value, le) },
  i16: { read: (view, at, le) => view.getInt16(at, le), write: (view, at, value, le) => view.setInt16(at, value, le) },
  u32: { read: (view, at, le) => view.getUint32(at, le), write: (view, at, value, le) => view.setUint32(at, value, le) },
  i32: { read: (view, at, le) => view.getInt32(at, le), write: (view, at, value, le) => view.setInt32(at, value, le) },
  u64: { read: (view, at, le) => view.getBigUint64(at, le), write: (view, at, value, le) => view.setBigUint64(at, value, le) },
  i64: { read: (view, at, le) => view.getBigInt64(at, le), write: (view, at, value, le) => view.setBigInt64(at, value, le) },
  f32: { read: (view, at, le) => view.getFloat32(at, le), write: (view, at, value, le) => view.setFloat32(at, value, le) },
  f64: { read: (view, at, le) => view.getFloat64(at, le), write: (view, at, value, le) => view.setFloat64(at, value, le) },
}

/** Length of a field in bytes: a `bytes` field runs to the next field or the record's end. */
export function fieldSize(layout: Layout, field: Field): number {
  if (field.type !== "bytes") return FIELD_SIZE[field.type]
  const later = Object.values(layout.fields).filter((other) => other.at > field.at)
  return Math.min(layout.size, ...later.map((other) => other.at)) - field.at
}

/** Reads one record at `at`. @throws RangeError when the record does not fit into the view. */
export function readRecord<L extends Layout>(layout: L, view: DataView, at: number): Values<L> {
  if (at < 0 || at + layout.size > view.byteLength) throw new RangeError(`${layout.name} at ${at} leaves the buffer`)
  const record: Record<string, number | bigint | Uint8Array> = {}
  for (const [name, field] of fieldsOf(layout)) record[name] = readField(layout, field, view, at)
  return record as Values<L>
}

const LISTS = new WeakMap<Layout, [string, Field][]>()

/** The fields of a layout. The list is made once: making it takes longer than reading a record. */
function fieldsOf(layout: Layout): readonly [string, Field][] {
  let list = LISTS.get(layout)
  if (list === undefined) LISTS.set(layout, (list = Object.entries(layout.fields)))
  return list
}

function readField(layout: Layout, field: Field, view: DataView, at: number): number | bigint | Uint8Array {
  const place = at + field.at
  if (field.type === "bytes") return new Uint8Array(view.buffer, view.byteOffset + place, fieldSize(layout, field))
  return SCALARS[field.type].read(view, place, (field.endian ?? layout.endian) === "le")
}

/** Writes one record at `at`; fields that are absent from `values` stay as they are in the view. */
export function writeRecord<L extends Layout>(layout: L, view: DataView, at: number, values: Partial<Values<L>>): void {
  if (at < 0 || at + layout.size > view.byteLength) throw new RangeError(`${layout.name} at ${at} leaves the buffer`)
  for (const [name, field] of fieldsOf(layout)) {
    const value = (values as Record<string, number | bigint | Uint8Array | undefined>)[name]
    if (value !== undefined) writeField(layout, field, view, at, value)
  }
}

function writeField(layout: Layout, field: Field, view: DataView, at: number, value: number | bigint | Uint8Array): void {
  const place = at + field.at
  if (field.type === "bytes") {
    const size = fieldSize(layout, field)
    new Uint8Array(view.buffer, view.byteOffset + place, size).set((value as Uint8Array).subarray(0, size))
  } else SCALARS[field.type].write(view, place, value as never, (field.endian ?? layout.endian) === "le")
}

/** The table as Markdown, for the format pages. */
export function layoutMarkdown(layout: Layout): string {
  const rows = Object.entries(layout.fields).map(
    ([name, field]) =>
      `| ${field.at} | ${fieldSize(layout, field)} | ${name} | ${typeText(layout, field)} | ${field.unit} | ${field.doc} |`,
  )
  const head = ["| at | bytes | field | type | unit | meaning |", "| --: | --: | --- | --- | --- | --- |"]
  const tail = layout.tail === undefined ? [] : ["", `Then: ${layout.tail}.`]
  return [`**${layout.name}**, ${layout.size} bytes. Source: ${layout.source}.`, "", ...head, ...rows, ...tail].join("\n")
}

function typeText(layout: Layout, field: Field): string {
  if (field.type === "bytes" || field.type.endsWith("8")) return field.type
  return `${field.type} ${field.endian ?? layout.endian}`
}
