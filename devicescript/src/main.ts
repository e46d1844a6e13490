import { Ring } from "../../shared/card/ring.js"
import { DdffBlocks } from "../../shared/ddff/blocks.js"
import type { Encoder } from "../../shared/encoder.js"
import { MeteorSectors } from "../../shared/meteor/sectors.js"
import type { Machine } from "./machine.js"
import { fillHeap } from "./memory.js"
import { startSamplers } from "./sampler.js"
import { Status } from "./status.js"
import { Writer } from "./writer.js"

/** Time from boot to tick 0: the sensors are set up by then. */
const LEAD_IN = 100

/**
 * The logger. Samplers put rows into sectors, a writer brings the sectors onto the card. Nothing that happens to
 * the card stops the samplers, and nothing is allocated once they run.
 */
export async function logger(machine: Machine): Promise<void> {
  const ring = new Ring(machine.config.slots)
  const status = new Status(ring, machine.show)
  const encoder = encoderFor(machine.config.format, ring)
  const writer = new Writer(machine, ring, encoder, status)
  const sources = machine.sources(status)
  status.enter("starting")
  fillHeap(machine.ballast)

  const start = machine.clock.now() + LEAD_IN
  await startSamplers(sources, encoder, status, machine.clock, start)
  await writer.run(start)
}

function encoderFor(format: string, ring: Ring): Encoder {
  if (format === "ddff") return new DdffBlocks(ring)
  return new MeteorSectors(ring, false)
}
