import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { expect, test, vi } from "vitest"
import { BALLAST } from "../../devicescript/src/memory.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage } from "../sim/card/images.js"
import { createLog, machine, slotOf } from "../sim/card/machine.js"
import type { SimulatedCard } from "../sim/card/sd-card.js"
import { bytecode, deviceFolder } from "../sim/device/build.js"
import { tinyCard } from "../sim/device/cards.js"
import { loggerPeer } from "../sim/device/logger.js"
import { tenFiles } from "../sim/device/ten.js"
import { TURN_LIMIT } from "../sim/device/turns.js"
import { Panic, startVm } from "../sim/device/vm.js"
import { DDFF_FOUR, DDFF_LONE, DDFF_TEN, METEOR_LONE, METEOR_TEN } from "./programs/kinds.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

/**
 * What the device may cost, held against `budget.json`. `limit` is the promise; `measured` is today's figure, exact to two per cent, so
 * that a change shows in the file. FIELDLOG_BUDGET=write writes the figures down.
 */
const path = join(deviceFolder, "..", "test", "device", "budget.json")
const writing = process.env.FIELDLOG_BUDGET === "write"
const budget = JSON.parse(readFileSync(path, "utf8")) as Record<string, Record<string, { limit: number; measured: number }>>

const PIECE = 264

function hold(kind: string, name: string, value: number): void {
  const entry = budget[kind]?.[name]
  if (entry === undefined) throw new Error(`budget.json has no ${kind}.${name}`)
  expect(value, `${kind}.${name}`).toBeLessThanOrEqual(entry.limit)
  if (writing) {
    entry.measured = Math.round(value * 10) / 10
    writeFileSync(path, `${JSON.stringify(budget, null, 2)}\n`)
    return
  }
  expect(
    Math.abs(value - entry.measured) / entry.measured,
    `${kind}.${name}: measured ${value}, budget.json says ${entry.measured}`,
  ).toBeLessThan(0.02)
}

for (const { path: file, text } of tenFiles()) {
  test(`${file} is what the generator writes`, () => {
    const place = join(deviceFolder, "..", file)
    if (writing) {
      mkdirSync(dirname(place), { recursive: true })
      writeFileSync(place, text)
    }
    expect(readFileSync(place, "utf8")).toBe(text)
  })
}

test("a row takes its steps from values in memory to the sealed and numbered sector, and no more", async () => {
  const bare = await stepsPerTurn(0)
  for (const [mode, name, { groups }] of [
    [1, "meteorLone", METEOR_LONE],
    [2, "meteorTen", METEOR_TEN],
    [3, "ddffLone", DDFF_LONE],
    [4, "ddffTen", DDFF_TEN],
    [5, "ddffFour", DDFF_FOUR],
  ] as const) {
    hold("steps", name, ((await stepsPerTurn(mode)) - bare) / groups)
  }
})

/**
 * Rows of `programs/ten`, with the RP2040's cycles for one: what test/rp2040/cycles.test.ts measured on the real firmware v2.16.0. A step takes
 * 250 to 520 cycles: calls and fields of objects are the dear ones. When the steps move, the cycles have to be measured anew.
 */
const ROWS = [
  { what: "Meteor topic, 11 bytes", kind: "meteorLone" },
  { what: "Meteor composite of ten channels, 27 bytes", kind: "meteorTen" },
  { what: "ddff record of one channel, 13 bytes", kind: "ddffLone" },
  { what: "ddff record of four channels, 21 bytes", kind: "ddffFour" },
  { what: "ddff record of ten channels, 38 bytes", kind: "ddffTen" },
] as const

test("docs/logger.md has the steps of a row as they are, and the rates that follow", () => {
  const lines = ["| row | steps | cycles | rows a second, a third of the time free | and none |", "| --- | --: | --: | --: | --: |"]
  for (const { what, kind } of ROWS) {
    const cycles = Math.round(budget.cycles?.[kind]?.measured ?? 0)
    const all = 125e6 / cycles
    lines.push(`| ${what} | ${Math.round(budget.steps?.[kind]?.measured ?? 0)} | ${cycles} | ${round((all * 2) / 3)} | ${round(all)} |`)
  }
  holdTable("rows", lines)
})

