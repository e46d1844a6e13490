import type { Sink } from "../bytes/sink.js"
import { ScratchFile } from "../io/scratch-file.js"
import { LimitError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { counting, formLosses, renameLosses } from "../model/losses.js"
import { storageOf } from "../model/wire.js"
import { otherText } from "../text/cells.js"
import { unique } from "../text/unique.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { type BatchColumn, denseValues, isPresent, presentBits, type TableBatch } from "./parts/batch-column.js"
import { tableBatches } from "./parts/batches.js"
import { logMetadata } from "./parts/metadata.js"
import { exportOptions } from "./parts/options.js"
import { planTables, type Table } from "./parts/table.js"

/** sql.js holds the database in memory; Node 22 has its own SQLite, which does not. */
const MEMORY_LIMIT = 1024 * 1024 * 1024
/** SQLite's own limit of columns in a table, and of variables in a statement. */
const COLUMN_LIMIT = 2000

/**
 * SQLite: a table per group with `time` and a column per channel, `fieldlog_channels` with units and calibration,
 * `fieldlog_annotations`, and the rest as JSON in `fieldlog`.
 * @throws LimitError for more than 2000 columns in a group; without node:sqlite also for more than 1 GiB
 */
export async function writeSqlite(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const settings = { ...exportOptions(options), layout: "group", time: "seconds", anyCase: true } as const
  await log.survey()
  const tables = planTables(log, settings)
  const names = tableNames(tables)
  const widest = tables.find(({ columns }) => columns.length > COLUMN_LIMIT)
  if (widest !== undefined)
    throw new LimitError(`${widest.name} has ${widest.columns.length} columns, SQLite takes ${COLUMN_LIMIT}`, {
      hint: "write fewer channels",
    })
  const chosen = settings.selection.groups ?? [...tables.keys()]
  const sink = output.sink()
  const database = await openDatabase()
  const spoiled = { nan: 0, large: 0 }
  try {
    database.run("CREATE TABLE fieldlog (key TEXT PRIMARY KEY, value TEXT)")
    database.run(
      "CREATE TABLE fieldlog_channels (table_name TEXT, column_name TEXT, unit TEXT, addition REAL, divisor REAL, multiplier REAL, type TEXT)",
    )
    database.run("CREATE TABLE fieldlog_annotations (time REAL, kind TEXT, text TEXT, data BLOB)")
    const inserts = new Map(chosen.map((g) => [g, createTable(database, tables[g] as Table, names[g] as string)]))
    for (const g of chosen) describeChannels(database, tables[g] as Table, names[g] as string)
    database.run("BEGIN")
    for await (const batch of tableBatches(log, tables, settings)) {
      const insert = inserts.get(batch.table)
      if (insert !== undefined) insertBatch(insert, tables[batch.table] as Table, batch, spoiled)
      if (database.size() > MEMORY_LIMIT)
        throw new LimitError("more than 1 GiB of SQLite in memory", { hint: "use Node 22 or later, or Parquet" })
    }
    const annotate = database.prepare("INSERT INTO fieldlog_annotations VALUES (?, ?, ?, ?)")
    for (const { time, kind, text, data } of log.annotations) annotate.run([time, kind, text, data])
    database.prepare("INSERT INTO fieldlog VALUES (?, ?)").run(["log", logMetadata(log, tables)])
    database.run("COMMIT")
    await database.writeTo(sink)
  } finally {
    database.close()
  }
  sink.close()
  const { nan, large } = spoiled
  return [
    ...formLosses(log, "SQLite", { units: true, annotations: true, userData: true, utc: true, start: true }),
    ...nameLosses(),
    ...renameLosses(renames(log, tables, names, chosen), "SQLite takes a name once, in upper or lower case, and keeps some for itself"),
    ...counting(
      { kind: "values", count: nan, text: `${nan} values that are not a number stored as NULL: SQLite has no NaN` },
      { kind: "form", count: large, text: `${large} integers of 2^63 and more stored as text: SQLite's integers are signed` },
    ),
  ]
}

/** SQLite ignores case in names, has no NUL in them, and those that begin with `sqlite_` are reserved. */
function tableNames(tables: readonly Table[]): string[] {
  const names = tables.map(({ name }) => plainName(name)).map((name) => (/^sqlite_/i.test(name) || name === "" ? `log_${name}` : name))
  return unique(names, { fold, taken: ["fieldlog", "fieldlog_channels", "fieldlog_annotations"] })
}

function fold(name: string): string {
  return name.toLowerCase()
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function columnNames(table: Table): string[] {
  return unique(
    table.columns.map(({ name }) => plainName(name)),
    { fold },
  )
}

function plainName(name: string): string {
  return name.replaceAll("\0", "")
}

/** What tables and columns are called in the file. */
function renames(log: Log, tables: readonly Table[], names: readonly string[], chosen: readonly number[]): [string, string][] {
  return chosen.flatMap((g) => {
    const table = tables[g] as Table
    const columns = columnNames(table)
    const own = table.columns.map(({ source, name }, c): [string, string] => [source?.channel.name ?? name, columns[c] as string])
    return [[log.groups[g]?.name ?? "", names[g] as string], ...own]
  })
}

function createTable(database: Database, table: Table, name: string): Statement {
  const columns = columnNames(table).map((column, c) => `${quoted(column)} ${affinity(table, c)}`)
  database.run(`CREATE TABLE ${quoted(name)} (${columns.join(", ")})`)
  const values = table.columns.map(({ type }, c) => (storageOf(type) === "u64" ? wholeNumber(c + 1) : `?${c + 1}`))
  return database.prepare(`INSERT INTO ${quoted(name)} VALUES (${values.join(", ")})`)
}

/** An unsigned number given as text: an integer where SQLite's signed ones hold it. */
function wholeNumber(n: number): string {
  return `iif(CAST(CAST(?${n} AS INTEGER) AS TEXT) = ?${n}, CAST(?${n} AS INTEGER), ?${n})`
}

function affinity({ columns }: Table, c: number): string {
  const type = columns[c]?.type ?? "f64"
  const storage = storageOf(type)
  if (storage === "text" || storage === "mixed") return "TEXT"
  if (storage === "bytes") return "BLOB"
  // A column that may hold text beside integers has no affinity.
  if (storage === "u64") return ""
  return storage === "f32" || storage === "f64" ? "REAL" : "INTEGER"
}

function describeChannels(database: Database, table: Table, name: string): void {
  const insert = database.prepare("INSERT INTO fieldlog_channels VALUES (?, ?, ?, ?, ?, ?, ?)")
  for (const [c, column] of columnNames(table).entries()) {
    const { unit, source, type } = table.columns[c] as Table["columns"][number]
    const calibration = source?.channel.calibration ?? null
    insert.run([
      name,
      column,
      unit,
      calibration?.addition ?? null,
      calibration?.divisor ?? null,
      calibration?.multiplier ?? null,
      source?.channel.type ?? type,
    ])
  }
}

type Cell = number | bigint | string | Uint8Array | null

function insertBatch(insert: Statement, table: Table, batch: TableBatch, spoiled: { nan: number; large: number }): void {
  const unsigned = table.columns.map(({ type }) => /^u(56|64)$/.test(type))
  const columns = table.columns.map(({ type }, c) => {
    const column = batch.columns[c] as BatchColumn
    return { values: denseValues(type, column, 0, batch.rows), bits: presentBits(column, 0, batch.rows) }
  })
  const row = new Array<Cell>(columns.length).fill(null)
  for (let i = 0; i < batch.rows; i++) {
    for (let c = 0; c < row.length; c++) {
      const { values, bits } = columns[c] as (typeof columns)[number]
      row[c] = isPresent(bits, i) ? cellOf(values[i], unsigned[c] === true, spoiled) : null
    }
    insert.run(row)
  }
}

function cellOf(value: unknown, isUnsigned: boolean, spoiled: { nan: number; large: number }): Cell {
  if (typeof value === "number") {
    if (Number.isNaN(value)) spoiled.nan++
    return Number.isNaN(value) ? null : value
  }
  if (typeof value === "bigint" && isUnsigned) {
    if (value >= 1n << 63n) spoiled.large++
    return value.toString()
  }
  if (typeof value === "bigint" || typeof value === "string" || value instanceof Uint8Array) return value
  return otherText(value)
}

interface Statement {
  run(values: Cell[]): void
}

/** The operations that both SQLite libraries give. */
interface Database {
  run(sql: string): void
  prepare(sql: string): Statement
  /** Bytes in memory; 0 if the database is on disk. */
  size(): number
  writeTo(sink: Sink): Promise<void>
  close(): void
}

async function openDatabase(): Promise<Database> {
  return (await nodeDatabase()) ?? (await memoryDatabase())
}

interface NodeSqlite {
  DatabaseSync: new (
    path: string,
  ) => {
    exec(sql: string): void
    prepare(sql: string): { run(...values: Cell[]): unknown }
    close(): void
  }
}

/** Node's own SQLite on a temporary file; null if Node is too old. */
async function nodeDatabase(): Promise<Database | null> {
  const name = "node:sqlite"
  const sqlite = (await import(name).catch(() => null)) as NodeSqlite | null
  if (sqlite === null) return null
  const file = new ScratchFile(".sqlite")
  const database = new sqlite.DatabaseSync(file.path)
  database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
  let open = true
  const shut = () => {
    if (open) database.close()
    open = false
  }
  return {
    run: (sql) => database.exec(sql),
    prepare(sql) {
      const statement = database.prepare(sql)
      return { run: (values) => void statement.run(...values) }
    },
    size: () => 0,
    writeTo(sink) {
      shut()
      return file.copyTo(sink)
    },
    close() {
      shut()
      file.remove()
    },
  }
}

interface SqlJs {
  Database: new () => {
    run(sql: string): unknown
    prepare(sql: string): { run(values: Cell[]): void }
    export(): Uint8Array
    exec(sql: string): { values: unknown[][] }[]
    close(): void
  }
}

async function memoryDatabase(): Promise<Database> {
  // @ts-expect-error sql.js brings no types
  const { default: initSqlJs } = (await import("sql.js")) as { default: () => Promise<SqlJs> }
  const database = new (await initSqlJs()).Database()
  return {
    run: (sql) => void database.run(sql),
    prepare: (sql) => database.prepare(sql),
    size: () => {
      const [count, size] = ["page_count", "page_size"].map((pragma) => Number(database.exec(`PRAGMA ${pragma}`)[0]?.values[0]?.[0] ?? 0))
      return (count ?? 0) * (size ?? 0)
    },
    writeTo: async (sink) => sink.write(database.export()),
    close: () => database.close(),
  }
}
