import type { Log, Loss, Selection, Wire } from "../../model/log.js"
import { counting } from "../../model/losses.js"
import { isWide } from "../../model/wire.js"
import { otherText } from "../../text/cells.js"
import { utf8Length } from "../../text/cut.js"

/** Counts and sizes of one group, from a pass over its rows, for targets that need sizes before values. */
export interface Measured {
  readonly rows: number
  /** Per channel: values that are missing. */
  readonly missing: readonly number[]
  /** Per channel of text, bytes or msgpack values: the sum of `size` over its cells; else 0. */
  readonly sizes: readonly number[]
  /** Per such channel: the bytes of its longest cell in UTF-8; else 0. */
  readonly longest: readonly number[]
}

/**
 * Counts rows, missing values and cell sizes of every group in one pass. A count from the structure alone could differ from
 * the rows that a damaged file delivers.
 * @param size bytes that a text takes in the target
 */
export async function measure(log: Log, selection: Selection, size: (text: string) => number = () => 0): Promise<Measured[]> {
  const nothing = (channels: readonly unknown[]) => ({
    rows: 0,
    missing: channels.map(() => 0),
    sizes: channels.map(() => 0),
    longest: channels.map(() => 0),
  })
  const found: ReturnType<typeof nothing>[] = []
  for await (const chunk of log.chunks(selection)) {
    const own = (found[chunk.group] ??= nothing(chunk.columns))
    own.rows += chunk.rows
    for (const [c, column] of chunk.columns.entries()) {
      const flags = chunk.missing[c]
      if (flags !== null && flags !== undefined) for (const flag of flags) own.missing[c] = (own.missing[c] as number) + flag
      if (!Array.isArray(column)) continue
      for (const [i, value] of column.entries()) {
        const text = flags?.[i] === 1 ? "" : otherText(value)
        own.sizes[c] = (own.sizes[c] as number) + size(text)
        own.longest[c] = Math.max(own.longest[c] as number, utf8Length(text))
      }
    }
  }
  return log.groups.map(({ channels }, g) => found[g] ?? nothing(channels))
}

/** What is lost where missing values become NaN. @param groups each with the types of its columns as they are written */
export function missingLosses(groups: readonly { readonly types: readonly Wire[]; readonly measured: Measured }[]): Loss[] {
  let absent = 0
  let rounded = 0
  for (const { types, measured } of groups) {
    for (const [c, type] of types.entries()) {
      const missing = measured.missing[c] ?? 0
      absent += missing
      if (isWide(type) && missing > 0) rounded += measured.rows - missing
    }
  }
  return counting(
    { kind: "form", count: absent, text: `${absent} missing values written as NaN, in text as nothing` },
    { kind: "values", count: rounded, text: `${rounded} 64-bit integers rounded to doubles: their column has missing values` },
  )
}
