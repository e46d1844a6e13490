import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { describeFirmware } from "../../host/gen/firmware-file.js"
import { firmwareOf } from "../../host/gen/firmware-releases.js"
import { uf2Firmware } from "../gen/tiny-firmware.js"
import { without } from "../needs.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { describeRom, romOfElf } from "./bootrom.js"
import { BY_HAND, download } from "./download.js"

function rom(): Uint8Array {
  const view = new DataView(new ArrayBuffer(16_384))
  view.setUint32(0, 0x20041f00, true)
  view.setUint32(4, 0xeb, true)
  view.setUint32(0x10, 0x0301754d, true)
  return new Uint8Array(view.buffer)
}

function elf(size = 16_384): Uint8Array {
  const file = new Uint8Array(84 + 16_384)
  const view = new DataView(file.buffer)
  view.setUint32(0, 0x7f454c46, false)
  view.setUint32(28, 52, true)
  view.setUint16(42, 32, true)
  view.setUint16(44, 1, true)
  for (const [member, value] of [
    [0, 1],
    [4, 84],
    [12, 0],
    [16, size],
  ] as const) {
    view.setUint32(52 + member, value, true)
  }
  file.set(rom(), 84)
  return file
}

describe("a bootrom", () => {
  test("comes out of its ELF file", () => {
    expect(romOfElf(elf())).toEqual(rom())
    expect(describeRom(rom())).toBe("version 3, stack 0x20041f00, reset 0x000000eb")
  })

  test("that is cut, marked wrong or no ELF file is refused", () => {
    expect(() => romOfElf(elf(16_380))).toThrow("no 16384 bytes for address 0")
    expect(() => romOfElf(elf().subarray(0, 16_384))).toThrow("no 16384 bytes for address 0")
    expect(() => romOfElf(new Uint8Array(100))).toThrow("no ELF file")
    expect(() => describeRom(rom().subarray(1))).toThrow("this file has 16383")
    expect(() => describeRom(rom().fill(0, 16, 17))).toThrow("mark")
  })
})

const files = levelTwoFiles()
test("the two files that are given are such", without("missing" in files ? files.missing : null), () => {
  if ("missing" in files) throw new Error(files.missing)
  expect(describeFirmware(readFileSync(files.firmware), firmwareOf("rp2040"))).toMatch(/^\d+ blocks up to 0x100/)
  expect(describeRom(readFileSync(files.bootrom))).toMatch(/^version [123], stack 0x2004/)
})

describe("the download", () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fieldlog-download-"))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test("without a network names each address and the reason, and leaves nothing", async () => {
    const get = async () => {
      throw new Error("getaddrinfo ENOTFOUND github.com")
    }
    await expect(download(folder, () => {}, get)).rejects.toThrow(/releases\/download\/v2\.16\.1\/.*uf2: getaddrinfo ENOTFOUND/)
    expect(readdirSync(folder)).toEqual([])
    expect(BY_HAND).toContain("DEVS_FW_UF2=")
  })

  test("refuses a bootrom with another hash than the pinned one, from every address", async () => {
    const get = async (url: string) => (url.endsWith(".uf2") ? uf2Firmware() : elf())
    const printed: string[] = []
    await expect(download(folder, (line) => printed.push(line), get)).rejects.toThrow(
      /pico-bootrom-rp2040.*sha256 [0-9a-f]{64} instead of 3a3c4c61.*\n.*matgla.*instead of/,
    )
    expect(printed.join()).toMatch(/uf2: 2 blocks .*nothing is known to compare with/)
  })

  test("refuses a firmware that is none, also one from before, and says what each was", async () => {
    const path = join(folder, "v2.16.1", "devicescript-rp2040-pico.uf2")
    mkdirSync(join(folder, "v2.16.1"))
    writeFileSync(path, "Not Found")
    const get = async () => uf2Firmware((image) => image.setUint8(7, 1))
    const refused = download(folder, () => {}, get)
    await expect(refused).rejects.toThrow(/blocks of 512 bytes, this has 9 bytes\nhttps.*CRC does not fit/)
    expect(readFileSync(path, "utf8")).toBe("Not Found")
  })
})
