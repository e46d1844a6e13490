import { GPIOPinState } from "rp2040js"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { without } from "../needs.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage } from "../sim/card/images.js"
import { bytecode } from "../sim/device/build.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { bootLogger } from "../sim/rp2040/firmware.js"
import { SYSTEM_HZ } from "../sim/rp2040/machine.js"

const files = levelTwoFiles()
const PROGRAM = "test/device/programs/rates.ts"
const MARK_PIN = 2
const SECONDS_A_PHASE = 1.5
const BOOT_SECONDS = 15

/** A phase of `test/device/programs/rates.ts`: what it writes, and the rows a second that it asks for; null: as many as go. */
interface Phase {
  readonly what: string
  /** Rows that have one number: those of one turn. */
  readonly rows: number
  readonly rate: number | null
  /** How far two turns may lie from their distance, ms. */
  readonly jitterMs?: number
  /** Known not to be held (docs/emulation.md): measured and shown, not asked for. */
  readonly tooMuch?: true
}
/** The second phase of a kind asks for half as much again: who holds that has a third of the time free at the rate before it. */
const meteor: readonly Phase[] = [
  { what: "topics of 11 bytes", rows: 45, rate: 4500 },
  { what: "topics of 11 bytes, half as much again", rows: 135, rate: 6750 },
  { what: "composites of ten channels", rows: 15, rate: 1500 },
  { what: "composites of ten channels, half as much again", rows: 45, rate: 2250 },
  { what: "topics, flat out", rows: 45, rate: null },
  { what: "composites, flat out", rows: 15, rate: null },
  { what: "a topic a turn", rows: 1, rate: 100, jitterMs: 0.2 },
  { what: "a topic a turn", rows: 1, rate: 1000, jitterMs: 0.9, tooMuch: true },
]
const ddff: readonly Phase[] = [
  { what: "records of 21 bytes", rows: 9, rate: 450 },
  { what: "records of 21 bytes, half as much again", rows: 27, rate: 675 },
  { what: "records of 13 bytes, flat out", rows: 3, rate: null },
  { what: "records of 21 bytes, flat out", rows: 3, rate: null },
  { what: "records of 38 bytes, flat out", rows: 3, rate: null },
]

test("the program of the rates is built, also where there is no firmware to run it", { timeout: 240_000 }, () => {
  expect(bytecode(PROGRAM).length).toBeGreaterThan(10_000)
})

/**
 * The rates of the hot path on the real firmware. rp2040js counts the core's cycles without flash wait states and bus contention, so the
 * figures are upper bounds: a board is slower.
 */
describe("level 2, rates in rp2040js", without("missing" in files ? files.missing : null), () => {
  test.each([
    ["meteor", meteor],
    ["ddff", ddff],
  ] as const)("%s holds the rates that docs/emulation.md says it holds, none missing", { timeout: 900_000 }, async (format, phases) => {
    if ("missing" in files) throw new Error(files.missing)
    const image = await fatfsImage(64, 512)
    const { machine, streams } = bootLogger(files, memoryDisk(image), format, PROGRAM)
    const edges: number[] = []
    machine.mcu.gpio[MARK_PIN]?.addListener((state) => {
      if (state === GPIOPinState.Low || state === GPIOPinState.High) edges.push(machine.nanos)
    })
    expect(machine.run(BOOT_SECONDS * 1e9, streams).why).toBe("done")
    machine.run((SECONDS_A_PHASE * phases.length + 1.5) * 1e9)
    const rows = await rowsOf(image, format)
    let turns = 0
    const faults: string[] = []
    for (const [i, { what, rows: each, rate, jitterMs, tooMuch }] of phases.entries()) {
      const own = rows.filter(({ phase }) => phase === i)
      const ticks = own.map(({ tick }) => tick)
      const held = ((own.length - each) * 1000) / (Math.max(...ticks) - Math.min(...ticks))
      const missing = turnsOf(own.map(({ n }) => n)) * each - own.length
      let line = `${format}: ${what}${rate === null ? "" : `, ${rate} a second`}: ${held.toFixed(0)} rows/s on the card, ${missing} missing`
      if (rate === null) line += `, ${(SYSTEM_HZ / held).toFixed(0)} cycles a row`
      const late = rate !== null && (missing > 0 || held < 0.99 * rate)
      let uneven = false
      if (rate !== null && jitterMs !== undefined) {
        // The phase's first turn comes while the writer is still busy with the one before.
        const apart = distances(edges.slice(turns + 1, turns + own.length))
        turns += own.length
        const [least, most] = [Math.min(...apart), Math.max(...apart)]
        const within = apart.filter((turn) => Math.abs(turn - 1e3 / rate) <= jitterMs).length
        line += `, turns ${least.toFixed(3)} to ${most.toFixed(3)} ms apart, ${((100 * within) / apart.length).toFixed(1)} % within ${jitterMs} ms`
        uneven = most - 1e3 / rate > jitterMs || 1e3 / rate - least > jitterMs
      }
      console.log(line)
      if ((late || uneven) && !tooMuch) faults.push(line)
    }
    expect(faults).toEqual([])
  })
})

interface Row {
  readonly phase: number
  readonly n: number
  readonly tick: number
}

/** The rows as they lie in the file, by their places only: its side files speak of other groups. */
async function rowsOf(image: Uint8Array, format: "meteor" | "ddff"): Promise<Row[]> {
  const card = await openImage(memorySource(image, "card.img"))
  const entry = card.entries.find(({ path }) => path.startsWith("/LOG00001."))
  const file = card.open(entry?.path ?? "")
  const bytes = await file.read(0, file.size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const rows: Row[] = []
  for (let at = 512; at + 512 <= bytes.length; at += 512) {
    if (format === "meteor") meteorRows(view, at, rows)
    else ddffRows(view, at, rows)
  }
  return rows
}

/** Frames of a sector: tick, kind (1 topic, 2 composite), number, length. */
function meteorRows(view: DataView, sector: number, rows: Row[]): void {
  for (let at = sector; at + 7 <= sector + 512; at += 7 + view.getUint8(at + 6)) {
    const tick = view.getUint32(at)
    const kind = view.getUint8(at + 4)
    if (kind === 1) rows.push(lone(tick, view.getInt32(at + 7, true)))
    else if (kind === 2) rows.push({ phase: view.getInt16(at + 9, true), n: view.getInt16(at + 7, true), tick })
  }
}

/** Records of a stream's block: an array of tick, tag and the values' array. */
function ddffRows(view: DataView, sector: number, rows: Row[]): void {
  if (view.getUint16(sector + 10) < 2) return
  for (let at = sector + 28; view.getUint16(at) === 0x93ce; ) {
    const tick = view.getUint32(at + 2)
    const values = view.getUint8(at + 7) & 15
    if (values === 1) rows.push(lone(tick, view.getInt32(at + 9)))
    else if (values === 4) rows.push({ phase: view.getInt16(at + 14), n: view.getInt32(at + 9), tick })
    else rows.push({ phase: view.getInt16(at + 12), n: view.getInt16(at + 9), tick })
    at += values === 1 ? 13 : values === 4 ? 21 : 38
  }
}

function lone(tick: number, value: number): Row {
  return { phase: value >> 24, n: value & 0xffffff, tick }
}

/** Turns from the least to the greatest number. */
function turnsOf(numbers: readonly number[]): number {
  return Math.max(...numbers) - Math.min(...numbers) + 1
}

function distances(edges: readonly number[]): number[] {
  return edges.slice(1).map((edge, i) => (edge - (edges[i] as number)) / 1e6)
}
