import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import "@devicescript/gpio"
import { keepAwake } from "../../../devicescript/src/board/awake.js"
import { BoardBus } from "../../../devicescript/src/board/bus.js"
import { DeviceClock } from "../../../devicescript/src/clock.js"
import type { Machine } from "../../../devicescript/src/machine.js"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { SideFiles } from "../../../devicescript/src/side-files.js"
import { Status } from "../../../devicescript/src/status.js"
import { Writer } from "../../../devicescript/src/writer.js"
import { Fat32 } from "../../../shared/card/fat32.js"
import { Ring } from "../../../shared/card/ring.js"
import { SdCard } from "../../../shared/card/sd.js"
import { DdffBlocks } from "../../../shared/ddff/blocks.js"
import type { Encoder, Put } from "../../../shared/encoder.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"
import { defaultSettings } from "../../../shared/settings.js"
import { PUT as ddffPut, SIZES as ddffSizes } from "./ten/ddff/put.js"
import { PUT as meteorPut, SIZES as meteorSizes } from "./ten/meteor/put.js"

/**
 * How many rows a second a board encodes and brings onto its card: the logger's own ring, encoders and writer, with rows from counters
 * in place of sensors. Phases follow each other; each row carries its phase and its number, so that the card tells how
 * many there were and which are missing. GP2 changes with each turn of the phases with one row a turn. GP20 to ground writes ddff.
 */
const PHASE_MS = 1200
/** Group (0 a lone channel of four bytes, 1 ten of two), rows a turn (0: as many as the ring takes), ms between two turns. */
const meteorPhases = [0, 15, 10, 0, 30, 10, 0, 45, 10, 1, 7, 10, 1, 15, 10, 0, 0, 0, 1, 0, 0, 0, 1, 10, 0, 1, 1]
const ddffPhases = [0, 9, 20, 1, 4, 20, 1, 9, 20, 0, 0, 0, 1, 0, 0]
/** Rows between two pauses of a phase without pace: a turn must stay short for the card to come in. */
const SLICE = 10

pins.GP20.setMode(ds.GPIOMode.InputPullUp)
keepAwake()
const ddff = pins.GP20.value === 0
const clock = new DeviceClock()
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
const encoder: Encoder = ddff ? new DdffBlocks(ring) : new MeteorSectors(ring)
const sector = encoder.rows[0].sector
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
  for (let i = 0; i < phases.length; i = i + 3) {
    const group = phases[i]
    const put = (ddff ? ddffPut : meteorPut)[group]
    const last = (ddff ? 506 : 507) - (ddff ? ddffSizes : meteorSizes)[group]
    // The group of ten has its phase in the second channel, the lone channel above 24 bits.
    values[1] = i
    const base = group === 0 ? i << 24 : 0
    if (phases[i + 2] > 0) await paced(put, last, base, phases[i + 1], phases[i + 2])
    else await flatOut(put, last, base)
  }
}

async function paced(put: Put, last: number, base: number, rows: number, period: number): Promise<void> {
  let due = clock.now() + period
  const end = due + PHASE_MS
  let high = false
  let n = 0
  while (due < end) {
    const wait = due - clock.now()
    await clock.sleep(wait > 1 ? wait : 1)
    if (rows === 1) {
      high = !high
      pins.GP2.setMode(high ? ds.GPIOMode.OutputHigh : ds.GPIOMode.OutputLow)
    }
    const now = clock.now() - start
    const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
    for (let k = 0; k < rows; k++) {
      values[0] = base + (n & 32767)
      n = n + 1
      if (sector.at <= last || encoder.turn(sector, now)) put(sector, tick, values)
    }
    due = due + period
    // Turns that were missed are not made up for: their rows are missing on the card.
    while (due + period < clock.now()) {
      due = due + period
      n = n + rows
    }
  }
}

async function flatOut(put: Put, last: number, base: number): Promise<void> {
  const end = clock.now() + PHASE_MS
  let n = 0
  while (clock.now() < end) {
    const now = clock.now() - start
    const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
    for (let k = 0; k < SLICE; k++) {
      if (sector.at > last && !encoder.turn(sector, now)) break
      values[0] = base + (n & 32767)
      n = n + 1
      put(sector, tick, values)
    }
    await clock.sleep(1)
  }
}
