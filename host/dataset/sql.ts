import { existsSync, realpathSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, sep } from "node:path"
import type { DuckDBConnection, DuckDBPreparedStatement, DuckDBResult } from "@duckdb/node-api"
import { LogError, UnsupportedError, UsageError } from "../model/errors.js"

/** How a query is answered. */
interface QueryOptions {
  /** The query may do all that DuckDB can: write files, read others than the dataset's, attach databases, load extensions. */
  readonly unsafe?: boolean
}

/** The answer to a query. */
interface Answer {
  /** No name twice. */
  readonly columns: readonly string[]
  /** Rows of JSON values, some at a time: the answer is not held in memory. @throws UsageError for a query that fails on its way */
  readonly batches: AsyncIterable<readonly (readonly unknown[])[]>
}

/**
 * Runs SQL on a dataset: views `samples` (with the folder levels as columns), `runs` and `channels`. DuckDB runs in this process,
 * and nothing is installed or downloaded. Unless `unsafe`, the query reads files of the dataset only, and writes none.
 * @param body gets the answer of the last statement; what it returns is returned
 * @throws UnsupportedError without the optional package, UsageError for a query that DuckDB or `unsafe` refuses
 */
export async function queryDataset<T>(
  folder: string,
  query: string,
  { unsafe = false }: QueryOptions,
  body: (answer: Answer) => Promise<T>,
): Promise<T> {
  if (!existsSync(join(folder, "runs.parquet")))
    throw new LogError("is not a dataset", { path: folder, hint: "fieldlog dataset add makes one" })
  const { DuckDBInstance } = await import("@duckdb/node-api").catch(() => {
    throw new UnsupportedError("sql needs the package @duckdb/node-api", { hint: "npm install @duckdb/node-api" })
  })
  const database = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    // What does not fit into memory. By itself DuckDB takes the working directory.
    temp_directory: join(tmpdir(), `fieldlog-sql-${process.pid}`),
  })
  const connection = await database.connect()
  try {
    const result = await spoken(async () => {
      await openViews(connection, folder)
      if (!unsafe) await confine(connection, folder)
      return lastResult(connection, query, unsafe)
    })
    return await body({ columns: result.deduplicatedColumnNames(), batches: batchesOf(result) })
  } finally {
    connection.closeSync()
    database.closeSync()
  }
}

async function openViews(connection: DuckDBConnection, folder: string): Promise<void> {
  const own = realpathSync(folder)
  for (const name of ["runs", "channels"]) {
    await connection.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet(${literal(join(own, `${name}.parquet`))})`)
  }
  if (!existsSync(join(own, "samples"))) return
  const files = literal(join(own, "samples", "**", "*.parquet"))
  await connection.run(`CREATE VIEW samples AS SELECT * FROM read_parquet(${files}, hive_partitioning = true, union_by_name = true)`)
}

/** From here on no file outside the dataset is opened, whatever is asked. Source: duckdb.org/docs, Securing DuckDB. */
async function confine(connection: DuckDBConnection, folder: string): Promise<void> {
  await connection.run(`SET allowed_directories = [${literal(realpathSync(folder) + sep)}]`)
  await connection.run("SET enable_external_access = false")
  await connection.run("SET lock_configuration = true")
}

/** Texts, names in quotes and comments of SQL. */
const APART = /\be'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|\/\*.*?\*\//gis

/** Runs all statements of a query. @returns the result of the last */
async function lastResult(connection: DuckDBConnection, query: string, unsafe: boolean): Promise<DuckDBResult> {
  // DuckDB makes the folder of an export before it can be asked what the statement is.
  if (!unsafe && /\bexport\s+database\b/i.test(query.replace(APART, " "))) throw notReading("EXPORT")
  const statements = await connection.extractStatements(query)
  for (let i = 0; ; i++) {
    const statement = await statements.prepare(i)
    if (!unsafe) await refuseWriting(statement, query)
    if (i === statements.count - 1) return statement.stream()
    await statement.run()
  }
}

/**
 * DuckDB keeps a query out of other folders, yet would let it write into the dataset's. `CREATE` makes tables in memory; `EXPLAIN ANALYZE`
 * runs what it explains.
 * @throws UsageError
 */
async function refuseWriting(statement: DuckDBPreparedStatement, query: string): Promise<void> {
  const { StatementType } = await import("@duckdb/node-api")
  const { SELECT, EXPLAIN, CREATE } = StatementType
  const { statementType } = statement
  const isReading = [SELECT, EXPLAIN, CREATE].includes(statementType) && !(statementType === EXPLAIN && /\banalyze\b/i.test(query))
  if (isReading) return
  throw notReading(statementType === EXPLAIN ? "EXPLAIN ANALYZE" : (StatementType[statementType] ?? ""))
}

function notReading(what: string): UsageError {
  return new UsageError(`${what}: a query reads the dataset and writes nothing`, { hint: ALLOWED_BY })
}

const ALLOWED_BY = "--unsafe lets a query do all that DuckDB can"

async function* batchesOf(result: DuckDBResult): AsyncGenerator<readonly (readonly unknown[])[]> {
  const batches = result.yieldRowsJson()
  for (;;) {
    const { done, value } = await spoken(() => batches.next())
    if (done === true) return
    yield value
  }
}

/** What DuckDB throws as an error of the query. */
async function spoken<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LogError) throw error
    const { message } = error as Error
    const hint = /file system operations are disabled|extensions is disabled|configuration has been locked/.test(message)
      ? { hint: ALLOWED_BY }
      : {}
    throw new UsageError(`DuckDB: ${message}`, hint)
  }
}

function literal(path: string): string {
  return `'${path.replaceAll("'", "''")}'`
}
