/**
 * How a fixed-size binary record is written down: a table that reads like the specification's own.
 * Tables are data. The board never imports them; its encoders are generated from them (`npm run gen`).
 */

/** Scalar types of a field. `bytes` takes its length from the next field's offset or the record's size. */
export type FieldType = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "u64" | "i64" | "f32" | "f64" | "bytes"

/** One field of a record. */
export interface Field {
  /** Byte offset in the record, copied from the source document. */
  readonly at: number
  readonly type: FieldType
  /** Unit of the value; empty for pure numbers. */
  readonly unit: string
  readonly doc: string
  /** Where a field's byte order differs from the record's. */
  readonly endian?: "le" | "be"
}

/** A record. Variable parts that follow are said in `tail` and read by hand-written code. */
export interface Layout {
  readonly name: string
  /** Document and section, or program and file. */
  readonly source: string
  readonly endian: "le" | "be"
  /** Bytes of the fixed part. */
  readonly size: number
  readonly fields: { readonly [name: string]: Field }
  readonly tail?: string
}
