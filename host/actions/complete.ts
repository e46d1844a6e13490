import type { Source } from "../bytes/source.js"
import { LogError } from "../model/errors.js"
import type { Completion } from "../model/format.js"
import { formatOf } from "../registry/open.js"

/** What a copy of a file is given that its recorder left to the laptop; null when it lacks nothing, or is no log. */
export async function completionOf(source: Source): Promise<Completion | null> {
  try {
    const format = await formatOf(source)
    return (await format.complete?.(source)) ?? null
  } catch (error) {
    if (error instanceof LogError) return null
    throw error
  }
}
