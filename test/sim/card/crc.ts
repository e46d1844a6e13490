/** The SD card's check sums, bit by bit as the specification draws them: the simulated card shares no code with the driver. */

/** CRC-7 of a command or register with the stop bit: its last byte. */
export function crc7(bytes: Uint8Array): number {
  let crc = 0
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const top = ((crc >> 6) & 1) ^ ((byte >> bit) & 1)
      crc = ((crc << 1) & 0x7f) ^ (top === 1 ? 0x09 : 0)
    }
  }
  return (crc << 1) | 1
}

const CRC16 = Uint16Array.from({ length: 256 }, (_, i) => {
  let crc = i << 8
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc
})

/** CRC-16 of a data block: polynomial 0x1021, start 0. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0
  for (let i = 0; i < bytes.length; i++) crc = ((crc << 8) ^ (CRC16[((crc >> 8) ^ (bytes[i] as number)) & 0xff] as number)) & 0xffff
  return crc
}
