import type { BigValues, NumberValues, Storage } from "../../../model/log.js"
import { newValues } from "../../../model/values.js"
import type { Numeric } from "./integer.js"

type Column = NumberValues | BigValues
type ColumnOn = new (buffer: ArrayBuffer, at: number, n: number) => Column

const SIZE = 1024 * 1024
const ALIGN = 8

/**
 * Room for many short columns: a view on shared memory costs a tenth of an allocation of its own.
 * Views never overlap, so each belongs to the reader that receives it, until `reuse`.
 */
export class Arena {
  private buffer = new ArrayBuffer(0)
  private at = 0
  private readonly kinds = new Map<Numeric, { readonly make: ColumnOn; readonly size: number }>()

  /** Begins anew: what was given out may be used again. */
  reuse(): void {
    this.at = 0
  }

  /** A column of `n` values: of zeros, unless its memory was in use before. */
  values<W extends Numeric>(type: W, n: number): Storage[W] {
    const { make, size } = this.kind(type)
    // `take` may change the buffer: it comes first.
    const at = this.take(n * size)
    return new make(this.buffer, at, n) as Storage[W]
  }

  private take(bytes: number): number {
    if (this.at + bytes > this.buffer.byteLength) {
      this.buffer = new ArrayBuffer(Math.max(SIZE, bytes))
      this.at = 0
    }
    const at = this.at
    this.at += (bytes + ALIGN - 1) & -ALIGN
    return at
  }

  private kind(type: Numeric): { readonly make: ColumnOn; readonly size: number } {
    const known = this.kinds.get(type)
    if (known !== undefined) return known
    const empty = newValues(type, 0) as Column
    const kind = { make: empty.constructor as ColumnOn, size: empty.BYTES_PER_ELEMENT }
    this.kinds.set(type, kind)
    return kind
  }
}
