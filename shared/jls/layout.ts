/** JLS v2's records as tables. Source: jetperch/jls 0.17.0 as run; all integers little-endian. */

/** First 16 bytes: shows 7-bit and text-mode damage. */
export const SIGNATURE = [0x6a, 0x6c, 0x73, 0x66, 0x6d, 0x74, 0x0d, 0x0a, 0x20, 0x0a, 0x20, 0x1a, 0x20, 0x20, 0xb2, 0x1c] as const
/** Format version that writers store: 1.0.0. */
export const VERSION = 0x01000000
/** Highest major version that readers accept. */
export const VERSION_MAJOR = 1

export const FILE_HEADER_SIZE = 32
export const CHUNK_HEADER_SIZE = 32
export const PAYLOAD_HEADER_SIZE = 16
/** Bytes of a header under its CRC. */
export const HEADER_CRC_AT = 28
/** Chunks start at multiples of this. */
export const ALIGN = 8

export const TAG_SOURCE_DEF = 0x01
export const TAG_SIGNAL_DEF = 0x02
export const TAG_USER_DATA = 0x40
export const TAG_END = 0xff
/** A track chunk's tag is TAG_TRACK + track * 8 + kind. */
export const TAG_TRACK = 0x20

export const TRACK_FSR = 0
export const TRACK_VSR = 1
export const TRACK_ANNOTATION = 2
export const TRACK_UTC = 3

export const KIND_DEF = 0
export const KIND_HEAD = 1
export const KIND_DATA = 2
export const KIND_INDEX = 3
export const KIND_SUMMARY = 4

/** Bits 11..0 of chunk_meta of a signal's chunks: the signal; bits 15..12 the level. */
export const META_ID = 0x0fff
export const META_LEVEL_SHIFT = 12

/** Levels 1 to 15; level 0 is DATA. */
export const LEVELS = 16
/** Ids 0 to 255 of sources and signals. */
export const IDS = 256
/** Ends a string; a unit separator follows. */
export const STRING_END = [0x00, 0x1f] as const
/** 64 zero bytes stand before the strings of a SOURCE_DEF. */
export const SOURCE_RESERVED = 64

export const TYPE_FSR = 0
export const TYPE_VSR = 1

/** Base of a data type, bits 3..0. */
export const BASE_INT = 1
export const BASE_UINT = 3
export const BASE_FLOAT = 4

export const STORAGE_BINARY = 1
export const STORAGE_STRING = 2
export const STORAGE_JSON = 3

/** Seconds from 1970 to 2018, where JLS time starts. */
export const EPOCH_2018 = 1514764800
/** JLS time counts 2^-30 s. */
export const TIME_BITS = 30

export const fileHeader = {
  name: "JLS file header",
  source: "jetperch/jls 0.17.0, format.h",
  endian: "le",
  size: 32,
  fields: {
    signature: { at: 0, type: "bytes", unit: "", doc: "6A 6C 73 66 6D 74 0D 0A 20 0A 20 1A 20 20 B2 1C" },
    length: { at: 16, type: "u64", unit: "byte", doc: "File length; 0 while open or never closed" },
    version: { at: 24, type: "u32", unit: "", doc: "Bytes: patch u16, minor, major; 1.0.0" },
    crc: { at: 28, type: "u32", unit: "", doc: "CRC32C of bytes 0 to 27" },
  },
} as const

export const chunkHeader = {
  name: "JLS chunk header",
  source: "jetperch/jls 0.17.0, format.h",
  endian: "le",
  size: 32,
  fields: {
    next: { at: 0, type: "u64", unit: "byte", doc: "Next chunk of the same list; 0 none. Patched in place when that chunk is written" },
    previous: { at: 8, type: "u64", unit: "byte", doc: "Previous chunk of the same list; 0 none" },
    tag: { at: 16, type: "u8", unit: "", doc: "What the chunk holds" },
    reserved: { at: 17, type: "u8", unit: "", doc: "0" },
    meta: { at: 18, type: "u16", unit: "", doc: "Source id; signal id and level << 12; or a user data's meta and storage type << 12" },
    length: { at: 20, type: "u32", unit: "byte", doc: "Length of the payload" },
    previousLength: { at: 24, type: "u32", unit: "byte", doc: "Length of the last non-empty payload before this chunk; not reliable" },
    crc: { at: 28, type: "u32", unit: "", doc: "CRC32C of bytes 0 to 27" },
  },
  tail: "unless length is 0: the payload, zero bytes, and the payload's CRC32C as the last 4 bytes of the next multiple of 8",
} as const

