import type { Log } from "../../model/log.js"
import { toBase64 } from "../../text/hex.js"
import type { Table } from "./table.js"

/** Everything in a log except its rows, as one JSON document: a target that can hold a text loses none of it. */
export function logMetadata(log: Log, tables: readonly Table[]): string {
  const document = {
    schemaVersion: 1,
    format: log.format,
    variant: log.variant,
    name: log.name,
    start: log.start,
    tables: tables.map(({ name, columns }) => ({ name, columns: columns.map(columnMetadata) })),
    groups: log.groups.map(({ name, id, time }) => ({ name, id, time })),
    annotations: log.annotations.map((each) => ({ ...each, data: each.data === null ? null : toBase64(each.data) })),
    utc: log.utc,
    userData: log.userData.map(({ meta, kind, data }) => ({ meta, kind, data: toBase64(data) })),
    issues: log.issues,
  }
  return JSON.stringify(document, (_, value) => (typeof value === "bigint" ? value.toString() : value))
}

/** Facts about one column, for targets that keep them with the column. */
export function columnMetadata({ name, unit, role, source }: Table["columns"][number]): Record<string, unknown> {
  if (source === null) return { name, unit, role }
  const { group, channel } = source
  return {
    name,
    unit,
    role,
    group: group.name,
    channel: channel.name,
    type: channel.type,
    calibration: channel.calibration,
    notes: channel.notes,
  }
}
