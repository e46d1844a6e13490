import type { CardError } from "../../shared/card/bus.js"
import { Fat32 } from "../../shared/card/fat32.js"
import { recoverLogs } from "../../shared/card/recovery.js"
import { SLOT_DATA, SLOT_SIZE } from "../../shared/card/ring.js"
import { SdCard } from "../../shared/card/sd.js"
import { Segment } from "../../shared/card/segment.js"
import { HEAD } from "./generated/bench-head.js"
import type { Machine } from "./machine.js"
import { fileName } from "./writer.js"

/** Writes by themselves, so far apart that none goes into a stream, ms. */
const SINGLES = 100
const APART_MS = 60
const SINGLE = 1
const STREAM = 2

/**
 * Measures the card in the socket: fills one file, first sector by sector, then as a stream that is confirmed every flush interval, as the
 * logger does both. Each sector tells how long the one before it took. `fieldlog stats` on the file says what the card can hold.
 */
export async function sdBench(machine: Machine): Promise<void> {
  try {
    machine.show("logging")
    await measure(machine)
    machine.show("closed")
  } catch (error) {
    const code = (error as CardError).code
    machine.show(code ? code : "program")
  }
}

async function measure(machine: Machine): Promise<void> {
  const clock = machine.clock
  const card = new SdCard(machine.bus, clock, { hz: machine.hz, crc: false })
  const volume = new Fat32(card)
  const segment = new Segment(card, volume, clock)
  const slot = Buffer.alloc(SLOT_SIZE)
  await card.init()
  await volume.mount()
  await recoverLogs(card, volume, slot)
  await segment.reserve(machine.settings.fileBytes)
  await segment.enter(fileName(await volume.takeNumber(), "BTS"))
  slot.fillAt(0, SLOT_SIZE, 0xff)
  slot[1] = 0xfc
  for (let at = 0; at < HEAD.length; at += 512) {
    slot.blitAt(SLOT_DATA, HEAD, at, 512)
    await segment.append(slot)
  }
  await segment.sync()

  slot.fillAt(SLOT_DATA, 512, 0)
  const start = clock.now()
  let synced = start
  for (let n = 0; segment.room() > 0 && !machine.stopped(); n++) {
    const mode = n < SINGLES ? SINGLE : STREAM
    if (mode === SINGLE) await clock.sleep(APART_MS)
    const began = clock.now()
    await segment.append(slot)
    await card.settle()
    if (mode === STREAM && clock.now() - synced >= machine.settings.flushMs) {
      await segment.sync()
      synced = clock.now()
    }
    slot.setAt(SLOT_DATA, "u32", began - start)
    slot.setAt(SLOT_DATA + 4, "u16", clock.now() - began)
    slot[SLOT_DATA + 6] = mode
  }
  await segment.close()
}
