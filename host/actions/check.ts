import type { Source } from "../bytes/source.js"
import { UnsupportedError } from "../model/errors.js"
import { findingOf } from "../model/findings.js"
import type { Finding, Format, OpenOptions } from "../model/format.js"
import type { Log } from "../model/log.js"

/**
 * Finds every rule of its format that a file breaks. A log whose format has no check is read from end to end, and
 * the reader's issues are the findings.
 * @throws LogError if nothing can be read
 */
export async function* findings(source: Source, format: Format, options: OpenOptions): AsyncGenerator<Finding> {
  if (format.check !== undefined) yield* format.check(source, options)
  else yield* findingsOf(await format.open(source, options))
}

/** The same for a log that is a folder. @throws UnsupportedError if the format has no logs that are folders */
export async function* treeFindings(path: string, format: Format, options: OpenOptions): AsyncGenerator<Finding> {
  if (format.checkTree !== undefined) yield* format.checkTree(path, options)
  else if (format.openTree !== undefined) yield* findingsOf(await format.openTree(path, options))
  else throw new UnsupportedError(`${format.name} logs are files, not folders`, { path })
}

async function* findingsOf(log: Log): AsyncGenerator<Finding> {
  try {
    await log.survey()
    for await (const _ of log.chunks({ reuse: true }));
    for (const issue of log.issues) yield findingOf(issue, issue.group ?? "")
  } finally {
    await log.close()
  }
}
