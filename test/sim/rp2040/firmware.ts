import { readFileSync } from "node:fs"
import { parseUf2 } from "../../../host/gen/uf2.js"
import type { Disk } from "../card/disk.js"
import { SimulatedCard } from "../card/sd-card.js"
import type { CardOptions } from "../card/sd-options.js"
import type { Chip } from "../chips/i2c.js"
import { bundle } from "./bundle.js"
import { attachI2c } from "./i2c-port.js"
import { Machine } from "./machine.js"
import { XIP_BASE } from "./memory-map.js"
import { Uart } from "./shims/uart.js"
import { attachSpi } from "./spi-port.js"

/** The logger with simulated sensors, for a chip without any. */
export const EMULATED = "devicescript/src/emulated.ts"

const UART0_PAGE = 0x40034
const DDFF_STRAP = 20
const STOP_STRAP = 21
const BUTTON = 22
const CHIP_SELECT = 17
/** The simulated card's own idea of its clock. */
const CARD_HZ = 12_000_000

/** The real firmware with a program on an emulated Pico, a simulated card in its socket. */
export interface EmulatedLogger {
  readonly machine: Machine
  readonly card: SimulatedCard
  /** True once sectors of the log itself are written: several in a row. */
  streams(): boolean
}

/** What is wired to the Pico. */
export interface Surroundings {
  readonly card?: Partial<CardOptions>
  /** On the I2C of the board file. */
  readonly chips?: readonly Chip[]
}

/** Boots a program with the logger's straps. @throws Error when a file is not what it should be */
export function bootLogger(
  files: { firmware: string; bootrom: string },
  disk: Disk,
  format: "meteor" | "ddff",
  entry = EMULATED,
): EmulatedLogger {
  const logger = bootImage(bundle(files.firmware, entry), files.bootrom, disk)
  logger.machine.mcu.gpio[DDFF_STRAP]?.setInputValue(format !== "ddff")
  return logger
}

/** Boots an image of firmware and program, all switches open. @throws Error when a file is not what it should be */
export function bootImage(uf2: Uint8Array, bootrom: string, disk: Disk, around: Surroundings = {}): EmulatedLogger {
  const machine = new Machine()
  const { mcu } = machine
  mcu.loadBootrom(words(readFileSync(bootrom)))
  mcu.peripherals[UART0_PAGE] = new Uart(mcu, "UART0", machine)
  for (const { address, bytes } of parseUf2(uf2)) machine.flash(address, bytes)
  for (const pin of [DDFF_STRAP, STOP_STRAP, BUTTON]) mcu.gpio[pin]?.setInputValue(true)
  const time = {
    get micros() {
      return machine.nanos / 1000
    },
    // The wire's time is the emulator's already.
    set micros(_: number) {},
  }
  const card = new SimulatedCard(disk, time, around.card)
  card.hz = CARD_HZ
  attachSpi(machine, 0, CHIP_SELECT, card)
  attachI2c(machine, 0, around.chips ?? [])
  machine.start(XIP_BASE)
  return { machine, card, streams: () => inARow(card, 3) }
}

function words(file: Uint8Array): Uint32Array {
  if (file.length !== 16_384) throw new Error(`the bootrom has 16384 bytes, this file has ${file.length}`)
  return new Uint32Array(Uint8Array.from(file).buffer)
}

function inARow(card: SimulatedCard, n: number): boolean {
  const last = card.journal.slice(-n)
  return last.length === n && last.every((change, i) => i === 0 || change.lba === (last[i - 1]?.lba ?? 0) + 1)
}
