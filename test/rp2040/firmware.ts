import { readFileSync } from "node:fs"
import { parseUf2 } from "../../host/gen/uf2.js"
import type { Disk } from "../card/disk.js"
import { SimulatedCard } from "../card/sd-card.js"
import { bundle } from "./bundle.js"
import { Machine } from "./machine.js"
import { XIP_BASE } from "./memory-map.js"
import { Uart } from "./shims/uart.js"
import { attachSpi } from "./spi-port.js"

/** The logger with simulated sensors, for a chip without any. */
export const EMULATED = "devicescript/src/emulated.ts"

const UART0_PAGE = 0x40034
const DDFF_STRAP = 20
const STOP_STRAP = 21

/** The real firmware with the logger's program on an emulated Pico, a simulated card in its socket. */
export interface EmulatedLogger {
  readonly machine: Machine
  readonly card: SimulatedCard
  /** True once sectors of the log itself are written: several in a row. */
  streams(): boolean
}

/** Boots it. @throws Error when a file is not what it should be */
export function bootLogger(
  files: { firmware: string; bootrom: string },
  disk: Disk,
  format: "meteor" | "ddff",
  entry = EMULATED,
): EmulatedLogger {
  const machine = new Machine()
  const { mcu } = machine
  mcu.loadBootrom(words(readFileSync(files.bootrom)))
  mcu.peripherals[UART0_PAGE] = new Uart(mcu, "UART0", machine)
  for (const { address, bytes } of parseUf2(bundle(files.firmware, entry))) machine.flash(address, bytes)
  mcu.gpio[DDFF_STRAP]?.setInputValue(format !== "ddff")
  mcu.gpio[STOP_STRAP]?.setInputValue(true)
  const time = {
    get micros() {
      return machine.nanos / 1000
    },
    // The wire's time is the emulator's already.
    set micros(_: number) {},
  }
  const card = new SimulatedCard(disk, time)
  card.hz = 12_000_000
  attachSpi(machine, 0, 17, card)
  machine.start(XIP_BASE)
  return {
    machine,
    card,
    streams: () => inARow(card, 3),
  }
}

function words(file: Uint8Array): Uint32Array {
  if (file.length !== 16_384) throw new Error(`the bootrom has 16384 bytes, this file has ${file.length}`)
  return new Uint32Array(Uint8Array.from(file).buffer)
}

function inARow(card: SimulatedCard, n: number): boolean {
  const last = card.journal.slice(-n)
  return last.length === n && last.every((change, i) => i === 0 || change.lba === (last[i - 1]?.lba ?? 0) + 1)
}
