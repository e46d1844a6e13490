import * as ds from "@devicescript/core"
import { deviceClock } from "../../../devicescript/src/clock.js"
import { fillHeap } from "../../../devicescript/src/memory.js"
import { SimulatorBus } from "../../../devicescript/src/simulator/bus.js"
import { ask, tell } from "../../../devicescript/src/simulator/natives.js"
import { Fat32 } from "../../../shared/card/fat32.js"
import { Ring } from "../../../shared/card/ring.js"
import { SdCard } from "../../../shared/card/sd.js"
import { Segment } from "../../../shared/card/segment.js"
import { encoderOf, givenOf, METEOR_TEN, valuesOf } from "./kinds.js"

/** Encodes rows of ten channels and streams their sectors onto the card, as fast as it goes; tells when it begins and when it is done. */
const sectors = ask("sectors")
const clock = deviceClock
const card = new SdCard(new SimulatorBus(), clock, { hz: 50000000, crc: false })
const volume = new Fat32(card)
const segment = new Segment(card, volume, clock)
const ring = new Ring(16)
const encoder = encoderOf(false, ring)
const given = givenOf(METEOR_TEN)
const values = valuesOf(METEOR_TEN, [1, -2, 3, -4, 5, -6, 7, -8, 9, -10])
await card.init()
await volume.mount()
await segment.reserve(sectors * 512)
await segment.enter("LOG00001MET")
fillHeap(24000)
tell("begin", 0)
for (let done = 0; done < sectors; ) {
  while (ring.waiting === 0) encoder.put(2 * METEOR_TEN.part, given, values, 12345, done)
  encoder.finish(ring.first(), 1, done)
  await segment.append(ring.first().slot)
  ring.release()
  done = done + 1
  if ((done & 31) === 0) await ds.sleep(1)
}
await segment.close()
tell("done", 0)
