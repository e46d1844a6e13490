import { BtsfRows } from "../../shared/btsf/rows.js"
import { Fat32 } from "../../shared/card/fat32.js"
import { Ring } from "../../shared/card/ring.js"
import { SdCard } from "../../shared/card/sd.js"
import { DdffBlocks } from "../../shared/ddff/blocks.js"
import type { Encoder } from "../../shared/logger/encoder.js"
import { MeteorSectors } from "../../shared/meteor/sectors.js"
import { readHead } from "./btsf-head.js"
import { firstCard } from "./first-card.js"
import type { Machine } from "./machine.js"
import { fillHeap } from "./memory.js"
import { sample } from "./sampler.js"
import { Sensing, tend } from "./sensing.js"
import { readFlash } from "./settings.js"
import { SideFiles } from "./side-files.js"
import { Status } from "./status.js"
import { learnTime } from "./wall-clock.js"
import { watch } from "./watch.js"
import { Writer } from "./writer.js"

/** Time from here to tick 0, ms: everything is set up by then. Not a round number: what else has its turn every so often has it between two ticks. */
const LEAD_IN = 105

/**
 * The logger. Samplers put rows into sectors, a writer brings the sectors onto the card. Once there has been a card, nothing that
 * happens to it stops the samplers, and nothing is allocated while they run.
 */
export async function logger(machine: Machine): Promise<void> {
  const settings = machine.settings
  const ring = new Ring(machine.slots)
  const status = new Status(ring, machine.show)
  status.enter("starting")
  const card = new SdCard(machine.bus, machine.clock, { hz: machine.hz, crc: false })
  const volume = new Fat32(card)
  const own = await readFlash(machine.flash, settings)
  const files = new SideFiles(volume, machine.clock)
  let faults = await firstCard(machine, card, volume, files, status)
  if (card.doubtful) faults = `${faults}card: the check sum of its description is wrong, its size may be, too\r\n`
  const head = settings.format === "btsf" ? await readHead(volume, settings) : null
  if (head === null && settings.format === "btsf") faults = `${faults}btsf: no header that fits, run fieldlog card prepare\r\n`
  const encoder = encoderFor(settings.format, ring, head)
  const sensing = new Sensing(machine.sources(status), settings.periods)
  files.complain(own + faults + (await sensing.start()))
  try {
    await files.write(card.identity())
  } catch (_error) {
    // The writer finds out and says why.
  }
  const writer = new Writer(machine, card, volume, files, ring, encoder, status)
  fillHeap(machine.ballast)
  await writer.reserveFirst()
  await learnTime(machine.wallClocks, settings, status)
  await writer.openFirst()

  const start = machine.clock.now() + LEAD_IN
  sample.start(sensing, encoder, status, machine.clock, start)
  tend.start(sensing, machine.clock)
  watch.start(machine, sensing, status)
  await writer.run(start)
}

function encoderFor(format: string, ring: Ring, head: Buffer | null): Encoder {
  if (head !== null) return new BtsfRows(ring, head)
  if (format === "ddff") return new DdffBlocks(ring)
  return new MeteorSectors(ring)
}