/**
 * The rates that the board is to hold with its card and a third of the time free (test/rp2040/rates.test.ts measures them), and how many of
 * their rows a sector takes.
 */
const ASKED = [
  { what: "4,500 Meteor topics", kind: "meteorLone", rate: 4500, inSector: 45 },
  { what: "1,500 Meteor composites", kind: "meteorTen", rate: 1500, inSector: 18 },
  { what: "450 ddff records of four channels", kind: "ddffFour", rate: 450, inSector: 22 },
] as const
const FREE_HZ = (125e6 * 2) / 3

test("the rates that are asked for allow more steps than a row takes, its share of the sector on the way to the card included", () => {
  const lines = ["| a second | a row may take, steps | and takes |", "| --- | --: | --: |"]
  const sector = budget.steps?.sectorStreamed?.measured as number
  for (const { what, kind, rate, inSector } of ASKED) {
    const steps = budget.steps?.[kind]?.measured as number
    const allowed = (FREE_HZ / rate / (budget.cycles?.[kind]?.measured as number)) * steps
    const takes = steps + sector / inSector
    expect(takes, what).toBeLessThan(allowed)
    lines.push(`| ${what} | ${Math.floor(allowed)} | ${Math.ceil(takes)} |`)
  }
  holdTable("asked", lines)
})

/** Holds a table of docs/logger.md against today's lines. */
function holdTable(name: string, lines: readonly string[]): void {
  const path = join(deviceFolder, "..", "docs", "logger.md")
  const page = readFileSync(path, "utf8")
  const begin = `<!-- ${name}: test/device/budget.test.ts -->\n`
  const end = `<!-- end of ${name} -->`
  const [from, to] = [page.indexOf(begin) + begin.length, page.indexOf(end)]
  expect(from, name).toBeGreaterThan(begin.length)
  const today = `${page.slice(0, from)}\n${lines.join("\n")}\n\n${page.slice(to)}`
  if (writing) writeFileSync(path, today)
  else expect(page).toBe(today)
}

/** Two digits that count. */
function round(rate: number): number {
  return Number(rate.toPrecision(2))
}

/**
 * What the firmware keeps a program in on the RP2040: 27 of the 28 data pages of its storage (jd_fstor.c, with the 128 kB of the Pico's
 * jd_user_config.h), less a header of 128 bytes. A replaced program's pages are free again before the next is placed. An ESP32 has twice
 * that. The budget stays well below, for programs with more sensors; a program of 93 kB was seen to run on the real firmware.
 */
const FIRMWARE_ROOM = 27 * 4096 - 128

test("a sector takes its steps on the way to the card", async () => {
  hold("steps", "sectorStreamed", await stepsPerCommand(1, (card) => card.blocks))
  hold("steps", "sectorSingle", await stepsPerCommand(2, (card) => card.blocks))
})

test("nothing that is done with a card keeps the processor from the samplers for long", async () => {
  for (const [part, steps] of await longestTurns()) hold("turns", part, steps)
})

test("the programs fit", () => {
  for (const { limit } of Object.values(budget.bytecode ?? {})) expect(limit).toBeLessThan(FIRMWARE_ROOM)
  hold("bytecode", "simulator", bytecode("devicescript/src/simulator.ts").length)
  hold("bytecode", "board", bytecode("devicescript/src/board.ts").length)
  hold("bytecode", "emulated", bytecode("devicescript/src/emulated.ts").length)
})

test("the running logger takes its heap and no more; the ballast leaves 6 to 12 kB", async () => {
  const empty = await freeHeap("meteor", false, 0)
  for (const format of ["meteor", "ddff"] as const) {
    hold("heap", format, empty - (await freeHeap(format, true, 0)))
    const rest = await freeHeap(format, true, BALLAST)
    expect(rest).toBeGreaterThan(6_000)
    expect(rest).toBeLessThan(12_000)
  }
})

