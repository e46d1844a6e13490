import { UsageError } from "../model/errors.js"
import type { Format, Writer } from "../model/format.js"
import { nearest } from "../text/nearest.js"
import { byExtension } from "./open.js"
import { exportFor, exportNamed, exports } from "./registry.js"
import { formats } from "./registry-2.js"

/** Something that a log can be written as: one of the five formats or a way out. */
export interface Target {
  readonly name: string
  readonly title: string
  /** Lower case, with dot; the first is the usual one. */
  readonly extensions: readonly string[]
  readonly write: Writer
  /** True for text, which may be shown on a terminal. */
  readonly text: boolean
  /** True when the output is a folder. */
  readonly folder: boolean
}

/** Everything that a log can be written as. */
export function targets(): Target[] {
  return [...formats.flatMap((format) => ofFormat(format) ?? []), ...exports.map(ofExport)]
}

/** What an output of this name is to be: by `--to`, else by extension. @throws UsageError with the nearest names */
export function targetFor(path: string, to?: string): Target {
  return to === undefined ? byPath(path) : named(to)
}

function named(to: string): Target {
  const name = to.toLowerCase()
  const format = formats.find((candidate) => candidate.name === name)
  const way = exportNamed(name) ?? exportFor(`.${name}`)
  const target = format === undefined ? (way === undefined ? null : ofExport(way)) : ofFormat(format)
  if (target !== null) return target
  const names = targets().map((candidate) => candidate.name)
  const [near] = nearest(name, names, 1)
  throw new UsageError(`cannot write "${to}"${near === undefined ? "" : `: did you mean "${near}"?`}`, {
    hint: `--to takes ${names.join(", ")}`,
  })
}

function byPath(path: string): Target {
  const way = exportFor(path)
  if (way !== undefined) return ofExport(way)
  const format = byExtension(path)
  const target = format === null ? null : ofFormat(format)
  if (target !== null) return target
  throw new UsageError("the extension does not say what to write", {
    path,
    hint: `--to takes ${targets()
      .map(({ name }) => name)
      .join(", ")}`,
  })
}

function ofExport(way: (typeof exports)[number]): Target {
  return { ...way, text: way.text ?? false, folder: false }
}

function ofFormat({ name, title, extensions, write, openTree }: Format): Target | null {
  return write === undefined ? null : { name, title, extensions, write, text: false, folder: openTree !== undefined }
}
