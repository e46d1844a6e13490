/**
 * The library without a file system: `fieldlog/browser`. Logs are opened from bytes or from the `File` that a user drops, and read
 * piece by piece. Nothing imported from here uses Node.
 */

import { memorySource, type Source } from "./bytes/source.js"
import { btsf } from "./formats/btsf/index.js"
import { ddff } from "./formats/ddff/index.js"
import { jls } from "./formats/jls/index.js"
import { loneFile } from "./formats/libarray/lone-file.js"
import { meteor } from "./formats/meteor/index.js"
import { csvFormat } from "./imports/csv.js"
import { UsageError } from "./model/errors.js"
import type { Format } from "./model/format.js"
import type { Log } from "./model/log.js"
import { knownFormats } from "./registry/known-formats.js"
import { checkOpening, type Opening } from "./registry/opening.js"
import { computed } from "./sensors/computed.js"
import { theOptions } from "./text/asked.js"
import { type BlobLike, blobSource } from "./web/blob-source.js"

export { memorySource, type Source } from "./bytes/source.js"
export { FormatError, LimitError, LogError, UnsupportedError, UsageError } from "./model/errors.js"
export type { OpenOptions } from "./model/format.js"
export type * from "./model/log.js"
export { physical, physicalColumn, seconds } from "./model/values.js"
export type { Opening } from "./registry/opening.js"
export { type Overview, overview } from "./summary/overview.js"
export { type FillOptions, Pyramid } from "./summary/pyramid/pyramid.js"
export { type Window, type WindowBuckets, windowOf } from "./summary/pyramid/window.js"
export { type GroupBuckets, reduce } from "./summary/reduce.js"
export { type ChannelStats, stats } from "./summary/stats.js"
export { joinLogs } from "./views/join.js"
export { selectFrom, type Wanted } from "./views/select.js"
export { type BlobLike, blobSource } from "./web/blob-source.js"
export { type FileHandleLike, handleSource } from "./web/handle-source.js"
export { type PushedSource, pushedSource } from "./web/pushed-source.js"
export { type RangeOptions, rangeSource } from "./web/range-source.js"

/** The formats that `open` knows by their content: those of the library, without what needs a file system. */
export const formats: readonly Format[] = [meteor, jls, btsf, ddff, loneFile]
const imports: readonly Format[] = [csvFormat(async () => (await import("csv-parse/browser/esm/sync")).parse)]
const { openSource } = knownFormats(formats, imports)

/** How a log is opened. */
export interface BrowserOpening extends Opening {
  /** Used as the file's name if the input has no name. */
  readonly name?: string
  /** The channels as stored, without those that are computed from them. */
  readonly raw?: boolean
}

/**
 * Opens a log from bytes in memory, a `Blob` or `File`, or a source of your own. The side file of a logger's log goes in as `spec`.
 * @throws LogError
 */
export async function open(input: Uint8Array | BlobLike | Source, opening: BrowserOpening = {}): Promise<Log> {
  const { name, ...given } = theOptions(opening, "open") as BrowserOpening
  checkOpening(given, ["raw"], "open")
  const { raw, ...options } = given
  const stored = await openSource(sourceOf(input, name), options)
  return raw === true ? stored : computed(stored)
}

function sourceOf(input: Uint8Array | BlobLike | Source, name: string | undefined): Source {
  if (ArrayBuffer.isView(input)) return memorySource(new Uint8Array(input.buffer, input.byteOffset, input.byteLength), name)
  const { read, slice } = (input ?? {}) as { readonly read?: unknown; readonly slice?: unknown }
  if (typeof read !== "function" && typeof slice !== "function") throw new UsageError("open: expected bytes, a file or a source")
  return "read" in input ? input : blobSource(input, name)
}
