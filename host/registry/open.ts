import { btsf } from "../formats/btsf/index.js"
import { ddff } from "../formats/ddff/index.js"
import { jls } from "../formats/jls/index.js"
import { libarray } from "../formats/libarray/index.js"
import { meteor } from "../formats/meteor/index.js"
import { csvFormat } from "../imports/csv.js"
import { UnsupportedError } from "../model/errors.js"
import type { Format } from "../model/format.js"
import type { Log } from "../model/log.js"
import { knownFormats, located } from "./known-formats.js"
import { heedOptions, type Opening, refuseOptions } from "./opening.js"

export { HEAD, located } from "./known-formats.js"
export { checkOpening, type Opening } from "./opening.js"

/**
 * The formats, most distinct signature first. Each is described by its own folder's `index.ts`; what changes a file in place is
 * added here, where there is a file system. (A browser has the list of host/browser.ts.)
 */
export const formats: readonly Format[] = [
  meteor,
  { ...jls, annotate: async (path, edits) => (await import("../formats/jls/annotate.js")).annotateJls(path, edits) },
  { ...btsf, annotate: async (path, edits) => (await import("../formats/btsf/annotate.js")).annotateBtsf(path, edits) },
  ddff,
  libarray,
]

/** What can be read as a log beside the five formats. Found by name only where a user gives it: a folder of logs often holds its exports, too. */
export const imports: readonly Format[] = [
  csvFormat(async () => (await import("csv-parse/sync")).parse),
  {
    name: "parquet",
    title: "Parquet with flat columns",
    extensions: [".parquet"],
    options: [],
    sniff: () => 0,
    open: async (source) => (await import("../imports/parquet.js")).openParquet(source),
  },
]

/** All formats, with what they do to folders. */
export const { formatOf, formatFor, hasSignature, byExtension, formatNamed, openSource } = knownFormats(formats, imports)

/** The format of a log that is a folder and is to be opened with these options. @throws UnsupportedError when no format claims it, UsageError */
export async function treeFormatFor(path: string, options: Opening): Promise<Format> {
  const format = options.format === undefined ? await treeFormat(path) : formatNamed(options.format)
  if (format === null) throw new UnsupportedError("is a folder that no format claims", { path })
  if (format.openTree === undefined) throw new UnsupportedError(`${format.name} logs are files, not folders`, { path })
  heedOptions(format, options, formats)
  return format
}

/** Opens a log that is a folder. @throws LogError */
export async function openTree(path: string, options: Opening = {}): Promise<Log> {
  const format = await treeFormatFor(path, options)
  return located(path, () => (format.openTree as NonNullable<Format["openTree"]>)(path, options))
}

/**
 * Options for opening several logs, of which one format may heed what another does not.
 * @returns the options to open each with, and what to call when all are open: it throws a UsageError for an option that no log heeded
 */
export function openingForSeveral(options: Opening): { each: Opening; done: () => void } {
  const opened: Format[] = []
  return {
    each: { ...options, onFormat: (format) => opened.push(format) },
    done: () => refuseOptions(options, opened, [...formats, ...imports]),
  }
}

/** The format whose logs are folders like this one, or null. */
export async function treeFormat(path: string): Promise<Format | null> {
  for (const format of formats) if ((await format.sniffTree?.(path)) === true) return format
  return null
}
