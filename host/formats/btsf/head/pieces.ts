import type { Master, Metric } from "./master.js"
import { MAX_METRICS, MAX_ROW } from "./master.js"
import { type ByteOrder, type Code, isByteOrder, isCode, rowLayout } from "./row-layout.js"

/** What the legible pieces of a damaged master section say. */
interface Pieces {
  /** As `struct_format` says, and as the metrics say: one of the two may be damaged. */
  readonly masters: readonly Master[]
  /** Characters up to the end of the last piece. */
  readonly end: number
}

/**
 * Reads a master section of which some bytes are wrong or gone: it names the types of the metrics twice, in `struct_format` and one by
 * one. Names that cannot be read are made up: `metric-2`.
 * @param text one character a byte
 */
export function masterPieces(text: string): Pieces {
  const format = /([<>=!@])([fdbBhHlLqQ]{1,65536})(\d{1,7})x/.exec(text)
  const order = /"byte_order": ?"([<>=!@])"/.exec(text)?.[1] ?? format?.[1] ?? "<"
  const padTo = Number(/"pad_to": ?(\d{1,7})\b/.exec(text)?.[1] ?? 0)
  const structSize = Number(/"struct_size": ?(\d{1,7})\b/.exec(text)?.[1] ?? 0)
  const metrics = metricPieces(text)
  const masters: Master[] = []
  const add = (codes: readonly Code[], byteOrder: string, sizeOf: (used: number) => number) => {
    if (codes.length === 0 || codes.length > MAX_METRICS || !isByteOrder(byteOrder)) return
    const size = sizeOf(rowLayout(codes, byteOrder, -1, 0).used)
    const row = rowLayout(codes, byteOrder, size, 0)
    if (size < row.used || size < 1 || size > MAX_ROW) return
    const named = codes.map((code, i) => ({ ...namesOf(metrics, codes.length, i), code }))
    masters.push({ metrics: named, byteOrder: byteOrder as ByteOrder, namesByteOrder: true, padTo: padTo || 8, structSize: size, row })
  }
  if (format !== null) {
    const padding = Number(format[3])
    add([...(format[2] as string)].filter(isCode), format[1] as string, (used) => used + padding)
  }
  const codes = metrics.flatMap(({ code }) => (code === null ? [] : [code]))
  const unit = padTo || 8
  add(codes, order, (used) => (structSize >= used ? structSize : Math.ceil(used / unit) * unit))
  const last = [...text.matchAll(/"(?:struct_format|struct_size|byte_order|pad_to|struct_padding|file_version)"[^,}]{0,80}[,}]/g)].at(-1)
  return { masters, end: last === undefined ? 0 : last.index + last[0].length }
}

/** A word that is no unit of time. */
const LOST_UNIT = "(lost)"

interface MetricPiece extends Omit<Metric, "code"> {
  readonly code: Code | null
}

/** The metrics of which something can be read, in their order. */
function metricPieces(text: string): MetricPiece[] {
  const list = text.slice(0, Math.max(0, text.indexOf('"struct_format"')) || text.length)
  return list.split(BETWEEN).map((piece) => {
    const textOf = (key: string, lost = "") => new RegExp(`${damaged(`"${key}": "`)}((?:[^"\\\\]|\\\\.)*)"`).exec(piece)?.[1] ?? lost
    // Only this key has such a value, whatever became of its name.
    const isTime = IS_TRUE.test(piece)
    const type = textOf("type")
    return {
      identifier: textOf("identifier"),
      code: isCode(type) ? type : null,
      name: textOf("name"),
      // A time without a unit would be read as seconds.
      unit: textOf("unit", isTime ? LOST_UNIT : ""),
      description: textOf("description"),
      isTime,
    }
  })
}

/** A pattern for a text of which one character may be wrong. */
function damaged(text: string): string {
  const chars = [...text].map((char) => char.replace(/[{}]/, "\\$&"))
  const patterns = chars.map((_, wrong) => chars.map((char, i) => (i === wrong ? "." : char)).join(""))
  return `(?:${patterns.join("|")})`
}

const IS_TRUE = new RegExp(damaged(": true"))
const BETWEEN = new RegExp(damaged("}, {"))

/** What is known of metric `index` of `count`: by its place from the end where pieces in front are gone. */
function namesOf(pieces: readonly MetricPiece[], count: number, index: number): Omit<Metric, "code"> {
  const piece = pieces[index + pieces.length - count]
  const unknown = { identifier: "", name: "", unit: "", description: "", isTime: false }
  const { identifier, name, unit, description, isTime } = piece ?? unknown
  return { identifier: identifier || `metric-${index}`, name, unit, description, isTime }
}
