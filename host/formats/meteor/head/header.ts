import { fileHeader, SIGNATURE } from "../../../../shared/meteor/layout.js"
import { readRecord } from "../../../bytes/layout.js"
import { FormatError } from "../../../model/errors.js"
import { issue } from "../../../model/issues.js"
import type { Issue } from "../../../model/log.js"

/** Longest header: the fixed part and a name of 255 bytes. */
export const MAX_HEADER = fileHeader.size + 255

/** A file's header, as stored and as understood. */
export interface MeteorHeader {
  /** As stored, 1 to 255. */
  readonly version: number
  /** The layout that the frames are read by: 1 or 2. */
  readonly layout: 1 | 2
  readonly day: number
  readonly month: number
  readonly year: number
  /** ms since midnight. */
  readonly timeOfDay: number
  readonly name: string
  /** The header's bytes, for a copy that is equal. */
  readonly bytes: Uint8Array
  /** ns since 1970 of stamp 0, taking the file's clock as UTC; null when the date is not known. */
  readonly start: bigint | null
  readonly issues: readonly Issue[]
}

/** How much of the signature the bytes show: all of it, none, or all but line ends changed by a text-mode transfer. */
export function signatureState(head: Uint8Array): "good" | "text-mode" | "none" {
  if (head.length >= SIGNATURE.length && SIGNATURE.every((byte, i) => head[i] === byte)) return "good"
  if (head.length < SIGNATURE.length) return "none"
  const mangled = [...head.subarray(0, SIGNATURE.length + 2)].filter((byte) => byte !== 0x0d && byte !== 0x0a && byte !== 0x1a)
  const core = SIGNATURE.slice(1, 9)
  const from = mangled.indexOf(core[0] as number)
  const found = from >= 0 && from <= 3 && core.every((byte, i) => mangled[from + i] === byte)
  return found ? "text-mode" : "none"
}

/**
 * Reads the file header.
 * @param head the first bytes of the file, `MAX_HEADER` of them or all
 * @param monthBase how the month byte counts; `auto` decides where the byte proves it, else 0 as the reference writes it
 * @throws FormatError when the signature is wrong or the header is cut
 */
export function readHeader(head: Uint8Array, monthBase: 0 | 1 | "auto" = "auto"): MeteorHeader {
  const state = signatureState(head)
  if (state === "text-mode") {
    const hint = "transfer the file again in binary mode"
    throw new FormatError("Meteor signature with changed line ends: damaged by a text-mode transfer", { format: "meteor", at: 0, hint })
  }
  if (state === "none") throw new FormatError(notMeteor(head), { format: "meteor", at: 0 })
  if (head.length < fileHeader.size) throw cut(head.length, fileHeader.size)
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const record = readRecord(fileHeader, view, 0)
  const size = fileHeader.size + record.nameLength
  if (head.length < size) throw cut(head.length, size)
  const issues: Issue[] = []
  if (record.version !== 1 && record.version !== 2) {
    issues.push(
      issue("unknown-version", "warning", `version ${record.version}, expected 1 or 2; read as version 2`, {
        at: fileHeader.fields.version.at,
      }),
    )
  }
  return {
    version: record.version,
    layout: record.version === 1 ? 1 : 2,
    day: record.day,
    month: record.month,
    year: record.year,
    timeOfDay: record.timeOfDay,
    name: decodeName(head.subarray(fileHeader.size, size), issues),
    bytes: head.slice(0, size),
    start: startOf(record, monthBase, issues),
    issues,
  }
}

function notMeteor(head: Uint8Array): string {
  if (head.length === 0) return "the file is empty, expected a Meteor signature"
  if (SIGNATURE.slice(0, head.length).every((byte, i) => head[i] === byte)) return cut(head.length, fileHeader.size).message
  const found = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")
  return `not a Meteor file: it starts with ${found}, expected 89 42 27 45 4e 45 52 47`
}

function cut(size: number, expected: number): FormatError {
  return new FormatError(`the Meteor header is incomplete: ${size} bytes, expected ${expected}`, { format: "meteor", at: size })
}

/** UTF-8 if valid (also when a cut at 255 bytes split the last character), else Latin-1. NULs at the end do not count. */
function decodeName(raw: Uint8Array, issues: Issue[]): string {
  let end = raw.length
  while (end > 0 && raw[end - 1] === 0) end--
  const bytes = raw.subarray(0, end)
  try {
    // A stream decoder keeps back an incomplete last character: the reference cuts names at 255 bytes.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes, { stream: bytes.length >= 250 })
  } catch {
    issues.push(issue("name-encoding", "note", "the name is not UTF-8, read as Latin-1", { at: fileHeader.size }))
    return String.fromCharCode(...bytes)
  }
}

/** Source: racing-data-converter 1.4.0 writes month 0 to 11; the format's text implies 1 to 12 and 0 for unknown. */
function startOf(
  date: { day: number; month: number; year: number; timeOfDay: number },
  monthBase: 0 | 1 | "auto",
  issues: Issue[],
): bigint | null {
  const { day, year, timeOfDay } = date
  const at = fileHeader.fields.day.at
  const base = monthBase === "auto" ? (date.month === 12 ? 1 : 0) : monthBase
  const month = date.month - base
  const clock = new Date(timeOfDay % 86_400_000).toISOString().slice(11, 23)
  if (timeOfDay >= 86_400_000) {
    issues.push(
      issue("time-of-day", "warning", `time of day ${timeOfDay} ms, expected less than 86400000`, { at: fileHeader.fields.timeOfDay.at }),
    )
  }
  if (year === 0 || day === 0 || month < 0 || month > 11 || day > 31) {
    const part = (value: number, known: boolean, digits: number) => (known ? String(value).padStart(digits, "0") : "?".repeat(digits))
    const text = [part(2000 + year, year > 0, 4), part(month + 1, month >= 0 && month <= 11, 2), part(day, day > 0 && day <= 31, 2)]
    issues.push(issue("partial-date", "note", `the date is not known: ${text.join("-")}, time of day ${clock}`, { at }))
    return null
  }
  const proven = monthBase !== "auto" || date.month === 12 || date.month === 0
  const counted = proven ? "" : `month byte ${date.month} counted from 0, as the reference program does; `
  issues.push(
    issue("assumed-time", "note", `${counted}no time zone is stored, the start is taken as UTC`, {
      at: proven ? at : fileHeader.fields.month.at,
    }),
  )
  return BigInt(Date.UTC(2000 + year, month, day) + timeOfDay) * 1_000_000n
}
