import { type ErrorPlace, FormatError, LimitError } from "../../../model/errors.js"
import { issue } from "../../../model/issues.js"
import type { Issue, Severity } from "../../../model/log.js"
import { type ByteOrder, type Code, isByteOrder, isCode, type RowField, type RowLayout, rowLayout } from "./row-layout.js"

/** One named quantity, as the master section describes it. */
export interface Metric {
  readonly identifier: string
  readonly code: Code
  readonly name: string
  readonly unit: string
  readonly description: string
  readonly isTime: boolean
}

/** What the master section says about the rows. */
export interface Master {
  readonly metrics: readonly Metric[]
  readonly byteOrder: ByteOrder
  /** False for the first revision, whose text lacks the key. */
  readonly namesByteOrder: boolean
  readonly padTo: number
  /** Bytes of a row. */
  readonly structSize: number
  readonly row: RowLayout
}

/** The metric that is the time, if there is one; the first of several. */
export function timeField(master: Master): RowField | undefined {
  return master.row.fields[master.metrics.findIndex((metric) => metric.isTime)]
}

/** Caps on what the text may claim. */
export const MAX_ROW = 1024 * 1024
export const MAX_METRICS = 65536

const METRIC_KEYS = new Set(["identifier", "type", "name", "unit", "description", "is_time"])

/**
 * Reads the master section's JSON. Faults that the reference would refuse, although the rows can be read, go into `issues`.
 * @throws FormatError if it does not say how the rows are laid out, LimitError beyond the caps
 */
export function parseMaster(text: string, place: ErrorPlace, issues: Issue[]): Master {
  const json = parseObject(text, place)
  const fault = (message: string) => new FormatError(`master section: ${message}`, place)
  const note = (kind: string, severity: Severity, message: string) =>
    issues.push(issue(kind, severity, `master section: ${message}`, { at: place.at ?? -1, length: text.length, rowsKept: true }))

  if (!Array.isArray(json.metrics) || json.metrics.length === 0) throw fault("no metrics")
  if (json.metrics.length > MAX_METRICS) throw new LimitError(`master section: more than ${MAX_METRICS} metrics`, place)
  const metrics = json.metrics.map((entry: unknown, i) => parseMetric(entry, i, fault, note))

  const namesByteOrder = "byte_order" in json
  const format = typeof json.struct_format === "string" ? json.struct_format : ""
  const byteOrder = namesByteOrder ? json.byte_order : format.charAt(0)
  if (!isByteOrder(byteOrder)) throw fault(`byte order ${JSON.stringify(byteOrder)}, expected one of < > = ! @`)

  const structSize = json.struct_size
  if (!Number.isInteger(structSize) || (structSize as number) < 1)
    throw fault(`struct_size ${JSON.stringify(structSize)}, expected bytes of a row`)
  if ((structSize as number) > MAX_ROW) throw new LimitError(`master section: rows of ${structSize} bytes, more than ${MAX_ROW}`, place)

  const codes = metrics.map((metric) => metric.code)
  const padding = Number(/(\d+)x$/.exec(format)?.[1] ?? 0)
  const row = rowLayout(codes, byteOrder, structSize as number, padding)
  if (row.used > (structSize as number)) throw fault(`the metrics take ${row.used} bytes, struct_size is ${structSize}`)
  const expected = `${byteOrder}${codes.join("")}${(structSize as number) - row.used}x`
  if (format !== expected) {
    note(
      "format-mismatch",
      "error",
      `struct_format "${format}" does not fit the metrics and struct_size, which give "${expected}"; rows are read by these`,
    )
  }
  const padTo = Number.isInteger(json.pad_to) && (json.pad_to as number) > 0 ? (json.pad_to as number) : 8
  return { metrics, byteOrder, namesByteOrder, padTo, structSize: structSize as number, row }
}

function parseObject(text: string, place: ErrorPlace): Record<string, unknown> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new FormatError(`master section is no JSON: ${(error as Error).message}`, place)
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new FormatError("master section is no JSON object", place)
  return json as Record<string, unknown>
}

function parseMetric(
  entry: unknown,
  index: number,
  fault: (message: string) => Error,
  note: (kind: string, severity: Severity, message: string) => void,
): Metric {
  if (typeof entry !== "object" || entry === null) throw fault(`metric ${index} is no object`)
  const metric = mendedKeys(entry as Record<string, unknown>, (wrong, right) =>
    note("metric-key", "warning", `metric ${index} has "${wrong}", which is read as "${right}": one character is damaged`),
  )
  if (!isCode(metric.type)) throw fault(`metric ${index} is of type ${JSON.stringify(metric.type)}, expected one of f d b B h H l L q Q`)
  if (typeof metric.identifier !== "string") note("metric-identifier", "warning", `metric ${index} has no identifier`)
  const unknown = Object.keys(metric).filter((key) => !METRIC_KEYS.has(key))
  if (unknown.length > 0) {
    note(
      "unknown-key",
      "warning",
      `metric ${index} has ${unknown.map((key) => `"${key}"`).join(", ")}: the reference program cannot open such a file`,
    )
  }
  return {
    identifier: typeof metric.identifier === "string" ? metric.identifier : `metric-${index}`,
    code: metric.type,
    name: textOf(metric.name),
    unit: textOf(metric.unit),
    description: textOf(metric.description),
    isTime: metric.is_time === true,
  }
}

/** Keys of which one character is wrong, where the right one is missing, are those. */
function mendedKeys(entry: Record<string, unknown>, note: (wrong: string, right: string) => void): Record<string, unknown> {
  const mended = { ...entry }
  for (const wrong of Object.keys(entry)) {
    if (METRIC_KEYS.has(wrong)) continue
    const right = [...METRIC_KEYS].find((key) => !(key in mended) && differences(key, wrong) === 1)
    if (right === undefined) continue
    mended[right] = entry[wrong]
    delete mended[wrong]
    note(wrong, right)
  }
  return mended
}

/** Characters in which two texts differ; Infinity for texts of different lengths. */
function differences(a: string, b: string): number {
  return a.length !== b.length ? Number.POSITIVE_INFINITY : [...a].filter((char, i) => char !== b[i]).length
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}
