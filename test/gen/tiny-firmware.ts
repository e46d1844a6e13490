/** CRC-32/MPEG-2 of 252 zeros. */
const CRC_OF_ZEROS = 0x7065399a

/**
 * A firmware for the RP2040, as small as it can be: one page and its vectors.
 * @param spoilImage changes what the flash would hold @param spoilFile changes the file's two blocks
 */
export function uf2Firmware(spoilImage: (image: DataView) => void = () => {}, spoilFile: (file: DataView) => void = () => {}): Uint8Array {
  const image = new DataView(new ArrayBuffer(512))
  image.setUint32(252, CRC_OF_ZEROS, true)
  image.setUint32(256, 0x20042000, true)
  image.setUint32(260, 0x10000109, true)
  spoilImage(image)
  const file = new DataView(new ArrayBuffer(1024))
  for (const i of [0, 1]) {
    const at = 512 * i
    const words = [0x0a324655, 0x9e5d5157, 0x2000, 0x10000000 + 256 * i, 256, i, 2, 0xe48bff56]
    for (const [n, word] of words.entries()) file.setUint32(at + 4 * n, word, true)
    new Uint8Array(file.buffer).set(new Uint8Array(image.buffer, 256 * i, 256), at + 32)
    file.setUint32(at + 508, 0x0ab16f30, true)
  }
  spoilFile(file)
  return new Uint8Array(file.buffer)
}

/** An image for one of Espressif's chips, as far as anyone looks into it. @param chip its number */
export function espFirmware(chip: number): Uint8Array {
  const image = new Uint8Array(70_000)
  image[0] = 0xe9
  image[12] = chip
  return image
}
