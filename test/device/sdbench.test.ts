import "../../host/bytes/device-buffer.js"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test, vi } from "vitest"
import { sdBench } from "../../devicescript/src/bench.js"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { openBtsf } from "../../host/formats/btsf/read.js"
import { type BenchVerdict, benchVerdict, heldRate, SLOTS } from "../../host/logger/bench-verdict.js"
import { fieldlog } from "../cli/command.js"
import { installed } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fsck } from "../sim/card/images.js"
import { machine } from "../sim/card/machine.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { bytecode } from "../sim/device/build.js"
import { tinyCard } from "../sim/device/cards.js"
import { loggerPeer } from "../sim/device/logger.js"
import { startVm } from "../sim/device/vm.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const FILE = 1 << 20

/** Runs the bench in Node on a simulated card. @param writes after which the button ends it */
async function inNode(card: Partial<CardOptions>, writes = Number.POSITIVE_INFINITY): Promise<Buffer> {
  let written = 0
  const image = await tinyCard()
  const m = machine(memoryDisk(image), card)
  const states: string[] = []
  await sdBench({
    settings: {
      format: "",
      name: "",
      flushMs: 500,
      fileBytes: FILE,
      fileMs: 0,
      overwrite: false,
      start: "",
      crc: false,
      lowVolts: 0,
      periods: [],
    },
    slots: 0,
    hz: 10_000_000,
    bus: m.bus,
    clock: m.clock,
    flash: async () => "",
    wallClocks: [],
    sources: () => [],
    show: (state) => states.push(state),
    stopped: () => written++ >= writes,
    restart: () => {},
    random: () => 0,
    ballast: 0,
  })
  expect(states).toEqual(["logging", "closed"])
  return image
}

/** The same as bytecode in the board's machine. */
async function inMachine(card: Partial<CardOptions>): Promise<Buffer> {
  const image = await tinyCard()
  const peer = loggerPeer(memoryDisk(image), { format: "meteor", fileBytes: FILE, card })
  const vm = await startVm(bytecode("test/device/programs/sdbench.ts"), peer)
  for (let until = 10_000; until <= 400_000 && peer.states.at(-1)?.state !== "closed"; until += 10_000) vm.run(until)
  expect(peer.states.map(({ state }) => state)).toEqual(["logging", "closed"])
  return image
}

async function verdictOn(image: Uint8Array): Promise<BenchVerdict> {
  const card = await openImage(memorySource(image))
  expect(card.issues).toEqual([])
  const verdict = await benchVerdict(await openBtsf(card.open("/LOG00001.BTS")))
  if (verdict === null) throw new Error("no measurement")
  return verdict
}

const sum = (counts: readonly number[]) => counts.reduce((a, b) => a + b, 0)
const longer = (verdict: BenchVerdict, counts: readonly number[], ms: number) =>
  sum(counts.filter((_, i) => (verdict.belowMs[i - 1] ?? 0) >= ms))

describe.each([
  ["in Node", inNode],
  ["in the machine", inMachine],
] as const)("a card is measured, %s", (_, measure) => {
  test("a fast one", async () => {
    const image = await measure({ busy: () => 500 })
    const verdict = await verdictOn(image)
    // All but the header's sectors, and the last, of which nobody tells any more.
    expect(sum(verdict.single)).toBe(100)
    expect(sum(verdict.stream)).toBe(FILE / 512 - 100 - 3 - 1)
    expect(verdict.slowestMs).toBeLessThan(30)
    expect(verdict.sustained).toBeGreaterThan(200)
    expect(verdict.holds).toBeGreaterThan(100)
    if (installed("fsck.vfat")) expect(fsck(image).clean).toBe(true)
  })

  test("one that pauses for 250 ms every 200 sectors", async () => {
    const verdict = await verdictOn(await measure({ busy: (n) => (n % 200 === 199 ? 250_000 : 500) }))
    expect(verdict.slowestMs).toBeGreaterThanOrEqual(250)
    expect(verdict.slowestMs).toBeLessThan(300)
    expect(longer(verdict, verdict.stream, 128)).toBeGreaterThanOrEqual(8)
    // Fifteen slots bridge a quarter of a second at sixty a second.
    expect(verdict.holds).toBeGreaterThan(48)
    expect(verdict.holds).toBeLessThan(64)
  })
})

test("a bench that was ended soon holds no more than the card sustained", async () => {
  const { stream, sustained, holds } = await verdictOn(await inNode({ busy: () => 4000 }, 160))
  expect(sum(stream)).toBe(59)
  expect(holds).toBe(sustained)
})

test("the rate that is told is the highest that loses nothing", () => {
  expect(heldRate(Array(1000).fill(5), SLOTS)).toBeCloseTo(200, -1)
  const pausing = Array.from({ length: 1000 }, (_, i) => (i % 100 === 99 ? 500 : 2))
  const rate = heldRate(pausing, SLOTS)
  for (const [factor, lost] of [
    [0.99, false],
    [1.01, true],
  ] as const) {
    expect(overflows(pausing, SLOTS, rate * factor)).toBe(lost)
  }
})

/** The ring, step by step: one slot fills, the others wait, the first of them is being written. */
function overflows(durations: readonly number[], slots: number, rate: number): boolean {
  let writerFree = 0
  const waiting: number[] = []
  let next = 0
  for (let k = 0; k < durations.length; k++) {
    const now = ((k + 1) * 1000) / rate
    while (waiting.length > 0 && (waiting[0] as number) <= now) waiting.shift()
    if (waiting.length >= slots - 1) return true
    writerFree = Math.max(writerFree, now) + (durations[next++] as number)
    waiting.push(writerFree)
  }
  return false
}

test("fieldlog stats says what the card can hold", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-sdbench-"))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, "card.img"), await inNode({ busy: (n) => (n % 300 >= 294 ? 450_000 : 500) }))
  const ran = await fieldlog(["stats", "card.img:/LOG00001.BTS"], { cwd: folder })
  expect(ran.code).toBe(0)
  expect(ran.out).toMatch(/slowest write 4\d\d ms; sustained \d+/)
  expect(ran.out).toMatch(/with the logger's 16 sectors of buffer this card holds [5-9]\.\d+ sectors\/s/)
  expect(ran.out).toMatch(/meteor needs .*: held/)
  expect(ran.out).toMatch(/ddff needs .*: NOT held/)
  const json = await fieldlog(["stats", "--json", "card.img:/LOG00001.BTS"], { cwd: folder })
  expect(JSON.parse(json.out).card).toMatchObject({ slots: 16, slowestMs: expect.any(Number) })
})
