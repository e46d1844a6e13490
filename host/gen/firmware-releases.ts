import type { PinnedFile } from "./pinned-file.js"

/** A released DeviceScript firmware for a kind of chip. */
export interface Firmware extends PinnedFile {
  readonly repository: string
  readonly ending: ".uf2" | ".bin"
  readonly family: "RP2040" | "ESP32" | "ESP32-C3" | "ESP32-S3"
  /** Where esptool writes it; null for what is dropped onto a drive. */
  readonly flashAt: string | null
}

/**
 * The releases, by a board file's `archId`: whatever needs a firmware takes it from here. Boards of one chip share a file, the
 * DeviceScript command puts the board's pins into it.
 *
 * A tag's workflow releases what `devs binpatch` makes of each board, `devicescript-<chip>-<board>[-<place in the flash>]`; the boards
 * are those of `bareUrl` in @devicescript/cli 2.16.4. v2.16.1 is the newest tag of both repositories (2024-01-07). No published hash
 * of a file is known: until one is, each download prints what it got.
 */
const RELEASES: Readonly<Record<string, Firmware>> = {
  rp2040: pico("devicescript-rp2040-pico.uf2", null),
  rp2040w: pico("devicescript-rp2040w-pico_w.uf2", null),
  esp32: esp("ESP32", "0x1000", "devicescript-esp32-esp32_bare-0x1000.bin", null),
  esp32c3: esp("ESP32-C3", "0x0", "devicescript-esp32c3-esp32c3_bare-0x0.bin", null),
  esp32s3: esp("ESP32-S3", "0x0", "devicescript-esp32s3-esp32s3_bare-0x0.bin", null),
}

/** The firmware of a board file's `archId`. @throws Error for a chip that there is none for */
export function firmwareOf(archId: string): Firmware {
  const firmware = RELEASES[archId]
  if (firmware === undefined) throw new Error(`no firmware is known for ${archId}`)
  return firmware
}

function pico(name: string, sha256: string | null): Firmware {
  return { ...release("microsoft/devicescript-pico", "v2.16.1", name, sha256), ending: ".uf2", family: "RP2040", flashAt: null }
}

function esp(family: Firmware["family"], flashAt: string, name: string, sha256: string | null): Firmware {
  return { ...release("microsoft/devicescript-esp32", "v2.16.1", name, sha256), ending: ".bin", family, flashAt }
}

function release(repository: string, version: string, name: string, sha256: string | null) {
  return { repository, version, name, urls: [`https://github.com/${repository}/releases/download/${version}/${name}`], sha256 }
}
