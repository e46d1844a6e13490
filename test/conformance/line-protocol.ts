/** One point, as InfluxDB would store it. */
export interface Point {
  readonly measurement: string
  readonly tags: Readonly<Record<string, string>>
  readonly fields: Readonly<Record<string, unknown>>
  /** ns since 1970. */
  readonly time: bigint
}

/** A reader of the protocol's published grammar, independent of the writer. */
export function parseLine(line: string): Point {
  const parts: string[] = [""]
  let isQuoted = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i] as string
    if (c === "\\") parts[parts.length - 1] += c + (line[++i] ?? "")
    else if (c === '"' && parts.length === 2) {
      isQuoted = !isQuoted
      parts[parts.length - 1] += c
    } else if (c === " " && !isQuoted) parts.push("")
    else parts[parts.length - 1] += c
  }
  const [head = "", body = "", time = ""] = parts
  const [measurement = "", ...tags] = split(head, ",")
  const fields = split(body, ",").map((each) => split(each, "="))
  return {
    measurement: plain(measurement),
    tags: Object.fromEntries(tags.map((each) => split(each, "=").map(plain))),
    fields: Object.fromEntries(fields.map(([key = "", ...value]) => [plain(key), fieldValue(value.join("="))])),
    time: BigInt(time),
  }
}

function split(text: string, at: string): string[] {
  const parts = [""]
  let isQuoted = false
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string
    if (c === '"') isQuoted = !isQuoted
    if (c === "\\") parts[parts.length - 1] += c + (text[++i] ?? "")
    else if (c === at && !isQuoted) parts.push("")
    else parts[parts.length - 1] += c
  }
  return parts
}

function plain(text: string): string {
  return text.replace(/\\([,= ])/g, "$1")
}

function fieldValue(text: string): unknown {
  if (text === "t" || text === "f") return text === "t"
  if (text.startsWith('"')) return text.slice(1, -1).replace(/\\(["\\])/g, "$1")
  if (/[iu]$/.test(text)) return BigInt(text.slice(0, -1))
  return Number(text)
}
