import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { boardNames, readBoard, runDevs, stageProgram } from "../../host/gen/board-program.js"
import { firmwareOf } from "../../host/gen/firmware-releases.js"
import { DOWNLOADS } from "../../host/gen/pinned-file.js"
import { groups } from "../../shared/channels.js"
import { without } from "../needs.js"
import { uf2Firmware } from "./tiny-firmware.js"

const root = join(import.meta.dirname, "../..")
const LABELS = ["SD_MISO", "SD_CS", "SD_SCK", "SD_MOSI", "BTN", "LED", "A1", "A2", "A3", "BAT"]
/** Building all takes some seconds each: in CI, or when asked. */
const asked = without(process.env.CI === "true" || process.env.FIELDLOG_BOARDS === "1" ? null : "FIELDLOG_BOARDS is not 1")

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

  test("builds", { timeout: 300_000, ...asked }, () => {
    const bytes = buildForBoard(root, name)
    expect(Buffer.from(bytes.subarray(0, 4)).toString()).toBe("DevS")
    expect(bytes.length).toBeGreaterThan(20_000)
  })
})

test("the firmware command says which boards there are, and what it cannot use", () => {
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "dist/host/gen/firmware.js"), ...args], { encoding: "utf8" })
    return { status, text: stdout + stderr }
  }
  expect(run()).toMatchObject({ status: 2, text: expect.stringContaining("pico_w") })
  expect(run("--board", "arduino")).toMatchObject({ status: 1, text: expect.stringContaining("no board arduino") })
  const notFirmware = run("--board", "pico", "--firmware", join(root, "package.json"))
  expect(notFirmware).toMatchObject({
    status: 1,
    text: expect.stringContaining("is no .uf2 firmware for the RP2040: a UF2 file is blocks of 512"),
  })
})

const ours = firmwareOf("esp32s3")
test(
  "the firmware command says why a download failed, and how to give the file by hand",
  without(existsSync(join(root, DOWNLOADS, ours.version, ours.name)) ? "a former run left the firmware" : null),
  () => {
    const offline =
      'data:text/javascript,globalThis.fetch = async () => { throw new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND github.com") }) }'
    const args = ["--import", offline, join(root, "dist/host/gen/firmware.js"), "--board", "esp32s3"]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" })
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" })
    expect(stderr).toMatch(/^firmware: the firmware v[\d.]+ cannot be downloaded:\n {2}https:.*\.bin: getaddrinfo ENOTFOUND github.com\n/)
    expect(stderr).toContain(`and give it: npm run firmware -- --board esp32s3 --firmware ${ours.name}\n`)
  },
)

test("one image holds firmware, pins and program", { timeout: 300_000, ...asked }, () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-firmware-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const [firmware, output] = [join(folder, "firmware.uf2"), join(folder, "image.uf2")]
  writeFileSync(firmware, uf2Firmware())
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

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

/** Builds the logger for a board. @returns its bytecode */
function buildForBoard(root: string, name: string): Uint8Array {
  const folder = stageProgram(root, name)
  const bytecode = join(folder, ".devicescript", "bin", "bytecode.devs")
  rmSync(bytecode, { force: true })
  runDevs(folder, ["build", "--quiet", "src/board.ts"])
  if (!existsSync(bytecode)) throw new Error(`no bytecode for ${name}`)
  return readFileSync(bytecode)
}
