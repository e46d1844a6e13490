import { UsageError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import type { Selection } from "../../model/log.js"

/** What a user may say about every way out. */
export interface ExportOptions {
  /** Rows to write; all when absent. */
  readonly selection: Selection
  /** Stored values instead of physical ones. */
  readonly raw: boolean
}

/** The common options: `selection` (a `Selection`) and `raw`. */
export function exportOptions(options: WriteOptions): ExportOptions {
  return { selection: (options.selection as Selection | undefined) ?? {}, raw: options.raw === true }
}

/** A number option, or undefined. @throws UsageError when it is no positive number. */
export function positive(options: WriteOptions, name: string): number | undefined {
  const given = options[name]
  if (given === undefined) return undefined
  const value = Number(given)
  if (!(value > 0) || !Number.isFinite(value)) throw new UsageError(`${name}: ${given} is not a positive number`)
  return value
}

/** A choice option. @throws UsageError when it is none of the choices. */
export function choice<T extends string>(options: WriteOptions, name: string, choices: readonly T[], fallback: T): T {
  const given = options[name] ?? fallback
  const found = choices.find((each) => each === given)
  if (found === undefined) throw new UsageError(`${name}: ${given} is none of ${choices.join(", ")}`)
  return found
}
