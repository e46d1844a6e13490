import { markPlace } from "../../../../shared/meteor/mark.js"
import type { Source } from "../../../bytes/source.js"
import { LogError } from "../../../model/errors.js"
import { MAX_HEADER, type MeteorHeader, readHeader } from "./header.js"
import type { MeteorSpec } from "./spec.js"

/** Session and number, as our logger begins every log's name. */
const LOGGER_NAME = /^[0-9a-f]{8}-\d{5}-/

/** The mark of the specification that the log in a file is written by; null when it has none, or no header. */
export async function markOfFile(source: Source): Promise<string | null> {
  try {
    return markIn(readHeader(await source.read(0, MAX_HEADER)))
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    return null
  }
}

/** The mark of the specification that a log is written by; null when its name has none. */
export function markIn({ name }: Pick<MeteorHeader, "name">): string | null {
  const at = markPlace(name)
  return at < 0 ? null : name.slice(at)
}

/**
 * A log's name as people see it: without the mark. Only a name that our logger gave, or one whose specification has that mark, is
 * taken to end with one; another program's `run-deadbeef` stays.
 */
export function shownName({ name }: Pick<MeteorHeader, "name">, spec: MeteorSpec | null): string {
  const mark = markIn({ name })
  const isMarked = mark !== null && (mark === spec?.mark || LOGGER_NAME.test(name))
  return isMarked ? name.slice(0, -mark.length - 1) : name
}

/** True for a specification that says whose it is, and a log that says that it is another's. */
export function isForeign(header: Pick<MeteorHeader, "name">, spec: MeteorSpec | null): boolean {
  const mark = markIn(header)
  return mark !== null && spec !== null && spec.mark !== null && spec.mark !== mark
}
