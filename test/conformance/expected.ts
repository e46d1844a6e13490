import { type Case, memoryLog } from "./memory.js"

/** A cell as JSON can say it: numbers, NaN and infinities as words, integers beyond 2^53 as text, bytes as hex, null where missing. */
export type Cell = number | string | boolean | null

/** A table as a second reader gives it: columns in order. */
export interface Read {
  readonly columns: readonly { readonly name: string; readonly values: readonly Cell[] }[]
}

/** A value as a `Cell`: physical where the channel is calibrated. */
export function cellOf(value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value.toString()
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex")
  if (typeof value === "string" || typeof value === "boolean") return value
  return JSON.stringify(value)
}

/** Time in seconds, or the tick where the case has no tick length: the plain rule, row by row. */
export function timeOf({ time, ticks }: Case["groups"][number], row: number): number {
  if (time.kind === "fixed") return time.offset + row / time.rate
  const tick = Number(ticks?.[row] ?? row)
  if (time.tick === 0) return tick
  return tick / Math.round(1 / time.tick)
}

function physicalCells(channel: Case["groups"][number]["channels"][number]): Cell[] {
  const { calibration } = channel
  return channel.values.map((value) => {
    if (value === null) return null
    if (channel.type === "bool") return value !== 0
    if (channel.type === "mixed") return JSON.stringify(value)
    if (calibration === undefined) return cellOf(value)
    return cellOf(((Number(value) + calibration.addition) / calibration.divisor) * calibration.multiplier)
  })
}

/** A table per group: time, then the channels. */
export function groupTables(data: Case): Read[] {
  return data.groups.map((group) => {
    const channels = group.channels.map((channel) => ({ name: channel.name, values: physicalCells(channel) }))
    const rows = group.channels[0]?.values.length ?? 0
    return { columns: [{ name: "time", values: Array.from({ length: rows }, (_, i) => timeOf(group, i)) }, ...channels] }
  })
}

/** One table, a row per distinct time; built the slow way, from a list of every row. */
export function wideTable(data: Case): Read {
  const tables = groupTables(data)
  const width = tables.reduce((sum, { columns }) => sum + columns.length - 1, 1)
  const lines: { cells: Cell[]; last: number }[] = []
  let start = 1
  const rows: { time: number; group: number; start: number; cells: Cell[] }[] = []
  for (const [g, { columns }] of tables.entries()) {
    const count = columns[0]?.values.length ?? 0
    for (let i = 0; i < count; i++) {
      rows.push({ time: columns[0]?.values[i] as number, group: g, start, cells: columns.slice(1).map(({ values }) => values[i] as Cell) })
    }
    start += columns.length - 1
  }
  // One group keeps its order whatever its clock does; several are sorted, and no case has both.
  if (tables.length > 1) rows.sort((a, b) => a.time - b.time || a.group - b.group)
  for (const row of rows) {
    const line = lines.at(-1)
    if (line !== undefined && line.cells[0] === row.time && row.group > line.last) {
      line.cells.splice(row.start, row.cells.length, ...row.cells)
      line.last = row.group
    } else {
      const cells = new Array<Cell>(width).fill(null)
      cells[0] = row.time
      cells.splice(row.start, row.cells.length, ...row.cells)
      lines.push({ cells, last: row.group })
    }
  }
  return {
    columns: Array.from({ length: width }, (_, c) => ({ name: wideName(data, c), values: lines.map(({ cells }) => cells[c] ?? null) })),
  }
}

function wideName(data: Case, column: number): string {
  const all = data.groups.flatMap((group) => group.channels.map(({ name }) => ({ group: group.name, name })))
  const clashes = (name: string) => all.filter((each) => each.name === name).length > 1
  if (column === 0) return data.groups.every(({ time }) => time.kind === "fixed" || time.tick !== 0) ? "time" : "tick"
  const { group, name } = all[column - 1] as (typeof all)[number]
  const title = clashes(name) ? `${group}.${name}` : name
  return title === "time" ? "time-2" : title
}

/** A fresh log of a case, in small windows. */
export function caseLog(data: Case) {
  return memoryLog({ ...data, name: data.name ?? "case", window: data.window ?? 0.05 })
}