export const signalDef = {
  name: "JLS signal definition, fixed part of the payload",
  source: "jetperch/jls 0.17.0, core.c and format.h",
  endian: "le",
  size: 128,
  fields: {
    source: { at: 0, type: "u16", unit: "", doc: "Source id, defined before" },
    type: { at: 2, type: "u8", unit: "", doc: "0 fixed sample rate (FSR), 1 variable (VSR)" },
    reserved0: { at: 3, type: "u8", unit: "", doc: "0" },
    dataType: { at: 4, type: "u32", unit: "", doc: "Bits 3..0 base, 15..8 size in bits, 23..16 q: value = raw * 2^-q" },
    rate: { at: 8, type: "u32", unit: "Hz", doc: "Sample rate; 0 for VSR" },
    samplesPerData: { at: 12, type: "u32", unit: "sample", doc: "Samples of every DATA chunk but the last" },
    samplesPerEntry: { at: 16, type: "u32", unit: "sample", doc: "Samples that one entry of level 1 summarises" },
    entriesPerSummary: { at: 20, type: "u32", unit: "", doc: "Entries of a full SUMMARY chunk" },
    entriesPerEntry: { at: 24, type: "u32", unit: "", doc: "Entries of level n - 1 that one entry of level n summarises" },
    annotationsPerIndex: { at: 28, type: "u32", unit: "", doc: "Entries of a full annotation INDEX" },
    utcPerIndex: { at: 32, type: "u32", unit: "", doc: "Entries of a full UTC INDEX" },
    reserved1: { at: 36, type: "bytes", unit: "", doc: "Zeros" },
  },
  tail: "name and units, each UTF-8, 00, 1F",
} as const

export const payloadHeader = {
  name: "JLS payload header of DATA, INDEX and SUMMARY",
  source: "jetperch/jls 0.17.0, format.h",
  endian: "le",
  size: 16,
  fields: {
    timestamp: { at: 0, type: "i64", unit: "sample", doc: "Sample id of the first sample covered; JLS time for VSR" },
    count: { at: 8, type: "u32", unit: "", doc: "Entries that follow" },
    bits: { at: 12, type: "u16", unit: "bit", doc: "Size of an entry" },
    reserved: { at: 14, type: "u16", unit: "", doc: "0" },
  },
  tail: "count entries of bits bits, packed from the least significant bit",
} as const

export const annotationData = {
  name: "JLS annotation, fixed part of an ANNOTATION DATA payload",
  source: "jetperch/jls 0.17.0, wr_ts and reader",
  endian: "le",
  size: 28,
  fields: {
    timestamp: { at: 0, type: "i64", unit: "sample", doc: "Absolute sample id; JLS time for VSR" },
    count: { at: 8, type: "u32", unit: "", doc: "1" },
    reserved0: { at: 12, type: "u32", unit: "", doc: "0" },
    type: { at: 16, type: "u8", unit: "", doc: "0 user, 1 text, 2 vertical marker, 3 horizontal marker" },
    storage: { at: 17, type: "u8", unit: "", doc: "1 binary, 2 string, 3 JSON" },
    group: { at: 18, type: "u8", unit: "", doc: "The application's group" },
    reserved1: { at: 19, type: "u8", unit: "", doc: "0" },
    y: { at: 20, type: "f32", unit: "", doc: "Vertical position; NaN automatic" },
    size: { at: 24, type: "u32", unit: "byte", doc: "Bytes of data, with the closing 00 of a string" },
  },
  tail: "size bytes of data; after a string or JSON one 1F, outside size",
} as const

export const timedIndexEntry = {
  name: "JLS entry of a UTC or annotation INDEX",
  source: "jetperch/jls 0.17.0, wr_ts.c",
  endian: "le",
  size: 16,
  fields: {
    timestamp: { at: 0, type: "i64", unit: "sample", doc: "Of the chunk it points to" },
    at: { at: 8, type: "u64", unit: "byte", doc: "Offset of the DATA chunk, or of the INDEX one level below" },
  },
} as const

export const utcSummaryEntry = {
  name: "JLS entry of a UTC SUMMARY",
  source: "jetperch/jls 0.17.0, wr_ts.c",
  endian: "le",
  size: 16,
  fields: {
    sample: { at: 0, type: "i64", unit: "sample", doc: "Absolute sample id" },
    utc: { at: 8, type: "i64", unit: "2^-30 s", doc: "Since 2018-01-01 UTC" },
  },
} as const

export const annotationSummaryEntry = {
  name: "JLS entry of an annotation SUMMARY",
  source: "jetperch/jls 0.17.0, wr_ts.c",
  endian: "le",
  size: 16,
  fields: {
    timestamp: { at: 0, type: "i64", unit: "sample", doc: "Of the annotation" },
    type: { at: 8, type: "u8", unit: "", doc: "As in the annotation" },
    group: { at: 9, type: "u8", unit: "", doc: "As in the annotation" },
    reserved: { at: 10, type: "u16", unit: "", doc: "0" },
    y: { at: 12, type: "f32", unit: "", doc: "As in the annotation" },
  },
} as const
