import { Fat32 } from "../../shared/card/fat32.js"
import { Ring } from "../../shared/card/ring.js"
import { SdCard } from "../../shared/card/sd.js"
import { DdffBlocks } from "../../shared/ddff/blocks.js"
import type { Encoder } from "../../shared/encoder.js"
import { MeteorSectors } from "../../shared/meteor/sectors.js"
import type { Machine } from "./machine.js"
import { fillHeap } from "./memory.js"
import { startSamplers } from "./sampler.js"
import { readSettings } from "./settings.js"
import { Status } from "./status.js"
import { Writer } from "./writer.js"

/** Time from boot to tick 0: the sensors are set up by then. */
const LEAD_IN = 100

/**
 * The logger. Samplers put rows into sectors, a writer brings the sectors onto the card. Nothing that happens to
 * the card stops the samplers, and nothing is allocated once they run.
 */
export async function logger(machine: Machine): Promise<void> {
  const settings = machine.settings
  const ring = new Ring(machine.slots)
  const status = new Status(ring, machine.show)
  status.enter("starting")
  const card = new SdCard(machine.bus, machine.clock, { hz: machine.hz, crc: false })
  const volume = new Fat32(card)
  await readSettings(card, volume, settings)
  const encoder = encoderFor(settings.format, ring)
  const writer = new Writer(machine, card, volume, ring, encoder, status)
  const sources = machine.sources(status)
  fillHeap(machine.ballast)

  const start = machine.clock.now() + LEAD_IN
  await startSamplers(sources, settings.periods, encoder, status, machine.clock, start)
  await writer.run(start)
}

function encoderFor(format: string, ring: Ring): Encoder {
  if (format === "ddff") return new DdffBlocks(ring)
  return new MeteorSectors(ring)
}
