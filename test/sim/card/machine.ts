import "../../../host/bytes/device-buffer.js"
import type { Clock, SpiBus } from "../../../shared/card/bus.js"
import { Fat32 } from "../../../shared/card/fat32.js"
import { SdCard } from "../../../shared/card/sd.js"
import { Segment } from "../../../shared/card/segment.js"
import type { Disk } from "./disk.js"
import { SimulatedCard } from "./sd-card.js"
import type { CardOptions, VirtualClock } from "./sd-options.js"

/** A logger's card side on a simulated card, in virtual time. */
export interface Machine {
  readonly time: VirtualClock
  readonly clock: Clock
  readonly bus: SpiBus
  readonly sim: SimulatedCard
  readonly card: SdCard
  readonly volume: Fat32
  readonly segment: Segment
}

/** Driver, file system and segment over a disk; nothing is initialised yet. */
export function machine(disk: Disk, options: Partial<CardOptions> = {}, hz = 10_000_000): Machine {
  const time: VirtualClock = { micros: 0 }
  const sim = new SimulatedCard(disk, time, options)
  const clock: Clock = {
    now: () => Math.floor(time.micros / 1000),
    sleep: async (ms) => {
      if (ms < 1) throw new Error("sleep(0) starves the board's bus")
      time.micros += ms * 1000
    },
  }
  const bus: SpiBus = {
    setClock: (rate) => {
      sim.hz = rate
    },
    select: (on) => {
      sim.select(on)
    },
    xfer: async (tx, rx) => {
      if (tx === rx) throw new Error("one buffer for both directions")
      sim.exchange(tx, rx)
    },
  }
  const card = new SdCard(bus, clock, { hz, crc: false })
  const volume = new Fat32(card)
  return { time, clock, bus, sim, card, volume, segment: new Segment(card, volume, clock) }
}

/** A framed slot whose sector holds `number` and a recognisable pattern. */
export function slotOf(number: number, salt = 0): Buffer {
  const slot = Buffer.alloc(528, 0xff)
  slot[1] = 0xfc
  slot.writeUInt32LE(number, 2)
  slot.writeUInt32LE(salt, 6)
  for (let i = 10; i < 514; i++) slot[i] = (i * 7 + number * 13 + salt) & 0xff
  return slot
}

/** For `recoverLogs` on logs of such sectors: they have no logger's mark. */
export const anyLog = async (): Promise<boolean> => true

/** Makes a log file as the logger does, but for the mark of its first sectors. @param name eleven characters, padded: `LOG00012MET` */
export async function createLog(segment: Segment, name: string, bytes: number): Promise<void> {
  await segment.reserve(bytes)
  await segment.enter(name)
}
