import type { Source } from "../bytes/source.js"
import { FormatError, LogError, UsageError } from "../model/errors.js"
import type { Format } from "../model/format.js"
import type { Log } from "../model/log.js"
import { meantText } from "../text/asked.js"
import { heedOptions, type Opening } from "./opening.js"

/** Bytes from the start of a file that the formats may look at to know it. */
export const HEAD = 4096

/** What finds the format of bytes: `formats` by their content or extension, `imports` by their extension only. */
export function knownFormats(formats: readonly Format[], imports: readonly Format[]) {
  return { formatOf, formatFor, hasSignature, byExtension, formatNamed, openSource }

  /**
   * The format of some bytes: by content, then by the name's extension.
   * @throws FormatError when no format claims them, UsageError for an unknown `wanted`
   */
  async function formatOf(source: Source, wanted?: string): Promise<Format> {
    if (wanted !== undefined) return formatNamed(wanted)
    const head = await source.read(0, HEAD)
    const claim = bySignature(head, source.size) ?? byExtension(source.name) ?? withExtension(imports, source.name)
    if (source.size === 0) throw new FormatError("is empty (0 bytes)", { path: source.name })
    if (claim !== null) return claim
    throw new FormatError("is in none of the known formats", {
      path: source.name,
      hint: `known are ${formats.map(({ name }) => name).join(", ")}; --format NAME overrides the guess`,
    })
  }

  /** The format of some bytes that are to be opened with these options. @throws FormatError, UsageError for an option that it does not heed */
  async function formatFor(source: Source, options: Opening): Promise<Format> {
    const format = await formatOf(source, options.format)
    heedOptions(format, options, [...formats, ...imports])
    return format
  }

  /** The format that the first bytes speak for most, or null. */
  function bySignature(head: Uint8Array, size: number): Format | null {
    let best: Format | null = null
    let sure = 0
    for (const format of formats) {
      const claim = format.sniff(head, size)
      if (claim > sure) {
        best = format
        sure = claim
      }
    }
    return best
  }

  /** True when the first bytes leave no doubt that this is a log. */
  async function hasSignature(source: Source): Promise<boolean> {
    const head = await source.read(0, HEAD)
    return formats.some((format) => format.sniff(head, source.size) === 2)
  }

  /** The format that a file name's extension speaks for, or null. */
  function byExtension(name: string): Format | null {
    return withExtension(formats, name)
  }

  /** A format by its name. @throws UsageError */
  function formatNamed(name: string): Format {
    const all = [...formats, ...imports]
    const format = all.find((candidate) => candidate.name === name.toLowerCase())
    if (format !== undefined) return format
    const names = all.map((candidate) => candidate.name)
    throw new UsageError(`no format "${name}"${meantText(name, names)}`, {
      hint: `there are ${names.join(", ")}`,
    })
  }

  /** Opens a log from bytes. @throws LogError, with the source's name as its path */
  async function openSource(source: Source, options: Opening = {}): Promise<Log> {
    const format = await located(source.name, () => formatFor(source, options))
    return located(source.name, () => format.open(source, options))
  }
}

function withExtension(formats: readonly Format[], name: string): Format | null {
  const lower = name.toLowerCase()
  return formats.find(({ extensions }) => extensions.some((extension) => lower.endsWith(extension))) ?? null
}

/** Runs something that concerns one input; its errors carry that input's name in full. */
export async function located<T>(path: string, body: () => Promise<T> | T): Promise<T> {
  try {
    return await body()
  } catch (error) {
    const base = path.split(/[\\/]/).at(-1)
    if (error instanceof LogError && (error.path === undefined || error.path === base)) Object.assign(error, { path })
    throw error
  }
}
