import * as ds from "@devicescript/core"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { ask, exchange, tell } from "../../../devicescript/src/simulator/natives.js"
import type { Clock, SpiBus } from "../../../shared/card/bus.js"
import { Fat32 } from "../../../shared/card/fat32.js"
import { Ring } from "../../../shared/card/ring.js"
import { SdCard } from "../../../shared/card/sd.js"
import { Segment } from "../../../shared/card/segment.js"

/**
 * Uses the card until the machine stops it for taking too many steps in one turn: nothing here ever waits. Mode 1 streams sectors, 2
 * writes them singly. The host counts the card's blocks.
 */
class PatientBus implements SpiBus {
  /** Until all is set up, each transfer is a turn of its own. */
  waits = true

  setClock(hz: number): void {
    tell("kHz", hz / 1000)
  }

  select(on: boolean): void {
    tell("select", on ? 1 : 0)
  }

  async xfer(tx: Buffer, rx: Buffer): Promise<void> {
    rx.blitAt(0, tx, 0, tx.length)
    exchange(rx)
    if (this.waits) await ds.sleep(1)
  }
}

/** Between two looks at it so much time passes. */
class SteppingClock implements Clock {
  private time = 0

  constructor(private readonly step: number) {}

  now(): number {
    this.time = this.time + this.step
    return this.time
  }

  async sleep(_ms: number): Promise<void> {
    await ds.sleep(1)
  }
}

const mode = ask("mode")
const bus = new PatientBus()
const clock = new SteppingClock(mode === 2 ? 100 : 0)
const card = new SdCard(bus, clock, { hz: 10000000, crc: false })
const volume = new Fat32(card)
const segment = new Segment(card, volume, clock)
const slot = new Ring(1).first().slot
await card.init()
await volume.mount()
await segment.reserve(1000000)
await segment.enter("LOG00001MET")
fillHeap(24000)
await ds.sleep(1)
bus.waits = false
tell("begin", 0)
for (;;) await segment.append(slot)
