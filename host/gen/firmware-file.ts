import type { Firmware } from "./firmware-releases.js"
import { flatImage, parseUf2 } from "./uf2.js"

/** Looks into a firmware file for what must be so in any of its kind. */

const FLASH = 0x10000000
const FLASH_SIZE = 2 * 1024 * 1024
const SRAM = 0x20000000
const SRAM_END = 0x20042000
/** The UF2 project's family number of the RP2040. */
const UF2_FAMILY = 0xe48bff56
/** The second stage of booting: 252 bytes and their CRC (RP2040 datasheet 2.8.1.3.1). The vector table stands behind it. */
const STAGE = 252
const VECTORS = 256

/** An image of Espressif's chips: first byte, place of the chip's number, and the numbers. Source: esptool, Firmware Image Format. */
const ESP_MAGIC = 0xe9
const ESP_CHIP = 12
const ESP_CHIPS: Readonly<Record<string, number>> = { ESP32: 0, "ESP32-C3": 5, "ESP32-S3": 9 }
/** Less cannot hold a boot loader and a program. */
const ESP_LEAST = 65_536

/**
 * What a firmware file is, in words.
 * @throws Error naming what is wrong: another kind of file, another chip, what would not boot
 */
export function describeFirmware(bytes: Uint8Array, { ending, family }: Pick<Firmware, "ending" | "family">): string {
  return ending === ".uf2" ? describeUf2(bytes) : describeEsp(bytes, family)
}

function describeUf2(file: Uint8Array): string {
  const pieces = parseUf2(file)
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  for (let at = 0; at < file.length; at += 512) {
    const family = view.getUint32(at + 28, true)
    if (family !== UF2_FAMILY) throw new Error(`UF2 block at byte ${at} is for family 0x${family.toString(16)}, not for the RP2040`)
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
  const { stack, reset } = readVectors(words, VECTORS)
  if (reset < FLASH + VECTORS || reset >= FLASH + image.length) throw new Error(`the reset vector ${hex(reset)} leads nowhere`)
  return `${pieces.length} blocks up to ${hex(FLASH + image.length)}, second stage's CRC right, stack ${hex(stack)}, reset ${hex(reset)}`
}

function describeEsp(file: Uint8Array, family: Firmware["family"]): string {
  if (file.length < ESP_LEAST || file[0] !== ESP_MAGIC) throw new Error(`no image for an ${family}`)
  const view = new DataView(file.buffer, file.byteOffset, file.length)
  const chip = view.getUint16(ESP_CHIP, true)
  if (chip !== ESP_CHIPS[family]) {
    const name = Object.keys(ESP_CHIPS).find((each) => ESP_CHIPS[each] === chip) ?? `chip ${chip}`
    throw new Error(`an image for the ${name}, not for the ${family}`)
  }
  return `${file.length} bytes for the ${family}`
}

/** Stack and reset vector of an ARM program. @throws Error when no RP2040 could start it */
export function readVectors(view: DataView, at: number): { stack: number; reset: number } {
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

/** An address in eight hexadecimal digits. */
export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, "0")}`
}
