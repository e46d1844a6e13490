import { goldenBytes } from "./golden.js"

/** Damaged files that are made from golden ones, by the names that salvage_expected.json gives them. */
export function damagedCases(): Map<string, Uint8Array> {
  const sound = goldenBytes("cpp_base_128")
  return new Map([
    ["bad_next_pointer", edited(sound, (view) => view.setBigInt64(0x100, 0x40n))],
    ["removed_block", without(sound, 0x280, 128)],
  ])
}

/** A copy with something changed; the CRC stays as it was. */
export function edited(bytes: Uint8Array, edit: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(bytes)
  edit(new DataView(copy.buffer))
  return copy
}

export function without(bytes: Uint8Array, at: number, length: number): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)])
}
