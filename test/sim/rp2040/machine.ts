import { ConsoleLogger, LogLevel, RP2040 } from "rp2040js"
import { IO_QSPI_BASE, ROSC_BASE, XIP_BASE, XIP_CTRL_BASE, XIP_SSI_BASE } from "./memory-map.js"
import { AdcLevels } from "./shims/adc.js"
import { FlashChip } from "./shims/flash-chip.js"
import { IoQspi, Ssi } from "./shims/flash-port.js"
import { Rosc, XipControl } from "./shims/oscillator.js"

/** The simulation clock's two words that the emulator's types leave out. */
interface TickingClock {
  readonly nanos: number
  readonly nanosToNextAlarm: number
  tick(nanos: number): void
  createAlarm(callback: () => void): { schedule(nanos: number): void; cancel(): void }
}

/** Why `run` came back. */
export type Stop = { readonly why: "done" | "time" } | { readonly why: "break"; readonly code: number }

/** A sleeping core that no alarm will wake is woken after this long; each use is counted, never hidden. */
const GUARD_NANOS = 20e6
/** Between two questions to `done`. */
const LOOK_NANOS = 10_000
/** clk_sys that the firmware sets. */
export const SYSTEM_HZ = 125e6

/** An emulated RP2040 with flash, random bits and ADC levels that the emulator itself lacks. No code, no bootrom. */
export class Machine {
  readonly mcu = new RP2040()
  readonly flashChip: FlashChip
  /** Times a core asleep without a due alarm had to be woken (the lost wake-up of the firmware). */
  guardKicks = 0
  /** Nanoseconds that the core spent in WFE or WFI. */
  asleepNanos = 0

  constructor() {
    // Registers that the emulator does not know are many and harmless here.
    this.mcu.logger = new ConsoleLogger(LogLevel.Error)
    this.flashChip = new FlashChip(this.mcu.flash)
    const qspi = new IoQspi(this.mcu, "IO_QSPI", this.flashChip)
    this.mcu.peripherals[XIP_SSI_BASE >>> 12] = new Ssi(this.mcu, "SSI", this.flashChip)
    this.mcu.peripherals[IO_QSPI_BASE >>> 12] = qspi
    this.mcu.peripherals[ROSC_BASE >>> 12] = new Rosc(this.mcu, "ROSC")
    this.mcu.peripherals[XIP_CTRL_BASE >>> 12] = new XipControl(this.mcu, "XIP_CTRL")
    AdcLevels.pico(this.mcu)
  }

  get clock(): TickingClock {
    return this.mcu.clock as unknown as TickingClock
  }

  /** Emulated time since the machine was made. */
  get nanos(): number {
    return this.clock.nanos
  }

  /** Puts bytes into the flash array as a programmer would. */
  flash(at: number, bytes: Uint8Array): void {
    this.mcu.flash.set(bytes, at - XIP_BASE)
  }

  /** Starts the core at `pc` with the stack at the end of the RAM. */
  start(pc: number): void {
    this.mcu.core.SP = 0x20042000
    this.mcu.core.PC = pc
  }

  /** Runs until `done` says so (asked every ten microseconds: after each instruction it would cost more than the instruction), a BKPT stops the core, or `nanos` of emulated time have passed. */
  run(nanos: number, done: () => boolean = () => false): Stop {
    const { mcu, clock } = this
    const end = clock.nanos + nanos
    let broke = -1
    mcu.onBreak = (code) => {
      broke = code
    }
    for (let look = clock.nanos; clock.nanos < end; ) {
      if (mcu.core.waiting) this.sleep(end)
      else clock.tick((mcu.core.executeInstruction() * 1e9) / SYSTEM_HZ)
      if (broke >= 0) return { why: "break", code: broke }
      if (clock.nanos < look) continue
      look = clock.nanos + LOOK_NANOS
      if (done()) return { why: "done" }
    }
    return { why: "time" }
  }

  /** Lets time pass without a core, for tests that drive registers themselves. */
  idle(nanos: number): void {
    this.clock.tick(nanos)
  }

  private sleep(end: number): void {
    const due = this.clock.nanosToNextAlarm
    const limit = Math.min(GUARD_NANOS, Math.max(1, end - this.clock.nanos))
    const step = due > 0 ? Math.min(due, limit) : limit
    this.asleepNanos += step
    this.clock.tick(step)
    if (this.mcu.core.waiting && step === GUARD_NANOS) {
      this.guardKicks++
      this.mcu.core.waiting = false
    }
  }
}
