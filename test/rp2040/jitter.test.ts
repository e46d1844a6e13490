import { GPIOPinState } from "rp2040js"
import { describe, expect, test } from "vitest"
import { without } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage } from "../sim/card/images.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { bootLogger } from "../sim/rp2040/firmware.js"

const files = levelTwoFiles()
const MARK_PIN = 2
const PERIOD_MS = 10
const SECONDS = 5
const WITHIN_MS = 0.2

/** The whole program on the real firmware, card writes and slower groups included. */
describe("level 2, punctuality in rp2040js", without("missing" in files ? files.missing : null), () => {
  test("a group at 100 Hz is sampled within 0.2 ms of its time, but for a turn in a hundred", { timeout: 900_000 }, async () => {
    if ("missing" in files) throw new Error(files.missing)
    const disk = memoryDisk(await fatfsImage(64, 512))
    const { machine, streams } = bootLogger(files, disk, "meteor", "test/device/programs/jitter.ts")
    const edges: number[] = []
    machine.mcu.gpio[MARK_PIN]?.addListener((state) => {
      if (state === GPIOPinState.Low || state === GPIOPinState.High) edges.push(machine.nanos / 1e6)
    })
    machine.run(15e9, streams)
    // The side files are written meanwhile.
    machine.run(8e9)
    edges.length = 0
    machine.run(SECONDS * 1e9)
    const first = edges[0] as number
    const off = edges.map((edge) => edge - first - PERIOD_MS * Math.round((edge - first) / PERIOD_MS))
    const middle = [...off].sort((a, b) => a - b)[off.length >> 1] as number
    const late = off.map((ms) => ms - middle)
    const within = late.filter((ms) => Math.abs(ms) <= WITHIN_MS).length / late.length
    const span = `${Math.min(...late).toFixed(3)} to ${Math.max(...late).toFixed(3)} ms`
    console.log(`100 Hz: ${edges.length} turns, ${(100 * within).toFixed(1)} % within ${WITHIN_MS} ms, ${span} off`)
    expect(edges.length).toBeGreaterThan(100 * SECONDS - 2)
    expect(within).toBeGreaterThan(0.99)
    expect(Math.max(...late.map(Math.abs))).toBeLessThan(2)
  })
})
