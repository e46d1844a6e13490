import type { FileMetaData, SchemaElement } from "hyparquet"
import { unique } from "../text/unique.js"

/** A column of the first level: its place in the schema, and how many columns are stored for it. */
interface TopColumn {
  readonly at: number
  readonly leaves: number
}

/** The columns that hold one value a row, and how many do not. */
export function topColumns(schema: readonly SchemaElement[]): { flat: SchemaElement[]; nested: number } {
  const tops = topsOf(schema).map(({ at }) => schema[at] as SchemaElement)
  const flat = tops.filter(({ num_children, repetition_type }) => (num_children ?? 0) === 0 && repetition_type !== "REPEATED")
  return { flat, nested: tops.length - flat.length }
}

/** The same file with names that differ: the decoder finds columns by their names, and of equal ones the first. */
export function distinctColumns(metadata: FileMetaData): FileMetaData {
  const tops = topsOf(metadata.schema)
  const names = tops.map(({ at }) => metadata.schema[at]?.name ?? "")
  const distinct = unique(names)
  if (distinct.every((name, i) => name === names[i])) return metadata
  const schema = [...metadata.schema]
  for (const [i, { at }] of tops.entries()) schema[at] = { ...(schema[at] as SchemaElement), name: distinct[i] as string }
  // Stored columns are in the order of the schema.
  const ofLeaf = tops.flatMap(({ leaves }, i) => new Array<string>(leaves).fill(distinct[i] as string))
  const row_groups = metadata.row_groups.map((group) => ({
    ...group,
    columns: group.columns.map((column, i) => {
      const { meta_data: meta } = column
      if (meta === undefined) return column
      return { ...column, meta_data: { ...meta, path_in_schema: [ofLeaf[i] ?? "", ...meta.path_in_schema.slice(1)] } }
    }),
  }))
  return { ...metadata, schema, row_groups }
}

/** The schema is a tree, written depth first. */
function topsOf(schema: readonly SchemaElement[]): TopColumn[] {
  const tops: TopColumn[] = []
  for (let at = 1; at < schema.length; ) {
    const top = at
    let leaves = 0
    for (let left = 1; left > 0 && at < schema.length; left--, at++) {
      const children = schema[at]?.num_children ?? 0
      left += children
      if (children === 0) leaves++
    }
    tops.push({ at: top, leaves })
  }
  return tops
}
