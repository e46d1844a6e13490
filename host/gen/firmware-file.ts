/** DeviceScript's firmware for a kind of chip. */
export interface Firmware {
  /** Where the newest release is. Source: `bareUrl` in the board definitions of @devicescript/cli 2.16.4. */
  readonly url: string
  readonly ending: ".uf2" | ".bin"
  readonly family: string
}

const PICO = "https://github.com/microsoft/devicescript-pico/releases/latest/download"
const ESP = "https://github.com/microsoft/devicescript-esp32/releases/latest/download"

const FIRMWARES: Readonly<Record<string, Firmware>> = {
  rp2040: { url: `${PICO}/devicescript-rp2040-pico.uf2`, ending: ".uf2", family: "RP2040" },
  rp2040w: { url: `${PICO}/devicescript-rp2040w-pico_w.uf2`, ending: ".uf2", family: "RP2040" },
  esp32: { url: `${ESP}/devicescript-esp32-esp32_bare-0x1000.bin`, ending: ".bin", family: "ESP32" },
  esp32c3: { url: `${ESP}/devicescript-esp32c3-esp32c3_bare-0x0.bin`, ending: ".bin", family: "ESP32-C3" },
  esp32s3: { url: `${ESP}/devicescript-esp32s3-esp32s3_bare-0x0.bin`, ending: ".bin", family: "ESP32-S3" },
}

/** The firmware of a board file's `archId`. @throws Error for a chip that there is none for */
export function firmwareOf(archId: string): Firmware {
  const firmware = FIRMWARES[archId]
  if (firmware === undefined) throw new Error(`no firmware is known for ${archId}`)
  return firmware
}

const UF2_MAGIC = [0x0a324655, 0x9e5d5157, 0x0ab16f30] as const
const UF2_BLOCK = 512
/** First byte of an image of Espressif's chips. Source: esptool, Firmware Image Format. */
const ESP_MAGIC = 0xe9

/** True for what looks like firmware: a UF2 file of whole blocks, or an image of an ESP32. */
export function isFirmware(bytes: Uint8Array, ending: Firmware["ending"]): boolean {
  if (ending === ".bin") return bytes.length > 65_536 && bytes[0] === ESP_MAGIC
  if (bytes.length === 0 || bytes.length % UF2_BLOCK !== 0) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const magic = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(UF2_BLOCK - 4, true)]
  return magic.every((word, i) => word === UF2_MAGIC[i])
}
