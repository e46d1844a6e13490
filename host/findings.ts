import type { Finding, Format, OpenOptions } from "./format.js"
import type { Source } from "./source.js"

/**
 * Every rule of its format that a file breaks. Formats without a check of their own are read from end to end, and
 * what the reader met on the way is what was found.
 */
export async function* findings(source: Source, format: Format, options: OpenOptions): AsyncGenerator<Finding> {
  if (format.check !== undefined) {
    yield* format.check(source, options)
    return
  }
  const log = await format.open(source, options)
  try {
    await log.survey()
    for await (const _ of log.chunks());
    for (const { kind, severity, at, group, text } of log.issues) yield { rule: kind, severity, at, where: group ?? "", text }
  } finally {
    await log.close()
  }
}
