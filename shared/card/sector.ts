import type { BlockDevice } from "./bus.js"

/**
 * What a sector holds. A look at it is cut into parts, and between two of them the others get their turn: nothing takes the processor from a
 * loop, and word by word a whole sector would cost the samplers some six milliseconds.
 *
 * Parts are compared as hexadecimal digits, because these two steps are the machine's own: a part takes it 0.2 ms.
 */
const PART = 128
const one = Buffer.alloc(PART)
const other = Buffer.alloc(PART)

/** True when both hold the same 512 bytes, or as many as are asked for. */
export async function isSame(device: BlockDevice, a: Buffer, b: Buffer, length = 512): Promise<boolean> {
  for (let at = 0; at < length; at += PART) {
    await device.pause()
    const rest = length - at
    if (rest < PART) {
      one.fillAt(rest, PART, 0)
      other.fillAt(rest, PART, 0)
    }
    one.blitAt(0, a, at, rest < PART ? rest : PART)
    other.blitAt(0, b, at, rest < PART ? rest : PART)
    if (one.toString("hex") !== other.toString("hex")) return false
  }
  return true
}

/** True for a sector of one byte alone, 00 or FF. */
export async function isFill(device: BlockDevice, b: Buffer): Promise<boolean> {
  return b[0] === 0xff ? await isAll(device, b, 0xff) : await isAll(device, b, 0)
}

/** True when the sector's bytes are all `byte`. */
export async function isAll(device: BlockDevice, b: Buffer, byte: number): Promise<boolean> {
  for (let at = 0; at < 512; at += PART) {
    if (b[at] !== byte) return false
    await device.pause()
    other.fillAt(0, PART, byte)
    one.blitAt(0, b, at, PART)
    if (one.toString("hex") !== other.toString("hex")) return false
  }
  return true
}
