import { zeros } from "../bytes/filled.js"
import type { Sink } from "../bytes/sink.js"
import { LimitError } from "../model/errors.js"
import type { Output, WriteOptions } from "../model/format.js"
import type { Chunk, Group, Log, Loss, Values, Wire } from "../model/log.js"
import { formLosses, renameLosses } from "../model/losses.js"
import { rowTimes } from "../model/time.js"
import { physicalColumn } from "../model/values.js"
import { isNumeric, type StorageName, storageOf } from "../model/wire.js"
import { otherText } from "../text/cells.js"
import { joinBytes, latin1Bytes } from "../text/hex.js"
import { unique } from "../text/unique.js"
import { uniquelyNamed } from "../views/unique-names.js"
import { charMatrixSize, type MatClass, matrixHead, putCharMatrix, structHead } from "./parts/mat-element.js"
import { type Measured, measure, missingLosses } from "./parts/measure.js"
import { logMetadata } from "./parts/metadata.js"
import { exportOptions } from "./parts/options.js"
import { planTables, tableType } from "./parts/table.js"

/** MATLAB's own limit for one variable of a version 5 file. */
const VARIABLE_LIMIT = 2 ** 31 - 1
const ZEROS = new Uint8Array(1 << 16)

/**
 * MATLAB version 5, uncompressed: a struct per group with `time`, a column vector per channel and `units`; the log's
 * other facts are JSON in `fieldlog`. Integers keep their class unless values are missing: then they are doubles
 * with NaN. Text is a cell array. Two passes over the log, columns patched in place: memory stays at a window.
 * @throws LimitError if a group needs more than 2 GiB; HDF5 has no such limit
 */
export async function writeMat(original: Log, output: Output, options: WriteOptions): Promise<Loss[]> {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const { selection, raw } = exportOptions(options)
  await log.survey()
  const measured = await measure(log, selection, charMatrixSize)
  const chosen = selection.groups ?? [...log.groups.keys()]
  const variables = identifiers(
    log.groups.map(({ name }) => name),
    new Set(["fieldlog"]),
  )
  const sink = output.sink()
  sink.write(fileHeader(log))
  const placed = new Map<number, Column[]>()
  for (const g of chosen) {
    const group = log.groups[g] as Group
    placed.set(g, putGroup(sink, group, variables[g] as string, measured[g] as Measured, raw))
  }
  sink.write(putCharMatrix("fieldlog", logMetadata(log, planTables(log, { layout: "group", raw, time: "seconds", selection }))))
  for await (const chunk of log.chunks(selection)) {
    const columns = placed.get(chunk.group)
    if (columns !== undefined) patchChunk(sink, log.groups[chunk.group] as Group, columns, chunk, raw)
  }
  sink.close()
  const renames = chosen.flatMap((g) => {
    const { name, channels } = log.groups[g] as Group
    const fields = fieldNames(log.groups[g] as Group).slice(1, -1)
    return [[name, variables[g] as string] as const, ...channels.map((channel, c) => [channel.name, fields[c] as string] as const)]
  })
  const why = "MATLAB takes letters, digits and _, 63 at most; the variable fieldlog has the real names"
  return [...losses(log, chosen, measured, raw), ...nameLosses(), ...renameLosses(renames, why)]
}

function losses(log: Log, chosen: readonly number[], measured: readonly Measured[], raw: boolean): Loss[] {
  const written = chosen.map((g) => {
    const types = (log.groups[g]?.channels ?? []).map((channel) => tableType(channel, raw))
    return { types, measured: measured[g] as Measured }
  })
  return [
    ...formLosses(log, "MATLAB v5", { units: true, annotations: true, userData: true, utc: true, start: true }),
    ...missingLosses(written),
  ]
}

/** Where the next values of a column go. */
interface Column {
  readonly kind: MatClass | "text"
  at: number
}

function fileHeader(log: Log): Uint8Array {
  const { bytes, view } = zeros(128)
  bytes.set(latin1Bytes(`MATLAB 5.0 MAT-file, written by fieldlog from a ${log.format} log`.padEnd(116).slice(0, 116)))
  view.setUint16(124, 0x0100, true)
  bytes.set(latin1Bytes("IM"), 126)
  return bytes
}

