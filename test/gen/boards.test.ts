import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { boardNames, buildForBoard, readBoard } from "../../host/gen/board-program.js"
import { firmwareOf, isFirmware } from "../../host/gen/firmware-file.js"
import { groups } from "../../shared/channels.js"

const root = join(import.meta.dirname, "../..")
const LABELS = ["SD_MISO", "SD_CS", "SD_SCK", "SD_MOSI", "BTN", "LED", "A1", "A2", "A3", "BAT"]
/** Building all takes some seconds each: in CI, or when asked. */
const BUILD = process.env.CI === "true" || process.env.FIELDLOG_BOARDS === "1"

/** Pins by kind of chip: which a program may use, and which have a converter. Source: arch.json of devicescript-pico and -esp32. */
const CHIPS: Readonly<Record<string, { io: readonly number[]; input?: readonly number[]; analog: readonly number[] }>> = {
  rp2040: { io: range(0, 29), analog: range(26, 29) },
  rp2040w: { io: [...range(0, 22), ...range(26, 28)], analog: range(26, 28) },
  esp32c3: { io: [...range(0, 10), 20, 21], analog: range(0, 4) },
  esp32: { io: [0, 1, 2, 3, 4, 5, 12, 13, 14, 15, 18, 19, 21, 22, 23, 25, 26, 27, 32, 33], input: range(34, 39), analog: range(32, 39) },
  esp32s3: { io: [...range(0, 18), 21, ...range(33, 48)], analog: range(1, 10) },
}

test("the boards are those that are promised", () => {
  expect(boardNames(root)).toEqual(["esp32_devkitc", "esp32c3", "esp32s3", "pico", "pico_w", "xiao_esp32c3"])
  const ids = boardNames(root).map((name) => readBoard(root, name).productId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids) expect(id).toMatch(/^0x3[0-9a-f]{7}$/)
})

describe.each(boardNames(root))("board %s", (name) => {
  const board = readBoard(root, name)
  const { pins, i2c, $shared = {} } = board
  const pinOf = (label: string) => pins[$shared[label] ?? label] as number

  test("has every label on a pin that can do it, and none twice", () => {
    const chip = CHIPS[board.archId]
    if (chip === undefined) throw new Error(`no such chip ${board.archId}`)
    for (const label of LABELS) {
      const pin = pinOf(label)
      const analog = /^(A\d|BAT)$/.test(label)
      expect(analog ? chip.analog : chip.io, `${label} on ${pin}`).toContain(pin)
    }
    const all = [...Object.values(pins), i2c.pinSDA, i2c.pinSCL]
    expect(new Set(all).size).toBe(all.length)
    for (const pin of [i2c.pinSDA, i2c.pinSCL]) expect(chip.io).toContain(pin)
  })

  test("has the pins that the channel list names", () => {
    const named = groups.flatMap(({ source }) => source.with.flatMap((value) => (typeof value === "object" ? value : [])))
    for (const label of named) expect(pinOf(label), label).toBeTypeOf("number")
  })

  test("has a wiring page that says the same", () => {
    const page = readFileSync(join(root, "boards", `fieldlog_${name}.md`), "utf8")
    expect(page).toContain("```\n")
    expect(page).toContain(`npm run firmware -- --board ${name}`)
    for (const label of LABELS.filter((each) => each.startsWith("SD_"))) {
      expect(page, label).toMatch(new RegExp(`\\| .*${label.slice(3)}.*\\| .*\\b(GP|GPIO)${pinOf(label)}\\b`))
    }
    expect(existsSync(join(root, "boards", `fieldlog_${name}.board.json`))).toBe(true)
  })

  test.skipIf(!BUILD)("builds (needs CI or FIELDLOG_BOARDS=1)", { timeout: 300_000 }, () => {
    const bytes = buildForBoard(root, name)
    expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe("DevS")
    expect(bytes.length).toBeGreaterThan(20_000)
  })
})

test("there is a firmware for every board, and only firmware is taken for one", () => {
  for (const name of boardNames(root)) expect(firmwareOf(readBoard(root, name).archId).url).toMatch(/^https:.*\.(uf2|bin)$/)
  expect(isFirmware(uf2(0x10000000), ".uf2")).toBe(true)
  expect(isFirmware(uf2(0x10000000).subarray(1), ".uf2")).toBe(false)
  expect(isFirmware(new Uint8Array(0), ".uf2")).toBe(false)
  expect(isFirmware(new Uint8Array(70_000), ".bin")).toBe(false)
  expect(isFirmware(Uint8Array.of(0xe9, ...new Uint8Array(70_000)), ".bin")).toBe(true)
})

test("the firmware command says which boards there are, and what it cannot use", () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/host/gen/firmware.js"), ...args], { encoding: "utf8" })
    return { status, text: stdout + stderr }
  }
  expect(run()).toMatchObject({ status: 2, text: expect.stringContaining("pico_w") })
  expect(run("--board", "arduino")).toMatchObject({ status: 1, text: expect.stringContaining("no board arduino") })
  const notFirmware = run("--board", "pico", "--firmware", join(root, "package.json"))
  expect(notFirmware).toMatchObject({ status: 1, text: expect.stringContaining("is no .uf2 firmware for RP2040") })
})

test.skipIf(!BUILD)("one image holds firmware, pins and program (needs CI or FIELDLOG_BOARDS=1)", { timeout: 300_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-firmware-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [firmware, output] = [join(folder, "firmware.uf2"), join(folder, "image.uf2")]
  writeFileSync(firmware, uf2(0x10000000))
  const args = [join(root, "dist/host/gen/firmware.js"), "--board", "pico", "--firmware", firmware, "--output", output]
  const run = spawnSync(process.execPath, args, { encoding: "utf8" })
  expect(run.stderr + run.stdout).toContain("RPI-RP2")
  const image = readFileSync(output)
  const places = Array.from({ length: image.length / 512 }, (_, i) => image.readUInt32LE(i * 512 + 12))
  expect(places).toContain(0x10000000)
  // The board's settings and the program's storage. Source: arch.json of devicescript-pico.
  expect(places.some((at) => at >= 0x100dc000 && at < 0x100e0000)).toBe(true)
  expect(places.filter((at) => at >= 0x100e0000).length * 256).toBeGreaterThan(20_000)
})

/** A UF2 file of one block. Source: Microsoft UF2, File format. */
function uf2(at: number): Uint8Array {
  const block = Buffer.alloc(512)
  for (const [place, word] of [
    [0, 0x0a324655],
    [4, 0x9e5d5157],
    [8, 0x2000],
    [12, at],
    [16, 256],
    [24, 1],
    [28, 0xe48bff56],
    [508, 0x0ab16f30],
  ] as const)
    block.writeUInt32LE(word, place)
  return block
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
