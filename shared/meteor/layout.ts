/** Meteor's records as tables. Source: the format's own README and racing-data-converter 1.4.0's behaviour. */

/** `89` `B'ENERGY` CR LF SUB LF: shows 7-bit and text-mode damage. */
export const SIGNATURE = [0x89, 0x42, 0x27, 0x45, 0x4e, 0x45, 0x52, 0x47, 0x59, 0x0d, 0x0a, 0x1a, 0x0a] as const

/** Frame types of version 2. */
export const TYPE_TOPIC = 1
export const TYPE_COMPOSITE = 2
/** fieldlog: a frame of this type only fills the rest of a sector. */
export const TYPE_PAD = 0

export const fileHeader = {
  name: "Meteor file header",
  source: "Meteor README, General information; month base as the reference program writes it",
  endian: "be",
  size: 22,
  fields: {
    signature: { at: 0, type: "bytes", unit: "", doc: "89 42 27 45 4E 45 52 47 59 0D 0A 1A 0A" },
    version: { at: 13, type: "u8", unit: "", doc: "2 today, 1 the format of 2020" },
    day: { at: 14, type: "u8", unit: "day", doc: "1 to 31; 0 unknown" },
    month: { at: 15, type: "u8", unit: "month", doc: "0 to 11 as the reference program counts; its text implies 1 to 12" },
    year: { at: 16, type: "u8", unit: "year", doc: "Year minus 2000; 0 unknown" },
    timeOfDay: { at: 17, type: "u32", unit: "ms", doc: "Since midnight; no time zone stored" },
    nameLength: { at: 21, type: "u8", unit: "byte", doc: "Length of the name that follows" },
  },
  tail: "nameLength bytes of name: ASCII by the document, UTF-8 as the reference writes it; no NUL",
} as const

export const frameHeader = {
  name: "Meteor frame header, version 2",
  source: "Meteor README, Data frame; racing-data-converter 1.4.0",
  endian: "be",
  size: 7,
  fields: {
    timestamp: { at: 0, type: "u32", unit: "ms", doc: "Since the log's start; wraps after 49.7 days" },
    type: { at: 4, type: "u8", unit: "", doc: "1 topic, 2 composite" },
    id: { at: 5, type: "u8", unit: "", doc: "Topic or composite id; two number spaces" },
    length: { at: 6, type: "u8", unit: "byte", doc: "Length of the data that follows" },
  },
  tail: "length bytes of data, little-endian: one value (topic) or the composite's items packed in order",
} as const

export const frameHeaderV1 = {
  name: "Meteor frame header, version 1",
  source: "racing-data-converter 1.4.0, its parser's version 1 branch",
  endian: "be",
  size: 6,
  fields: {
    timestamp: { at: 0, type: "u32", unit: "ms", doc: "Since the log's start" },
    id: { at: 4, type: "u8", unit: "", doc: "Topic id; version 1 has no composites" },
    length: { at: 5, type: "u8", unit: "byte", doc: "Length of the data that follows" },
  },
  tail: "length bytes of data, big-endian",
} as const
