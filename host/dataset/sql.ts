import { existsSync } from "node:fs"
import { join } from "node:path"
import { LogError, UnsupportedError, UsageError } from "../model/errors.js"

/** The answer to a query: column names, and rows of JSON values. */
interface Answer {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/**
 * Runs SQL on a dataset: views `samples` (with the folder levels as columns), `runs` and `channels`. DuckDB runs in this process,
 * and nothing is installed or downloaded.
 * @throws UnsupportedError without the optional package, UsageError for a query that DuckDB refuses
 */
export async function queryDataset(folder: string, query: string): Promise<Answer> {
  if (!existsSync(join(folder, "runs.parquet")))
    throw new LogError("is not a dataset", { path: folder, hint: "fieldlog dataset add makes one" })
  const { DuckDBInstance } = await import("@duckdb/node-api").catch(() => {
    throw new UnsupportedError("sql needs the package @duckdb/node-api", { hint: "npm install @duckdb/node-api" })
  })
  const database = await DuckDBInstance.create(":memory:", { autoinstall_known_extensions: "false", autoload_known_extensions: "false" })
  const connection = await database.connect()
  try {
    for (const name of ["runs", "channels"]) {
      await connection.run(`CREATE VIEW ${name} AS SELECT * FROM read_parquet(${literal(join(folder, `${name}.parquet`))})`)
    }
    if (existsSync(join(folder, "samples"))) {
      const files = literal(join(folder, "samples", "**", "*.parquet"))
      await connection.run(`CREATE VIEW samples AS SELECT * FROM read_parquet(${files}, hive_partitioning = true, union_by_name = true)`)
    }
    const result = await connection.runAndReadAll(query)
    return { columns: result.columnNames(), rows: result.getRowsJson() }
  } catch (error) {
    if (error instanceof LogError) throw error
    throw new UsageError(`DuckDB: ${(error as Error).message}`)
  } finally {
    connection.closeSync()
    database.closeSync()
  }
}

function literal(path: string): string {
  return `'${path.replaceAll("'", "''")}'`
}
