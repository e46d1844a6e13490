import { crc32c } from "../../../host/bytes/crc32c.js"
import { type DataType, pack, packedSize } from "../../../host/formats/jls/chunks/datatype.js"
import type { JlsLog } from "../../../host/formats/jls/read.js"
import type { Values } from "../../../host/model/log.js"
import { newValues } from "../../../host/model/values.js"

/** All samples of a signal. */
export interface Column {
  values: Values
  type: DataType
  first: number
  rows: number
  /** 1 where the file has no value; null when it has all. */
  missing: Uint8Array | null
}

/** Reads all samples through `chunks`, by signal id. */
export async function readAll(log: JlsLog): Promise<Map<number, Column>> {
  const { groups } = await log.survey()
  const columns = new Map<number, Column>()
  for (const [i, { fsr }] of log.signals.entries()) {
    const type = fsr.signal.type as DataType
    const rows = groups[i]?.rows ?? 0
    columns.set(fsr.signal.def.id, { type, rows, first: rows === 0 ? 0 : fsr.map.first, values: newValues(type.wire, rows), missing: null })
  }
  for await (const chunk of log.chunks()) {
    const column = columns.get(log.groups[chunk.group]?.id as number) as Column
    ;(column.values as Float64Array).set(chunk.columns[0] as Float64Array, chunk.first)
    const missing = chunk.missing[0] ?? null
    if (missing === null) continue
    column.missing ??= new Uint8Array(column.rows)
    column.missing.set(missing, chunk.first)
  }
  return columns
}

/** CRC32C of packed samples, as `truth.json` has it. */
export function packedCrc(type: DataType, values: Values, count: number): string {
  const packed = new Uint8Array(packedSize(type.bits, count))
  pack(type, values, count, packed)
  return hex(crc32c(packed))
}

/** Eight hex digits. */
export function hex(crc: number): string {
  return crc.toString(16).padStart(8, "0")
}
