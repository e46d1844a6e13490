import * as ds from "@devicescript/core"
import type { SpiBus } from "../../../shared/card/bus.js"
import { exchange, tell } from "./natives.js"

/** The card's bus in the simulator: the host plays the card and changes the bytes in place. */
export class SimulatorBus implements SpiBus {
  private bitsPerMs = 400
  private bits = 0

  setClock(hz: number): void {
    this.bitsPerMs = hz / 1000
    tell("kHz", this.bitsPerMs)
  }

  select(on: boolean): void {
    tell("select", on ? 1 : 0)
  }

  /** Takes the time that the wire would take, a millisecond at a time. */
  async xfer(tx: Buffer, rx: Buffer): Promise<void> {
    rx.blitAt(0, tx, 0, tx.length)
    exchange(rx)
    this.bits = this.bits + 8 * tx.length
    if (this.bits < this.bitsPerMs) return
    this.bits = this.bits - this.bitsPerMs
    if (this.bits > this.bitsPerMs) this.bits = 0
    await ds.sleep(1)
  }
}
