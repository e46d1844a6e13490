import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { GPIOPinState } from "rp2040js"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import type { BenchVerdict } from "../../host/logger/bench-verdict.js"
import { fieldlog } from "../cli/command.js"
import { without } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import type { Chip } from "../sim/chips/i2c.js"
import { Mpu6050 } from "../sim/chips/mpu6050.js"
import { deviceFolder } from "../sim/device/build.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { bootImage } from "../sim/rp2040/firmware.js"

// Emulators take their time.
vi.setConfig({ testTimeout: 600_000 })

const root = join(deviceFolder, "..")
const files = levelTwoFiles()
const [BUTTON, LIGHT] = [22, 25]

/** Codes of the converter at GP26 to GP29. */
const LEVELS = [1000, 2000, 930, 2600]

/** What a person drops onto a Pico, in rp2040js: the images as the command makes them, from the firmware that it is given. */
describe("level 2, the images of npm run firmware", without("missing" in files ? files.missing : null), () => {
  test("the logger writes what answers, counts what does not, and names it in LOGERR.TXT", async () => {
    const pico = await boot("board", [], "format = ddff\n")
    expect(pico.run(15, pico.streams)).toBe("done")
    // The rows of the last second wait in memory: that is how long the logger keeps a sector that is not full.
    pico.run(4)
    const card = pico.card()
    expect(await card.text("/LOGERR.TXT")).toBe("imu: no answer at I2C address 104\r\n")
    const rows = await card.statistics("LOG00001.DDF")
    expect(rows.ax?.count).toBe(0)
    expect(rows.throttle?.count).toBeGreaterThanOrEqual(30)
    // One row in ten of those that were due each second, for a hundred were the silent sensor's.
    const { count, min, max } = rows.dropped as Statistics
    expect(count).toBeGreaterThanOrEqual(3)
    expect(Math.abs((max - min) / (count - 1) - 100)).toBeLessThanOrEqual(2)
    for (const [channel, i, full, zero] of [
      ["throttle", 0, 125, -12.5],
      ["brake", 1, 125, -12.5],
      ["temperature", 2, 330, -50],
      ["supply", 3, 9.9, 0],
    ] as const) {
      const expected = zero + (full * (LEVELS[i] as number)) / 4096
      for (const end of ["min", "max"] as const) expect(rows[channel]?.[end], channel).toBeCloseTo(expected, 1)
    }
  })

  test("the logger reads the chip on its I2C, and its button closes the file", async () => {
    const chip = new Mpu6050()
    chip.acceleration = [0.25, -0.5, 1]
    chip.rotation = [-100, 10, 400]
    const pico = await boot("board", [chip])
    expect(pico.run(15, pico.streams)).toBe("done")
    pico.run(2)
    pico.press()
    expect(pico.run(3, pico.steady)).toBe("done")
    const card = pico.card()
    expect((await card.fieldlog("check", ":/LOG00001.MET")).code).toBe(0)
    expect((await card.fieldlog("card", "ls")).out).not.toContain("LOGERR.TXT")
    const rows = await card.statistics("LOG00001.MET")
    for (const [channel, felt] of [
      ["ax", 0.25],
      ["ay", -0.5],
      ["az", 1],
      ["gx", -100],
      ["gy", 10],
      ["gz", 400],
    ] as const) {
      expect(rows[channel]).toMatchObject({ min: expect.closeTo(felt, 1), max: expect.closeTo(felt, 1) })
      expect(rows[channel]?.count).toBeGreaterThan(190)
    }
    expect(rows.dropped?.max).toBe(0)
  })

  test("sdbench measures the card, and fieldlog stats says what it holds", async () => {
    const pico = await boot("sdbench")
    // The header, a hundred by themselves, and a stream of a second.
    expect(pico.run(25, () => pico.sectors() >= 400)).toBe("done")
    pico.press()
    expect(pico.run(3, pico.steady)).toBe("done")
    const card = pico.card()
    const { out } = await card.fieldlog("stats", ":/LOG00001.BTS")
    console.log(out.split("\n").slice(5).join("\n"))
    const { card: verdict } = JSON.parse((await card.fieldlog("stats", "--json", ":/LOG00001.BTS")).out) as { card: BenchVerdict }
    expect(verdict.single.reduce((a, b) => a + b, 0)).toBe(100)
    expect(verdict.stream.reduce((a, b) => a + b, 0)).toBeGreaterThan(200)
    expect(verdict.slowestMs).toBeLessThan(50)
    expect(verdict.holds).toBeGreaterThan(100)
    expect(verdict.holds).toBeLessThanOrEqual(verdict.sustained)
    expect(out).toMatch(/meteor needs .*: held\n.*ddff needs .*: held/)
  })
})

