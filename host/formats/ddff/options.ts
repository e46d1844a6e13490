import { UsageError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"

/** How a ddff file is written. */
export interface DdffOptions {
  /** `base`: streams only, no names. `inventory`: stream 0 names them. `tagged`: stream 1 also lists the recordings. */
  readonly variant: "base" | "inventory" | "tagged"
  /** Bytes of a block, header included. */
  readonly block: number
  /** Label of the recordings. */
  readonly label: string
}

/** DUECA's own block size. */
const DEFAULT_BLOCK = 4096

/** Reads `variant`, `block` and `label`; text forms are taken, too. @throws UsageError */
export function readOptions(options: WriteOptions): DdffOptions {
  const { variant = "tagged", block = DEFAULT_BLOCK, label = "rec" } = options
  if (variant !== "base" && variant !== "inventory" && variant !== "tagged") {
    throw new UsageError(`ddff variant ${String(variant)}, expected base, inventory or tagged`, { format: "ddff" })
  }
  const size = Number(block)
  if (!Number.isInteger(size)) throw new UsageError(`ddff block size ${String(block)}, expected a number of bytes`, { format: "ddff" })
  return { variant, block: size, label: String(label) }
}
