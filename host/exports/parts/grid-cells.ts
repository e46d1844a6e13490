import { channelDigits } from "../../text/digits.js"
import type { TextBuffer } from "../../text/text-buffer.js"
import type { GridChannel } from "./grid.js"

/** Longest text of a number that is kept. */
const LONGEST = 40

/** The cells of a grid's rows as text. Most cells of a grid repeat the one above: its digits are copied. */
export class GridCells {
  private readonly digits: Int32Array
  private readonly isSingle: readonly boolean[]
  private readonly last: Float64Array
  private readonly texts: readonly Uint8Array[]
  private readonly lengths: Int32Array

  constructor(
    private readonly text: TextBuffer,
    channels: readonly GridChannel[],
  ) {
    this.digits = Int32Array.from(channels, ({ source }) => channelDigits(source))
    this.isSingle = channels.map(({ source }) => source.type === "f32" && source.calibration === null)
    this.last = new Float64Array(channels.length).fill(Number.NaN)
    this.texts = channels.map(() => new Uint8Array(LONGEST))
    this.lengths = new Int32Array(channels.length)
  }

  /** Writes the value of channel `c`: its own decimals, else the shortest that reads back. */
  put(c: number, value: number): void {
    const { text, last, lengths } = this
    const kept = this.texts[c] as Uint8Array
    text.room(LONGEST)
    if (Object.is(last[c], value) && (lengths[c] as number) > 0) {
      const { bytes, at } = text
      const length = lengths[c] as number
      for (let i = 0; i < length; i++) bytes[at + i] = kept[i] as number
      text.at = at + length
      return
    }
    const from = text.at
    const decimals = this.digits[c] as number
    if (decimals >= 0) text.fixed(value, decimals)
    else if (this.isSingle[c] === true) text.shortestSingle(value)
    else text.shortest(value)
    const length = text.at - from
    last[c] = value
    // A text that was longer than there was room for stands elsewhere.
    lengths[c] = length > 0 && length <= LONGEST ? length : 0
    for (let i = 0; i < (lengths[c] as number); i++) kept[i] = text.bytes[from + i] as number
  }
}
