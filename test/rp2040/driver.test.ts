import { describe, expect, test } from "vitest"
import { openImage } from "../../host/card/image.js"
import "../../host/bytes/device-buffer.js"
import { memorySource } from "../../host/bytes/source.js"
import type { Clock, SpiBus } from "../../shared/card/bus.js"
import { Fat32 } from "../../shared/card/fat32.js"
import { SdCard } from "../../shared/card/sd.js"
import { Segment } from "../../shared/card/segment.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage } from "../sim/card/images.js"
import { createLog, machine as plainMachine, slotOf } from "../sim/card/machine.js"
import { SimulatedCard } from "../sim/card/sd-card.js"
import type { CardOptions } from "../sim/card/sd-options.js"
import { Machine } from "../sim/rp2040/machine.js"
import { RegisterSpi } from "../sim/rp2040/register-spi.js"
import { attachSpi } from "../sim/rp2040/spi-port.js"
import { DONE, loadTransferProgram, type Transfer } from "../sim/rp2040/transfer-program.js"

const SECTORS = 40

async function record(bus: SpiBus, clock: Clock): Promise<void> {
  const card = new SdCard(bus, clock, { hz: 12_000_000, crc: false })
  const volume = new Fat32(card)
  const segment = new Segment(card, volume, clock)
  await card.init()
  await volume.mount()
  await createLog(segment, "LOG00001MET", 100_000)
  for (let k = 0; k < SECTORS; k++) {
    await segment.append(slotOf(k))
    await clock.sleep(5)
  }
  await segment.close()
}

async function logOn(image: Buffer): Promise<Buffer> {
  const card = await openImage(memorySource(image))
  const file = card.open("/LOG00001.MET")
  return Buffer.from(await file.read(0, file.size))
}

const written = Buffer.concat(Array.from({ length: SECTORS }, (_, k) => slotOf(k).subarray(2, 514)))

/** A card behind the emulator's SPI0 whose time is the emulator's. */
function cardOn(machine: Machine, image: Buffer, options: Partial<CardOptions> = {}): SimulatedCard {
  const time = {
    get micros() {
      return machine.nanos / 1000
    },
    // The emulator's own clock moves; what the card adds per byte is in it already.
    set micros(_: number) {},
  }
  const card = new SimulatedCard(memoryDisk(image), time, options)
  attachSpi(machine, 0, 17, card)
  return card
}

describe("the board's card driver through the RP2040's registers", () => {
  test("initialises the card and writes a log file that the laptop reads", { timeout: 120_000 }, async () => {
    const image = await fatfsImage(40, 512)
    const machine = new Machine()
    const card = cardOn(machine, image)
    const spi = new RegisterSpi(machine)
    const bus: SpiBus = {
      setClock: (hz) => {
        card.hz = spi.setClock(hz)
      },
      select: (on) => spi.select(on),
      xfer: async (tx, rx) => spi.transfer(tx, rx),
    }
    await record(bus, { now: () => Math.floor(machine.nanos / 1e6), sleep: async (ms) => machine.idle(ms * 1e6) })
    expect(await logOn(image)).toEqual(written)
  })

  test("makes the same card when the emulated core sends its transfers from flash", { timeout: 120_000 }, async () => {
    const instant = { busy: () => 0, busyAfterStop: 0, readDelay: 0, eraseBusy: 0 }
    const pristine = await fatfsImage(40, 512)
    const reference = Buffer.from(pristine)
    const plain = plainMachine(memoryDisk(reference), instant)
    const transfers: Transfer[] = []
    const answers: Uint8Array[] = []
    let selected = false
    const bus: SpiBus = {
      setClock: (hz) => plain.bus.setClock(hz),
      select: (on) => {
        selected = on
        plain.bus.select(on)
      },
      xfer: async (tx, rx) => {
        await plain.bus.xfer(tx, rx)
        transfers.push({ selected, tx: Uint8Array.from(tx) })
        answers.push(Uint8Array.from(rx))
      },
    }
    await record(bus, plain.clock)

    const replayed = Buffer.from(pristine)
    const machine = new Machine()
    cardOn(machine, replayed, instant)
    const run = loadTransferProgram(machine, transfers)
    run.start()
    expect(machine.run(60e9)).toEqual({ why: "break", code: DONE })
    expect(run.received()).toEqual(answers)
    expect(replayed.equals(reference)).toBe(true)
    expect(await logOn(replayed)).toEqual(written)
  })
})
