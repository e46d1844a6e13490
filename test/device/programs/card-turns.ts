import * as ds from "@devicescript/core"
import { deviceClock } from "../../../devicescript/src/clock.js"
import { ask, tell } from "../../../devicescript/src/simulator/natives.js"
import { Fat32 } from "../../../shared/card/fat32.js"
import { recoverLogs } from "../../../shared/card/recovery.js"
import { Ring } from "../../../shared/card/ring.js"
import { SdCard } from "../../../shared/card/sd.js"
import { Segment } from "../../../shared/card/segment.js"
import { BoardlikeBus } from "./boardlike-bus.js"

/** All that a logger does with a card, one after the other; tells each part as it begins. */
const bus = new BoardlikeBus()
const clock = deviceClock
const card = new SdCard(bus, clock, { hz: 10000000, crc: false })
const volume = new Fat32(card)
const segment = new Segment(card, volume, clock)
const slot = new Ring(1).first().slot
const bytes = ask("fileBytes")

async function part(name: string): Promise<void> {
  await ds.sleep(1)
  tell(`part ${name}`, 0)
}

await part("start")
await card.init()
await part("mount")
await volume.mount()
await part("recover")
await recoverLogs(card, volume, Buffer.alloc(512))
await part("prepare")
await segment.reserve(bytes)
await part("number")
const number = await volume.takeNumber()
await part("enter")
await segment.enter(`LOG000${number}MET`)
await part("stream")
for (let i = 0; i < 200; i++) await segment.append(slot)
await segment.sync()
await part("single")
for (let i = 0; i < 10; i++) {
  await ds.sleep(60)
  await segment.append(slot)
}
await part("close")
await segment.close()
await part("remove")
const old = await volume.root.nextLog(-1, 0)
if (old !== null) await volume.remove(old)
await part("end")
