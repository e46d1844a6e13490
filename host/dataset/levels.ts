import { UsageError } from "../model/errors.js"
import { RUN_TABLE } from "./runs.js"

/** `name=value`: a folder's name of Hive-partitioned Parquet. */
const LEVEL = /^([A-Za-z_][A-Za-z0-9_]*)=[^/\\=]+$/

/** Levels that every dataset has. */
const OWN_LEVELS = ["day", "run"]
/** Columns of the long layout. */
const LONG = ["time", "group", "channel", "value", "text"]

/**
 * Engines read a level as a column of `samples`, and the levels of the user stand in `runs` as well: a level may not have the name of
 * another column there. Case does not matter, as in SQL.
 * @param levels `name=value`
 * @throws UsageError for a level that is no `name=value`, or has the name of a column or of another level
 */
export function checkLevels(levels: readonly string[]): void {
  const seen = new Set<string>()
  for (const level of levels) {
    const name = LEVEL.exec(level)?.[1]
    if (name === undefined) throw new UsageError(`partition ${level}: expected name=value`)
    const key = name.toLowerCase()
    if (seen.has(key)) throw new UsageError(`partition ${level}: another partition is named ${name}`)
    seen.add(key)
    if (OWN_LEVELS.includes(key)) throw new UsageError(`partition ${level}: each dataset has a level ${key} of its own`)
    if (LONG.includes(key) || RUN_TABLE.includes(key)) throw taken(level, key)
  }
}

/**
 * Sees to it that no column of a log's samples has the name of a level: in the wide layout they are named by channels.
 * @throws UsageError naming the level and the column
 */
export function checkColumns(columns: readonly string[], levels: readonly string[]): void {
  const names = new Set(columns.map((name) => name.toLowerCase()))
  for (const level of levels) {
    const name = level.slice(0, level.indexOf("="))
    if (names.has(name.toLowerCase())) throw taken(level, name)
  }
  const own = OWN_LEVELS.find((name) => names.has(name))
  if (own !== undefined)
    throw new UsageError(`a channel is named ${own} like a level of the dataset`, { hint: "--layout long takes channels of any name" })
}

function taken(level: string, column: string): UsageError {
  return new UsageError(`partition ${level}: the dataset has a column named ${column}`, { hint: "give the partition another name" })
}
