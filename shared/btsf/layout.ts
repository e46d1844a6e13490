/** btsf's records as tables. Source: the btsf program's behaviour at 9f93f28 and the revisions before it. */

/** `BinaryTimeSeriesFile_v0.1` and seven NUL; all 32 bytes are compared. */
export const SIGNATURE_TEXT = "BinaryTimeSeriesFile_v0.1"
export const SIGNATURE_SIZE = 32

/** Section types of the present layout. Others are kept and skipped. */
export const SECTION_END = 0
export const SECTION_MASTER = 1
export const SECTION_ANNOTATIONS = 2
export const SECTION_BINARY = 3

/** One letter per metric in the master section, as Python's `struct` names them. */
export const METRIC_CODES = {
  f: { name: "Float", wire: "f32", size: 4 },
  d: { name: "Double", wire: "f64", size: 8 },
  b: { name: "Int8", wire: "i8", size: 1 },
  B: { name: "UInt8", wire: "u8", size: 1 },
  h: { name: "Int16", wire: "i16", size: 2 },
  H: { name: "UInt16", wire: "u16", size: 2 },
  l: { name: "Int32", wire: "i32", size: 4 },
  L: { name: "UInt32", wire: "u32", size: 4 },
  q: { name: "Int64", wire: "i64", size: 8 },
  Q: { name: "UInt64", wire: "u64", size: 8 },
} as const

export const signature = {
  name: "btsf signature",
  source: "btsf 9f93f28, the file's first 32 bytes; the same in all revisions",
  endian: "le",
  size: 32,
  fields: {
    text: { at: 0, type: "bytes", unit: "", doc: "ASCII BinaryTimeSeriesFile_v0.1" },
    nul: { at: 25, type: "bytes", unit: "", doc: "Seven zero bytes, compared as well" },
  },
} as const

export const sectionHead = {
  name: "btsf section head",
  source: "btsf 6c8eada (2020-01-13) to 9f93f28",
  endian: "le",
  size: 16,
  fields: {
    type: { at: 0, type: "u8", unit: "", doc: "0 end, 1 master (JSON), 2 annotations, 3 binary" },
    reserved: { at: 1, type: "bytes", unit: "", doc: "Zero; not checked" },
    payloadSize: { at: 8, type: "u32", unit: "byte", doc: "Payload that follows; ignored in the end section" },
    followupSize: { at: 12, type: "u32", unit: "byte", doc: "Zero bytes behind the payload: padding and room for edits" },
  },
  tail: "payloadSize bytes of payload, followupSize bytes to skip; behind the end section the rows begin",
} as const

export const sectionHead8 = {
  name: "btsf section head of one revision",
  source: "btsf 3c980b7 (2020-01-13)",
  endian: "le",
  size: 8,
  fields: {
    id: { at: 0, type: "u16", unit: "", doc: "0 end, 1 main, 2 annotations" },
    content: { at: 2, type: "u8", unit: "", doc: "1 raw, 2 JSON" },
    option: { at: 3, type: "u8", unit: "", doc: "Zero" },
    size: { at: 4, type: "u32", unit: "byte", doc: "Payload that follows, padded to a multiple of 8 with zeros" },
  },
  tail: "size bytes of payload and its padding; eight zero bytes end the header",
} as const

export const jsonSize = {
  name: "btsf JSON size of the first revisions",
  source: "btsf 9b1c0c3 (2020-01-03, in the rows' byte order) and 86502f2 to 7efc5ed (little-endian)",
  endian: "le",
  size: 8,
  fields: {
    size: { at: 0, type: "u64", unit: "byte", doc: "Length of the JSON text that follows" },
  },
  tail: "the JSON text; zeros to a multiple of 8, except in 9b1c0c3; rows",
} as const
