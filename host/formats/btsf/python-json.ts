/**
 * A value as Python's `json.dumps` writes it: `", "` and `": "` between, ASCII with `\u` escapes.
 * The reference would read any JSON; this way equal options give equal files.
 */
export function pythonJson(value: unknown): string {
  if (typeof value === "string") return pythonString(value)
  if (typeof value === "number") return pythonNumber(value)
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, entry]) => `${pythonString(key)}: ${pythonJson(entry)}`)
    return `{${entries.join(", ")}}`
  }
  return String(value ?? null)
}

function pythonString(text: string): string {
  // JSON.stringify escapes what JSON demands; DEL and everything beyond ASCII remain.
  return JSON.stringify(text).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
}

/** Python writes numbers below 1e-4 with exponents, padded to two digits. */
function pythonNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"
  if (Number.isInteger(value)) return Object.is(value, -0) ? "-0.0" : String(value)
  const size = Math.abs(value)
  const text = size < 1e-4 ? value.toExponential() : String(value)
  return text.replace(/e([+-])(\d)$/, "e$10$2")
}
