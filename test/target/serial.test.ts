import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest"
import { needs, without } from "../needs.js"
import { fatfsImage } from "../sim/card/images.js"
import { compare, openRecording } from "../sim/device/recording.js"
import { serialTarget } from "../sim/target/serial.js"
import { vmTarget } from "../sim/target/vm.js"

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const BOARD = join(import.meta.dirname, "board.py")
const need = process.platform === "win32" ? without("this is Windows") : needs("python3", "stty")

describe("the driver of a real board, with a pseudo-terminal that plays one", need, () => {
  let folder = ""
  let board: ChildProcess | undefined

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
    const machine = await vmTarget.boot({ card: await fatfsImage(40, 512), format: "ddff" })
    await machine.run(3000)
    writeFileSync(join(folder, "low.img"), await machine.card())
    board = spawn("python3", [BOARD, folder], { stdio: ["ignore", "pipe", "inherit"] })
    const path = await new Promise<string>((resolve) => board?.stdout?.once("data", (bytes: Buffer) => resolve(bytes.toString().trim())))
    vi.stubEnv("FIELDLOG_SERIAL", path)
    vi.stubEnv("FIELDLOG_BENCH", `python3 '${BOARD}' '${folder}'`)
  })

  afterAll(() => {
    board?.kill()
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  test("puts card and straps in place, hears the console, and reads the card after the cut", async () => {
    expect(serialTarget.missing()).toBe(null)
    const target = await serialTarget.boot({ card: new Uint8Array(512), format: "ddff" })
    expect(await target.run(60_000, target.logging)).toBe(true)
    expect(target.console().split(/[\r\n]+/)).toEqual(["> starting", "> .....", "> logging", ""])
    await target.pin("GP21", true)
    await target.cut()
    const found = await compare(await openRecording(await target.card(), "/LOG00001.DDF"))
    expect(found.imu).toMatchObject({ wrong: 0, missing: 0 })
  })

  test("says what the bench refuses, and what is no serial port", async () => {
    const start = { card: new Uint8Array(512), format: "meteor" } as const
    vi.stubEnv("FIELDLOG_BENCH", `python3 '${BOARD}' '${folder}' sudo`)
    await expect(serialTarget.boot(start)).rejects.toThrow("the bench knows no sudo power off")
    vi.stubEnv("FIELDLOG_BENCH", "true")
    vi.stubEnv("FIELDLOG_SERIAL", BOARD)
    await expect(serialTarget.boot(start)).rejects.toThrow("board.py takes no serial settings")
  })
})
