import { printableJson } from "../../text/printable.js"
import { writeOut } from "../terminal/terminal.js"

/** The version of every JSON document that the command prints. */
export const SCHEMA_VERSION = 1

/**
 * A document as JSON text. Integers beyond 2^53 and non-finite numbers become strings, bytes become hex, a missing value null.
 */
export function jsonText(document: unknown): string {
  return `${printableJson(JSON.stringify(document, (_, value) => plain(value), 2))}\n`
}

/** Prints the one document of a command that reports. */
export function printJson(document: Readonly<Record<string, unknown>>): void {
  writeOut(jsonText({ schemaVersion: SCHEMA_VERSION, ...document }))
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (typeof value === "number" && !Number.isFinite(value)) return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [String(key), entry]))
  return value
}
