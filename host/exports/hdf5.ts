import type { Dataset, File, Group as Hdf5Group } from "h5wasm/node"
import { ScratchFile } from "../io/scratch-file.js"
import { LogError, UnsupportedError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Log, Loss } from "../model/log.js"
import { counting, formLosses, renameLosses } from "../model/losses.js"
import { unique } from "../text/unique.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { type BatchColumn, denseValues, presentBits, type TableBatch } from "./parts/batch-column.js"
import { coalesce, tableBatches } from "./parts/batches.js"
import { cells, type Kind, kindOf, rowsAtOnce, TEXT_LIMIT } from "./parts/hdf5-cells.js"
import { type Measured, measure, missingLosses } from "./parts/measure.js"
import { logMetadata } from "./parts/metadata.js"
import { exportOptions } from "./parts/options.js"
import { planTables, type Table } from "./parts/table.js"

/** What is written at once. */
const BATCH = { rows: 64 * 1024, bytes: 8 * 1024 * 1024 }
/** zlib's fastest: the next levels cost twice the time for a twentieth of the size. */
const LEVEL = 1

/**
 * HDF5: a group per group of the log with a dataset `time` and one per channel, chunked and deflated. Attributes name the channel
 * and give `units`, type and calibration; the log's other facts are JSON in the dataset `fieldlog`. Integers keep their
 * type unless values are missing: then they are doubles with NaN. Text has the fixed size of the longest cell. Two passes over
 * the log; memory stays at a window.
 * @throws UnsupportedError if the optional package h5wasm is missing
 */
export async function writeHdf5(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const settings = { ...exportOptions(options), layout: "group", time: "seconds" } as const
  const { selection } = settings
  const library = await loadLibrary()
  await log.survey()
  const measured = await measure(log, selection)
  const tables = planTables(log, settings)
  const chosen = selection.groups ?? [...tables.keys()]
  const names = linkNames(["fieldlog", ...tables.map(({ name }) => name)]).slice(1)
  const sink = output.sink()
  const scratch = new ScratchFile(".h5")
  const written = new Map<number, WrittenTable>()
  try {
    const file = new library.File(scratch.path, "w")
    try {
      for (const g of chosen) written.set(g, createTable(file, names[g] as string, tables[g] as Table, measured[g] as Measured))
      for await (const batch of coalesce(tables, tableBatches(log, tables, settings), BATCH)) {
        const table = written.get(batch.table)
        if (table !== undefined) writeBatch(table, tables[batch.table] as Table, batch)
      }
      file.create_dataset({ name: "fieldlog", data: [logMetadata(log, tables)], shape: [], dtype: "S" })
      file.close()
    } catch (error) {
      closeBroken(file)
      throw toldByHdf5(error, scratch.path)
    }
    await scratch.copyTo(sink)
  } finally {
    scratch.remove()
  }
  sink.close()
  const parts = [...written].map(([g, each]) => ({ table: tables[g] as Table, measured: measured[g] as Measured, written: each }))
  return [...losses(log, parts), ...nameLosses()]
}

async function loadLibrary(): Promise<typeof import("h5wasm/node")> {
  const library = await import("h5wasm/node").catch(() => {
    throw new UnsupportedError("HDF5 needs the package h5wasm, which was left out", { hint: "npm install h5wasm, or write MATLAB (.mat)" })
  })
  // Without this, HDF5 prints an error and goes on.
  const module = await library.ready
  module.activate_throwing_error_handler()
  return library
}

function closeBroken(file: File): void {
  try {
    file.close()
  } catch {
    // A failed close repeats the first error.
  }
}

/** Shortens HDF5's trace of thirty lines to the file system's reason. Other errors are returned as they are. */
function toldByHdf5(error: unknown, path: string): unknown {
  const text = error instanceof Error ? error.message : ""
  if (!text.includes("HDF5-DIAG")) return error
  const reason = /error message = '([^']+)'/.exec(text)?.[1] ?? /#000: .*?: (.*)/.exec(text)?.[1] ?? "no reason given"
  return new LogError(`HDF5 cannot write its file (${reason})`, { path, hint: "TMPDIR says where it lies until it is complete" })
}

