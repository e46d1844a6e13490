import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { boardNames, readBoard } from "../../host/gen/board-program.js"
import { describeFirmware } from "../../host/gen/firmware-file.js"
import { firmwareOf } from "../../host/gen/firmware-releases.js"
import { espFirmware, uf2Firmware } from "./tiny-firmware.js"

const root = join(import.meta.dirname, "../..")
const pico = firmwareOf("rp2040")

describe("a firmware for the RP2040", () => {
  test("is told by its blocks, its second stage and its vectors", () => {
    expect(describeFirmware(uf2Firmware(), pico)).toBe(
      "2 blocks up to 0x10000200, second stage's CRC right, stack 0x20042000, reset 0x10000109",
    )
  })

  test.each<[string, (image: DataView) => void, string]>([
    ["with a broken second stage", (image) => image.setUint8(7, 1), "CRC does not fit"],
    ["with a stack outside the memory", (image) => image.setUint32(256, 0x30000000, true), "outside the memory"],
    ["with an even reset vector", (image) => image.setUint32(260, 0x10000108, true), "no Thumb address"],
    ["with a reset vector behind its end", (image) => image.setUint32(260, 0x10001001, true), "leads nowhere"],
  ])("%s is refused", (_, spoil, why) => {
    expect(() => describeFirmware(uf2Firmware(spoil), pico)).toThrow(why)
  })

  test.each<[string, number, number, string]>([
    ["for an RP2350", 28, 0xe48bff59, "UF2 block at byte 0 is for family 0xe48bff59, not for the RP2040"],
    ["for the memory", 12, 0x20000000, "0x20000000, outside the flash"],
  ])("%s is refused", (_, at, word, why) => {
    const other = uf2Firmware(undefined, (file) => file.setUint32(at, word, true))
    expect(() => describeFirmware(other, pico)).toThrow(why)
  })

  test("that is another kind of file is refused", () => {
    expect(() => describeFirmware(uf2Firmware().subarray(1), pico)).toThrow("1023 bytes")
    expect(() => describeFirmware(new Uint8Array(0), pico)).toThrow("0 bytes")
    expect(() => describeFirmware(new Uint8Array(512), pico)).toThrow("no UF2 block at byte 0")
  })
})

test("a firmware for one of Espressif's chips is told by the chip's number in it", () => {
  for (const [archId, chip] of [
    ["esp32", 0],
    ["esp32c3", 5],
    ["esp32s3", 9],
  ] as const) {
    expect(describeFirmware(espFirmware(chip), firmwareOf(archId))).toMatch(/^70000 bytes for the ESP32/)
  }
  expect(() => describeFirmware(espFirmware(9), firmwareOf("esp32c3"))).toThrow("an image for the ESP32-S3, not for the ESP32-C3")
  expect(() => describeFirmware(espFirmware(2), firmwareOf("esp32"))).toThrow("an image for the chip 2, not for the ESP32")
  expect(() => describeFirmware(new Uint8Array(70_000), firmwareOf("esp32"))).toThrow("no image for an ESP32")
})

describe("the list of releases", () => {
  test("has one pinned file for every board, whose name says where it goes", () => {
    for (const name of boardNames(root)) {
      const { archId } = readBoard(root, name)
      const { version, name: file, urls, ending, flashAt, sha256 } = firmwareOf(archId)
      expect(urls[0]).toMatch(new RegExp(`^https://github\\.com/microsoft/devicescript-(pico|esp32)/releases/download/${version}/${file}$`))
      expect(file.startsWith(`devicescript-${archId}-`) && file.endsWith(flashAt === null ? ending : `-${flashAt}${ending}`)).toBe(true)
      if (sha256 !== null) expect(sha256).toMatch(/^[0-9a-f]{64}$/)
    }
    expect(() => firmwareOf("rp2350")).toThrow("no firmware is known for rp2350")
  })

  test("is the only place that names a release", () => {
    const sources = ["host", "test", "shared", "devicescript/src", "boards", "docs", "README.md", ".github"].flatMap((place) =>
      files(join(root, place)),
    )
    const naming = sources.filter((file) => /devicescript-(pico|esp32)\/releases\//.test(readFileSync(file, "utf8")))
    expect(naming).toEqual([])
  })

  test("has the names that the DeviceScript command itself downloads", () => {
    const cli = readFileSync(join(root, "node_modules/@devicescript/cli/built/devicescript-cli.cjs"), "utf8")
    const own = [...cli.matchAll(/bareUrl: "[^"]*\/([^"/]+)"/g)].map((match) => match[1])
    for (const name of boardNames(root)) expect(own).toContain(firmwareOf(readBoard(root, name).archId).name)
  })
})

function files(place: string): string[] {
  if (!existsSync(place)) return []
  if (/\.(md|ts|yml)$/.test(place)) return [place]
  return (readdirSync(place, { recursive: true }) as string[])
    .filter((file) => /\.(md|ts|yml|json)$/.test(file))
    .map((file) => join(place, file))
}