/** Writes a group's struct with zeros for values. @returns the places of time and channels */
function putGroup(sink: Sink, group: Group, name: string, { rows, missing, sizes }: Measured, raw: boolean): Column[] {
  const fields = fieldNames(group)
  const kinds: Column["kind"][] = ["double", ...group.channels.map((channel, c) => kindOf(tableType(channel, raw), missing[c] ?? 0))]
  const heads = kinds.map((kind, i) =>
    kind === "text" ? matrixHead("cell", "", rows, 1, sizes[i - 1] ?? 0) : matrixHead(kind, "", rows, 1, rows),
  )
  const unitNames = fields.slice(1, -1)
  const unitValues = group.channels.map(({ unit }) => putCharMatrix("", unit))
  const unitsHead = structHead(
    "",
    unitNames,
    unitValues.reduce((sum, each) => sum + each.length, 0),
  )
  const body =
    heads.reduce((sum, head) => sum + head.bytes.length + head.values, 0) +
    unitsHead.length +
    unitValues.reduce((sum, each) => sum + each.length, 0)
  const head = structHead(name, fields, body)
  if (head.length + body > VARIABLE_LIMIT) {
    throw new LimitError(`group ${group.name} needs ${head.length + body} bytes, a MATLAB v5 variable takes ${VARIABLE_LIMIT}`, {
      hint: "write HDF5, or fewer channels or a time range",
    })
  }
  sink.write(head)
  const columns = heads.map(({ bytes, values }, i): Column => {
    sink.write(bytes)
    const at = sink.size
    for (let left = values; left > 0; left -= ZEROS.length) sink.write(ZEROS.subarray(0, Math.min(left, ZEROS.length)))
    return { kind: kinds[i] as Column["kind"], at }
  })
  sink.write(unitsHead)
  for (const unit of unitValues) sink.write(unit)
  return columns
}

const CLASSES: Readonly<Record<StorageName, Column["kind"]>> = {
  ...{ u8: "uint8", u16: "uint16", u32: "uint32", u64: "uint64", i8: "int8", i16: "int16", i32: "int32", i64: "int64" },
  ...{ f32: "single", f64: "double", text: "text", bytes: "text", mixed: "text" },
}

function kindOf(type: Wire, missing: number): Column["kind"] {
  if (missing > 0 && isNumeric(type) && type !== "f32") return "double"
  return type === "bool" ? "logical" : CLASSES[storageOf(type)]
}

function patchChunk(sink: Sink, group: Group, columns: readonly Column[], chunk: Chunk, raw: boolean): void {
  const put = (column: Column, bytes: Uint8Array) => {
    sink.patch(column.at, bytes)
    column.at += bytes.length
  }
  put(columns[0] as Column, bytesOf(rowTimes(group, chunk)))
  for (const [c, channel] of group.channels.entries()) {
    const column = columns[c + 1] as Column
    const values = chunk.columns[c] as Values
    const missing = chunk.missing[c] ?? null
    if (column.kind === "text") {
      put(column, joinBytes((values as unknown[]).map((value, i) => putCharMatrix("", missing?.[i] === 1 ? "" : otherText(value)))))
    } else if (column.kind === "double") {
      put(column, bytesOf(physicalColumn(values, raw ? null : channel.calibration, missing) as Float64Array))
    } else if (column.kind === "single" && missing !== null) {
      put(column, bytesOf(Float32Array.from(values as Float32Array, (value, i) => (missing[i] === 1 ? Number.NaN : value))))
    } else {
      put(column, bytesOf(values as Float64Array))
    }
  }
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}

/** Fields of a group's struct: `time`, one per channel, `units`. */
function fieldNames({ channels }: Group): string[] {
  return [
    "time",
    ...identifiers(
      channels.map(({ name }) => name),
      new Set(["time", "units"]),
    ),
    "units",
  ]
}

/** Makes names that MATLAB takes: letters, digits and `_`, a letter first, 63 at most, unique. */
function identifiers(names: readonly string[], taken: Set<string>): string[] {
  const plain = names.map((name) => name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?![A-Za-z])/, "x"))
  return unique(plain, { join: "_", cap: 63, taken })
}
