import type { Log } from "../../host/model/log.js"

/** Everything that a log says, or why it cannot be opened, as text that can be compared. */
export async function told(opening: () => Promise<Log>): Promise<string> {
  const log = await opening().catch((error: Error) => error)
  if (!("chunks" in log)) return `${log.name}: ${log.message}`
  const chunks: unknown[] = []
  for await (const { ticks, columns, missing, ...rest } of log.chunks()) {
    chunks.push({ ...rest, ticks: plain(ticks), columns: columns.map(plain), missing: missing.map(plain) })
  }
  const survey = await log.survey()
  const { format, variant, name, start, groups, annotations, utc, issues } = log
  const text = (_: string, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : Object.is(value, -0) || Number.isNaN(value) ? String(value) : value
  return JSON.stringify({ format, variant, name, start, groups, annotations, utc, issues, survey, chunks }, text)
}

function plain(values: ArrayLike<unknown> | null): unknown[] | null {
  return values === null ? null : Array.from(values, (value) => (ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value))
}
