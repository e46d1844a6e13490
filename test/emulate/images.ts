import { flatImage, parseUf2 } from "../rp2040/uf2.js"

/** Looks into the two files of level 2 for what must be so in any of them. */

const FLASH = 0x10000000
const FLASH_SIZE = 2 * 1024 * 1024
const SRAM = 0x20000000
const SRAM_END = 0x20042000
const ROM_SIZE = 16_384
/** The UF2 project's family number of the RP2040. */
const FAMILY = 0xe48bff56
/** The second stage of booting: 252 bytes and their CRC (RP2040 datasheet 2.8.1.3.1). The vector table stands behind it. */
const STAGE = 252
const VECTORS = 256
/** Member of the ROM's header: two letters, 1, and the ROM's version (2.8.3). */
const ROM_MARK = 0x10

/**
 * What a firmware for the Pico is made of, in words.
 * @throws Error naming what is wrong: blocks for another chip or place, a broken second stage, vectors that lead nowhere
 */
export function describeFirmware(file: Uint8Array): string {
  const pieces = parseUf2(file)
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  for (let at = 0; at < file.length; at += 512) {
    const family = view.getUint32(at + 28, true)
    if (family !== FAMILY) throw new Error(`UF2 block at byte ${at} is for family 0x${family.toString(16)}, not for the RP2040`)
  }
  for (const { address, bytes } of pieces) {
    if (address < FLASH || address + bytes.length > FLASH + FLASH_SIZE)
      throw new Error(`a UF2 block lies at ${hex(address)}, outside the flash`)
  }
  const image = flatImage(pieces)
  if (image.length < VECTORS + 8) throw new Error(`${image.length} bytes of flash hold no program`)
  const words = new DataView(image.buffer, image.byteOffset, image.length)
  if (words.getUint32(STAGE, true) !== crc(image.subarray(0, STAGE)))
    throw new Error("the second stage's CRC does not fit: the chip would not boot it")
  const { stack, reset } = vectors(words, VECTORS)
  if (reset < FLASH + VECTORS || reset >= FLASH + image.length) throw new Error(`the reset vector ${hex(reset)} leads nowhere`)
  return `${pieces.length} blocks up to ${hex(FLASH + image.length)}, second stage's CRC right, stack ${hex(stack)}, reset ${hex(reset)}`
}

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
  const { stack, reset } = vectors(view, 0)
  if (reset >= ROM_SIZE) throw new Error(`the bootrom's reset vector ${hex(reset)} leads out of it`)
  return `version ${version}, stack ${hex(stack)}, reset ${hex(reset)}`
}

function vectors(view: DataView, at: number): { stack: number; reset: number } {
  const [stack, reset] = [view.getUint32(at, true), view.getUint32(at + 4, true)]
  if (stack <= SRAM || stack > SRAM_END) throw new Error(`the stack would begin at ${hex(stack)}, outside the memory`)
  if ((reset & 1) === 0) throw new Error(`the reset vector ${hex(reset)} is no Thumb address`)
  return { stack, reset }
}

/** CRC-32 of the polynomial 0x04c11db7 from all ones, not reflected, not inverted. */
function crc(bytes: Uint8Array): number {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte << 24
    for (let bit = 0; bit < 8; bit++) sum = sum < 0 || sum > 0x7fffffff ? (sum << 1) ^ 0x04c11db7 : sum << 1
  }
  return sum >>> 0
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`
}
