import { toHex } from "./hex.js"

/** A cell of text, bytes (hex), a 64-bit integer or a msgpack value (JSON), as plain text. */
export function otherText(value: unknown): string {
  if (typeof value === "string") return value
  if (typeof value === "bigint") return value.toString()
  if (value instanceof Uint8Array) return toHex(value)
  return otherJson(value)
}

/** Such a cell as JSON: integers beyond 2^53 and non-finite numbers as strings, bytes as hex. */
export function otherJson(value: unknown): string {
  return JSON.stringify(plain(value)) ?? "null"
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const near = Number(value)
    return Number.isSafeInteger(near) ? near : value.toString()
  }
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
  if (value instanceof Uint8Array) return otherText(value)
  // `toISOString` throws for a date beyond the calendar, JSON gives null.
  if (value instanceof Date) return value.toJSON()
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]))
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
  }
  return value
}
