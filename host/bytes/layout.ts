import type { Field, FieldType, Layout } from "../../shared/layout.js"

type ValueOf<T extends FieldType> = T extends "u64" | "i64" ? bigint : T extends "bytes" ? Uint8Array : number

/** A record's fields by name; 64-bit fields are bigint, byte fields are views. */
export type Values<L extends Layout> = { -readonly [K in keyof L["fields"]]: ValueOf<L["fields"][K]["type"]> }

/** Bytes of each scalar type. */
export const FIELD_SIZE = { u8: 1, i8: 1, u16: 2, i16: 2, u32: 4, i32: 4, u64: 8, i64: 8, f32: 4, f64: 8 } as const

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
  for (const [name, field] of Object.entries(layout.fields)) record[name] = readField(layout, field, view, at)
  return record as Values<L>
}

function readField(layout: Layout, field: Field, view: DataView, at: number): number | bigint | Uint8Array {
  const place = at + field.at
  const little = (field.endian ?? layout.endian) === "le"
  switch (field.type) {
    case "u8":
      return view.getUint8(place)
    case "i8":
      return view.getInt8(place)
    case "u16":
      return view.getUint16(place, little)
    case "i16":
      return view.getInt16(place, little)
    case "u32":
      return view.getUint32(place, little)
    case "i32":
      return view.getInt32(place, little)
    case "u64":
      return view.getBigUint64(place, little)
    case "i64":
      return view.getBigInt64(place, little)
    case "f32":
      return view.getFloat32(place, little)
    case "f64":
      return view.getFloat64(place, little)
    case "bytes":
      return new Uint8Array(view.buffer, view.byteOffset + place, fieldSize(layout, field))
  }
}

/** Writes one record at `at`; fields that are absent from `values` stay as they are in the view. */
export function writeRecord<L extends Layout>(layout: L, view: DataView, at: number, values: Partial<Values<L>>): void {
  if (at < 0 || at + layout.size > view.byteLength) throw new RangeError(`${layout.name} at ${at} leaves the buffer`)
  for (const [name, field] of Object.entries(layout.fields)) {
    const value = (values as Record<string, number | bigint | Uint8Array | undefined>)[name]
    if (value !== undefined) writeField(layout, field, view, at, value)
  }
}

function writeField(layout: Layout, field: Field, view: DataView, at: number, value: number | bigint | Uint8Array): void {
  const place = at + field.at
  const little = (field.endian ?? layout.endian) === "le"
  switch (field.type) {
    case "u8":
      view.setUint8(place, value as number)
      break
    case "i8":
      view.setInt8(place, value as number)
      break
    case "u16":
      view.setUint16(place, value as number, little)
      break
    case "i16":
      view.setInt16(place, value as number, little)
      break
    case "u32":
      view.setUint32(place, value as number, little)
      break
    case "i32":
      view.setInt32(place, value as number, little)
      break
    case "u64":
      view.setBigUint64(place, value as bigint, little)
      break
    case "i64":
      view.setBigInt64(place, value as bigint, little)
      break
    case "f32":
      view.setFloat32(place, value as number, little)
      break
    case "f64":
      view.setFloat64(place, value as number, little)
      break
    case "bytes": {
      const size = fieldSize(layout, field)
      const target = new Uint8Array(view.buffer, view.byteOffset + place, size)
      target.set((value as Uint8Array).subarray(0, size))
    }
  }
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