/** Rows encoded until the machine stops the program, as steps a row. */
async function stepsPerTurn(mode: number): Promise<number> {
  let counter = new Uint8Array(8)
  const vm = await startVm(bytecode("test/device/programs/steps.ts"), {
    ask: () => mode,
    tell() {},
    exchange(bytes) {
      counter = bytes as Uint8Array<ArrayBuffer>
    },
  })
  expect(() => vm.run(1000)).toThrow(expect.objectContaining({ code: 60_001 }))
  const view = new DataView(counter.buffer, counter.byteOffset, 8)
  expect(view.getUint32(4, true)).toBe(0)
  return TURN_LIMIT / view.getUint32(0, true)
}

/** Steps of the card's code for each of what is counted of the card, until the machine stops the program. */
async function stepsPerCommand(mode: number, count: (card: SimulatedCard) => number): Promise<number> {
  const card = { busy: () => 0, busyAfterStop: 0, eraseBusy: 0, readDelay: 0 }
  const peer = loggerPeer(memoryDisk(await tinyCard()), { format: "meteor", card })
  let before = 0
  const vm = await startVm(bytecode("test/device/programs/card-steps.ts"), {
    ...peer,
    ask: () => mode,
    tell(name, value, now) {
      if (name === "begin") before = count(peer.card)
      else peer.tell(name, value, now)
    },
  })
  expect(() => vm.run(20_000)).toThrow(expect.objectContaining({ code: 60_001 }))
  return TURN_LIMIT / (count(peer.card) - before)
}

/** The longest turn of each part of `programs/card-turns.ts`, in steps: on a full root folder, after a power cut, with and without an erase. */
async function longestTurns(): Promise<Map<string, number>> {
  const files = Array.from({ length: 60 }, (_, i) => (i < 40 ? `LOGBOOK${i + 10}TX` : `LOG000${i}MET`))
  const image = await tinyCard(Object.fromEntries(files.map((name) => [name, "x"])), 16384)
  const before = machine(memoryDisk(image))
  await before.card.init()
  await before.volume.mount()
  await createLog(before.segment, "LOG00090MET", 1 << 18)
  for (let n = 0; n < 100; n++) await before.segment.append(slotOf(n))
  await before.segment.sync()

  const longest = new Map<string, number>()
  for (const erase of [0xff, "nothing"] as const) {
    const peer = loggerPeer(memoryDisk(Buffer.from(image)), { format: "meteor", fileBytes: 1 << 20, card: { erase } })
    let part: string | null = null
    const vm = await startVm(bytecode("test/device/programs/card-turns.ts"), {
      ...peer,
      tell(name, value, now) {
        if (name.startsWith("part ")) part = name.slice(5)
        else peer.tell(name, value, now)
      },
      turn(steps) {
        if (part !== null) longest.set(part, Math.max(steps, longest.get(part) ?? 0))
      },
    })
    vm.run(30_000)
    expect(part).toBe("end")
  }
  longest.delete("end")
  return longest
}

/** Bytes that a program can still take, beside the running logger or alone. */
async function freeHeap(format: "meteor" | "ddff", logging: boolean, ballast: number): Promise<number> {
  const peer = loggerPeer(memoryDisk(await fatfsImage(64, 512)), { format, ballast })
  let pieces = 0
  const vm = await startVm(bytecode("test/device/programs/heap.ts"), {
    ...peer,
    ask: (name, now) => (name === "logger" ? Number(logging) : peer.ask(name, now)),
    tell(name, value, now) {
      if (name === "piece") pieces = value + 1
      else peer.tell(name, value, now)
    },
  })
  expect(() => vm.run(20_000)).toThrow(Panic)
  if (logging) expect(peer.states.at(-1)?.state).toBe("logging")
  return pieces * PIECE
}