/** A table in the file, and how far it is written. */
interface WrittenTable {
  /** Names of the log, and of the links that stand for them. */
  readonly renames: readonly (readonly [string, string])[]
  readonly columns: readonly WrittenColumn[]
  row: number
}

interface WrittenColumn {
  readonly dataset: Dataset
  readonly kind: Kind
  /** Texts that were cut because they were too long. */
  cut: number
}

function createTable(file: File, name: string, table: Table, measured: Measured): WrittenTable {
  const group = file.create_group(name)
  group.create_attribute("name", table.name)
  const links = linkNames(table.columns.map((column) => column.name))
  const columns = table.columns.map((column, c) => {
    const kind = kindOf(column.type, measured.missing[c - 1] ?? 0, measured.longest[c - 1] ?? 0)
    const dataset = createDataset(group, links[c] as string, kind, measured.rows)
    dataset.create_attribute("name", column.source?.channel.name ?? column.name)
    if (column.unit !== "") dataset.create_attribute("units", column.unit)
    if (column.source !== null) describe(dataset, column.source.channel)
    return { dataset, kind, cut: 0 }
  })
  // netCDF and xarray call this a coordinate.
  columns[0]?.dataset.make_scale("time")
  for (const { dataset } of columns.slice(1)) dataset.attach_scale(0, `/${name}/${links[0]}`)
  const renames = table.columns.map(({ source, name: own }, c) => [source?.channel.name ?? own, links[c] as string] as const)
  return { columns, row: 0, renames: [[table.name, name], ...renames] }
}

function createDataset(group: Hdf5Group, name: string, kind: Kind, rows: number): Dataset {
  const shape = { data: [], shape: [0], maxshape: [null], chunks: [Math.max(1, Math.min(rowsAtOnce(kind), rows))] }
  const dataset = group.create_dataset({ name, dtype: kind.dtype, ...shape, compression: "gzip", compression_opts: LEVEL })
  dataset.resize([rows])
  return dataset
}

function describe(dataset: Dataset, { type, calibration }: NonNullable<Table["columns"][number]["source"]>["channel"]): void {
  dataset.create_attribute("type", type)
  if (calibration === null) return
  for (const key of ["addition", "divisor", "multiplier"] as const) dataset.create_attribute(key, calibration[key], [], "<d")
}

function writeBatch(into: WrittenTable, table: Table, { rows, columns }: TableBatch): void {
  for (const [c, column] of into.columns.entries()) {
    const { type } = table.columns[c] as Table["columns"][number]
    const step = Math.min(rows, rowsAtOnce(column.kind, rows))
    for (let from = 0; from < rows; from += step) {
      const to = Math.min(from + step, rows)
      const own = columns[c] as BatchColumn
      const written = cells(column.kind, denseValues(type, own, from, to), presentBits(own, from, to))
      column.dataset.write_slice([[into.row + from, into.row + to]], written.cells)
      column.cut += written.cut
    }
  }
  into.row += rows
}

/** Names of links: `/` and NUL have a meaning in HDF5, `.` is the group itself; unique. */
function linkNames(names: readonly string[]): string[] {
  return unique(names.map(linkName))
}

function linkName(name: string): string {
  const plain = name.replaceAll("/", "_").replaceAll("\0", "_")
  return plain === "" || plain === "." ? "_" : plain
}

function losses(
  log: Log,
  tables: readonly { readonly table: Table; readonly measured: Measured; readonly written: WrittenTable }[],
): Loss[] {
  const long = tables.reduce((sum, { written }) => sum + written.columns.reduce((own, each) => own + each.cut, 0), 0)
  return [
    ...formLosses(log, "HDF5", { units: true, annotations: true, userData: true, utc: true, start: true }),
    ...renameLosses(
      tables.flatMap(({ written }) => written.renames),
      "HDF5 allows no / in a name and takes each once; the attribute name has the real ones",
    ),
    ...missingLosses(tables.map(({ table, measured }) => ({ types: table.columns.slice(1).map(({ type }) => type), measured }))),
    ...counting({ kind: "values", count: long, text: `${long} texts cut to ${TEXT_LIMIT} bytes: HDF5 has one size a column` }),
  ]
}
