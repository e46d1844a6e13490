import { hex, readVectors } from "../../host/gen/firmware-file.js"

/** The RP2040's bootrom: out of the file that its maker releases, and looked at. */

const ROM_SIZE = 16_384
/** Member of the ROM's header: two letters, 1, and the ROM's version (RP2040 datasheet 2.8.3). */
const ROM_MARK = 0x10

/**
 * The bootrom out of its ELF file: the segment that is loaded to address 0.
 * @throws Error when there is no such segment of 16,384 bytes
 */
export function romOfElf(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  if (file.length < 52 || view.getUint32(0, false) !== 0x7f454c46) throw new Error("no ELF file")
  const table = view.getUint32(28, true)
  const entry = view.getUint16(42, true)
  const count = view.getUint16(44, true)
  for (let i = 0, at = table; i < count && at + 32 <= file.length; i++, at += entry) {
    const [type, offset, , place, size] = [0, 4, 8, 12, 16].map((member) => view.getUint32(at + member, true)) as [
      number,
      number,
      number,
      number,
      number,
    ]
    if (type === 1 && place === 0 && size === ROM_SIZE && offset + size <= file.length) return file.slice(offset, offset + size)
  }
  throw new Error(`the ELF file has no ${ROM_SIZE} bytes for address 0`)
}

/** What a bootrom is, in words. @throws Error when it is none of the RP2040 */
export function describeRom(rom: Uint8Array): string {
  if (rom.length !== ROM_SIZE) throw new Error(`the bootrom has ${ROM_SIZE} bytes, this file has ${rom.length}`)
  const view = new DataView(rom.buffer, rom.byteOffset, rom.length)
  const [m, u, one, version] = rom.subarray(ROM_MARK, ROM_MARK + 4)
  if (m !== 0x4d || u !== 0x75 || one !== 1) throw new Error("the mark of the RP2040's bootrom is missing")
  const { stack, reset } = readVectors(view, 0)
  if (reset >= ROM_SIZE) throw new Error(`the bootrom's reset vector ${hex(reset)} leads out of it`)
  return `version ${version}, stack ${hex(stack)}, reset ${hex(reset)}`
}
