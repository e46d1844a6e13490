import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describeFirmware, describeRom, romOfElf } from "./images.js"

/** A file to fetch. */
interface Pin {
  readonly name: string
  /** Tried in turn until one gives what is pinned. */
  readonly urls: readonly string[]
  /** Null where no hash could be known when this was written: then its structure is looked at, and the hash printed. */
  readonly sha256: string | null
  /** What the file is, in words. @throws Error when it is something else */
  readonly look: (file: Uint8Array) => string
}

/** The release workflow of microsoft/devicescript-pico puts this file beside each tag; v2.16.1 is its newest. */
const FIRMWARE: Pin = {
  name: "devicescript-rp2040-pico.uf2",
  urls: ["https://github.com/microsoft/devicescript-pico/releases/download/v2.16.1/devicescript-rp2040-pico.uf2"],
  sha256: null,
  look: describeFirmware,
}

/** Version B2 of the bootrom, from its maker, and the same release file kept in a public repository: the hash is that file's. */
const BOOTROM: Pin = {
  name: "b2.elf",
  urls: [
    "https://github.com/raspberrypi/pico-bootrom-rp2040/releases/download/b2/b2.elf",
    "https://raw.githubusercontent.com/matgla/Renode_RP2040/0d45da458fffadf6ed8c037f4dea9f9d216a7b9d/bootroms/rp2040/b2.elf",
  ],
  sha256: "3a3c4c617d83bc9b910a6fa7bfdffa11ce26ff89370271d861507be821cc49aa",
  look: (file) => describeRom(romOfElf(file)),
}

const LARGEST = 4 * 1024 * 1024
const PATIENCE_MS = 60_000

/** What to do where there is no network, or the files are not to be had. */
export const BY_HAND = `Level 2 needs two files that are not part of this project:
  ${FIRMWARE.name}, the DeviceScript firmware for the Pico: ${FIRMWARE.urls[0]}
  bootrom.bin, the 16384 bytes of the RP2040's bootrom: those at the beginning of address 0 in ${BOOTROM.urls[0]}
Fetch them on a machine with a network (npm run emulate -- --download does it there and leaves them in .build/emulation) and name them:
  DEVS_FW_UF2=devicescript-rp2040-pico.uf2 RP2040_BOOTROM=bootrom.bin npm run emulate`

/** Gets the bytes behind an address. @throws Error when there are none */
export type Get = (url: string) => Promise<Uint8Array>

/**
 * Fetches firmware and bootrom into a folder, unless they are there from before, and looks at them.
 * @returns their paths
 * @throws Error saying which could not be had and why
 */
export async function download(
  folder: string,
  print: (line: string) => void,
  get: Get = fromNetwork,
): Promise<{ firmware: string; bootrom: string }> {
  mkdirSync(folder, { recursive: true })
  const firmware = await fetched(folder, FIRMWARE, print, get)
  const bootrom = join(folder, "bootrom.bin")
  writeFileSync(bootrom, romOfElf(readFileSync(await fetched(folder, BOOTROM, print, get))))
  return { firmware, bootrom }
}

async function fetched(folder: string, pin: Pin, print: (line: string) => void, get: Get): Promise<string> {
  const path = join(folder, pin.name)
  const faults: string[] = []
  for (const from of [path, ...pin.urls]) {
    if (from === path && !existsSync(path)) continue
    try {
      const bytes = from === path ? readFileSync(path) : await get(from)
      const sha256 = createHash("sha256").update(bytes).digest("hex")
      if (pin.sha256 !== null && sha256 !== pin.sha256) throw new Error(`sha256 ${sha256} instead of ${pin.sha256}`)
      print(
        `${path}: ${pin.look(bytes)}; sha256 ${sha256}, ${pin.sha256 === null ? "which nothing is known to compare with" : "as pinned"}`,
      )
      writeFileSync(`${path}.part`, bytes)
      renameSync(`${path}.part`, path)
      return path
    } catch (error) {
      faults.push(`${from}: ${(error as Error).message}`)
    }
  }
  throw new Error(faults.join("\n"))
}

async function fromNetwork(url: string): Promise<Uint8Array> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    const bytes = new Uint8Array(await response.arrayBuffer())
    if (bytes.length > LARGEST) throw new Error(`${bytes.length} bytes, expected at most ${LARGEST}`)
    return bytes
  } catch (error) {
    // "fetch failed" hides why behind it.
    const { cause } = error as { cause?: Error }
    throw new Error(cause?.message ?? (error as Error).message)
  }
}