interface Statistics {
  readonly count: number
  readonly min: number
  readonly max: number
}

/** An emulated Pico with the image of a program: its card, its button and its light. */
async function boot(program: "board" | "sdbench", chips: readonly Chip[] = [], settings = "") {
  if ("missing" in files) throw new Error(files.missing)
  const disk = await fatfsImage(136, 2048)
  const spec = readFileSync(join(root, "shared", "LOGSPEC.JSN"))
  await writeFiles(disk, { "LOGGER.CFG": Buffer.from(`file = 64\n${settings}`), "LOGSPEC.JSN": spec })
  const { machine, card, streams } = bootImage(made(program, files.firmware), files.bootrom, memoryDisk(disk), { chips })
  const { adc, gpio } = machine.mcu
  for (const [i, level] of LEVELS.entries()) adc.channelValues[i] = level
  let litSince = Number.POSITIVE_INFINITY
  gpio[LIGHT]?.addListener((state) => {
    litSince = state === GPIOPinState.High ? machine.nanos : Number.POSITIVE_INFINITY
  })
  return {
    streams,
    sectors: () => card.blocks,
    /** It has shone for longer than it does in any blinking. */
    steady: () => machine.nanos - litSince > 0.5e9,
    run: (seconds: number, done?: () => boolean) => machine.run(seconds * 1e9, done).why,
    press() {
      gpio[BUTTON]?.setInputValue(false)
      machine.run(0.2e9)
      gpio[BUTTON]?.setInputValue(true)
    },
    /** The card in the laptop. */
    card: () => onLaptop(disk),
  }
}

function onLaptop(disk: Uint8Array) {
  const folder = temporary()
  writeFileSync(join(folder, "card.img"), disk)
  const command = (...words: string[]) => {
    const last = words.at(-1) as string
    const args = last.startsWith(":") ? [...words.slice(0, -1), `card.img${last}`] : [...words, "card.img"]
    return fieldlog(args, { cwd: folder })
  }
  return {
    /** Runs a command on the card, or on a file of it: `:/LOG00001.MET`. */
    fieldlog: command,
    async text(path: string) {
      const card = await openImage(memorySource(disk))
      const file = card.open(path)
      return Buffer.from(await file.read(0, file.size)).toString()
    },
    async statistics(name: string) {
      const { out } = await command("stats", "--json", `:/${name}`)
      const { channels } = JSON.parse(out) as { channels: (Statistics & { channel: string })[] }
      return Object.fromEntries(channels.map((each) => [each.channel, each])) as Readonly<Record<string, Statistics>>
    },
  }
}

const images = new Map<string, Uint8Array>()

function made(program: string, firmware: string): Uint8Array {
  const known = images.get(program)
  if (known !== undefined) return known
  const output = join(temporary(), `${program}.uf2`)
  const args = [
    join(root, "dist/host/gen/firmware.js"),
    "--board",
    "pico",
    "--program",
    program,
    "--firmware",
    firmware,
    "--output",
    output,
  ]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(stderr)
  const image = readFileSync(output)
  images.set(program, image)
  return image
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-image-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}
