import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import "@devicescript/gpio"
import { keepAwake } from "../../../devicescript/src/board/awake.js"
import { BoardBus } from "../../../devicescript/src/board/bus.js"
import { deviceClock } from "../../../devicescript/src/clock.js"
import type { Machine } from "../../../devicescript/src/machine.js"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { SideFiles } from "../../../devicescript/src/side-files.js"
import { Status } from "../../../devicescript/src/status.js"
import { Writer } from "../../../devicescript/src/writer.js"
import { Fat32 } from "../../../shared/card/fat32.js"
import { Ring } from "../../../shared/card/ring.js"
import { SdCard } from "../../../shared/card/sd.js"
import { defaultSettings } from "../../../shared/logger/settings.js"
import { DDFF_FOUR, DDFF_LONE, DDFF_TEN, encoderOf, givenOf, type Kind, METEOR_LONE, METEOR_ONE, METEOR_TEN, valuesOf } from "./kinds.js"

/**
 * How many rows a second a board encodes and brings onto its card: the logger's own ring, encoders and writer, with values in memory in place of
 * sensors. Phases follow each other; each row carries its phase and the number of its turn, so that the card tells how many rows
 * there were and which are missing. GP2 changes with each turn of the phases with one row a turn. GP20 to ground writes ddff.
 */
const PHASE_MS = 1200

interface Phase {
  kind: Kind
  /** Rows a turn: all groups of the kind so many times. */
  times: number
  /** ms between two turns; 0 for as many as the ring takes. */
  period: number
}

const meteorPhases: Phase[] = [
  { kind: METEOR_LONE, times: 1, period: 10 },
  { kind: METEOR_LONE, times: 3, period: 20 },
  { kind: METEOR_TEN, times: 1, period: 10 },
  { kind: METEOR_TEN, times: 3, period: 20 },
  { kind: METEOR_LONE, times: 1, period: 0 },
  { kind: METEOR_TEN, times: 1, period: 0 },
  { kind: METEOR_ONE, times: 1, period: 10 },
  { kind: METEOR_ONE, times: 1, period: 1 },
]
const ddffPhases: Phase[] = [
  { kind: DDFF_FOUR, times: 3, period: 20 },
  { kind: DDFF_FOUR, times: 9, period: 40 },
  { kind: DDFF_LONE, times: 1, period: 0 },
  { kind: DDFF_FOUR, times: 1, period: 0 },
  { kind: DDFF_TEN, times: 1, period: 0 },
]

pins.GP20.setMode(ds.GPIOMode.InputPullUp)
keepAwake()
const ddff = pins.GP20.value === 0
const clock = deviceClock
const settings = defaultSettings([])
settings.format = ddff ? "ddff" : "meteor"
const machine: Machine = {
  settings,
  flash: async () => "",
  slots: 16,
  hz: 12000000,
  bus: new BoardBus(pins.SD_MISO, pins.SD_MOSI, pins.SD_SCK, pins.SD_CS),
  clock,
  wallClocks: [],
  sources: () => [],
  show: () => {},
  stopped: () => false,
  restart: () => {},
  random: () => 1,
  ballast: 24000,
}
const ring = new Ring(machine.slots)
const status = new Status(ring, machine.show)
const card = new SdCard(machine.bus, clock, { hz: machine.hz, crc: false })
const encoder = encoderOf(ddff, ring)
const values = [0, 0, 3, -4, 5, -6, 7, -8, 9, -10]
const start = clock.now()
const volume = new Fat32(card)
const writer = new Writer(machine, card, volume, new SideFiles(volume, clock), ring, encoder, status)
fillHeap(machine.ballast)
sample.start()
await writer.run(start)

async function sample(): Promise<void> {
  while (status.state !== "logging") await ds.sleep(10)
  const phases = ddff ? ddffPhases : meteorPhases
  for (let i = 0; i < phases.length; i++) {
    const { kind, period, times } = phases[i]
    // The number of the turn stands in the first channel, above 24 bits the phase; in groups of many, the phase in the second.
    const base = kind.channels === 1 ? i << 24 : 0
    values[1] = i
    if (period > 0) await paced(kind, base, times, period)
    else await flatOut(kind, base)
    // The next one begins with an empty ring.
    await ds.sleep(300)
  }
}

async function paced(kind: Kind, base: number, times: number, period: number): Promise<void> {
  const which = 2 * kind.part
  const given = givenOf(kind)
  const all = valuesOf(kind, values)
  // The time is that of the turn's beginning.
  await clock.sleep(1)
  let due = clock.now() + period
  status.due = due
  const end = due + PHASE_MS
  let high = false
  let n = 0
  while (due < end) {
    const wait = due - clock.now()
    await clock.sleep(wait > 1 ? wait : 1)
    if (kind.groups === 1) {
      high = !high
      pins.GP2.setMode(high ? ds.GPIOMode.OutputHigh : ds.GPIOMode.OutputLow)
    }
    const now = clock.now() - start
    const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
    values[0] = base + (n & 32767)
    n = n + 1
    for (let k = 0; k < times; k++) encoder.put(which, given, all, tick, now)
    due = due + period
    // Turns that were missed are not made up for: their rows are missing on the card.
    while (due + period < clock.now()) {
      due = due + period
      n = n + 1
    }
    status.due = due
  }
}

async function flatOut(kind: Kind, base: number): Promise<void> {
  const given = givenOf(kind)
  const all = valuesOf(kind, values)
  const end = clock.now() + PHASE_MS
  let n = 0
  while (clock.now() < end) {
    const now = clock.now() - start
    const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
    if (ring.spare > 3) {
      values[0] = base + (n & 32767)
      n = n + 1
      encoder.put(2 * kind.part, given, all, tick, now)
    }
    await clock.sleep(1)
  }
}
