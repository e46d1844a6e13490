import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describeFirmware } from "../../host/gen/firmware-file.js"
import { firmwareOf } from "../../host/gen/firmware-releases.js"
import { type Get, type PinnedFile, pinnedFile } from "../../host/gen/pinned-file.js"
import { describeRom, romOfElf } from "./bootrom.js"

const FIRMWARE = firmwareOf("rp2040")

/** Version B2 of the bootrom, from its maker, and the same release file kept in a public repository: the hash is that file's. */
const BOOTROM: PinnedFile = {
  version: "b2",
  name: "b2.elf",
  urls: [
    "https://github.com/raspberrypi/pico-bootrom-rp2040/releases/download/b2/b2.elf",
    "https://raw.githubusercontent.com/matgla/Renode_RP2040/0d45da458fffadf6ed8c037f4dea9f9d216a7b9d/bootroms/rp2040/b2.elf",
  ],
  sha256: "3a3c4c617d83bc9b910a6fa7bfdffa11ce26ff89370271d861507be821cc49aa",
}

/** What to do where there is no network, or the files are not to be had. */
export const BY_HAND = `Level 2 needs two files that are not part of this project:
  ${FIRMWARE.name}, the DeviceScript firmware for the Pico: ${FIRMWARE.urls[0]}
  bootrom.bin, the 16384 bytes of the RP2040's bootrom: those at the beginning of address 0 in ${BOOTROM.urls[0]}
Fetch them on a machine with a network (npm run emulate -- --download does it there and says where they are) and name them:
  DEVS_FW_UF2=${FIRMWARE.name} RP2040_BOOTROM=bootrom.bin npm run emulate`

/**
 * Fetches firmware and bootrom into a folder, unless they are there from before, and looks at them.
 * @returns their paths
 * @throws Error saying which could not be had and why
 */
export async function download(folder: string, print: (line: string) => void, get?: Get): Promise<{ firmware: string; bootrom: string }> {
  const firmware = await pinnedFile(folder, FIRMWARE, (bytes) => describeFirmware(bytes, FIRMWARE), print, get)
  const elf = await pinnedFile(folder, BOOTROM, (bytes) => describeRom(romOfElf(bytes)), print, get)
  const bootrom = join(folder, "bootrom.bin")
  writeFileSync(bootrom, romOfElf(readFileSync(elf)))
  return { firmware, bootrom }
}
