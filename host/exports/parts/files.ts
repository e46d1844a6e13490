import type { Sink } from "../../bytes/sink.js"
import type { Output } from "../../model/format.js"
import { fileNames } from "../../text/unique.js"
import type { Table, TableOptions } from "./table.js"

/** Where each table goes, by its index: with the layout `group` a file for each chosen group, else everything into the main output. */
export function tableSinks(output: Output, tables: readonly Table[], { layout, selection }: TableOptions): Map<number, Sink> {
  if (layout !== "group") return new Map([[0, output.sink()]])
  const names = fileNames(
    output.name,
    tables.map(({ name }) => name),
  )
  return new Map([...(selection.groups ?? tables.keys())].map((index) => [index, output.sink(names[index])]))
}
