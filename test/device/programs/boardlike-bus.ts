import * as ds from "@devicescript/core"
import { exchange, tell } from "../../../devicescript/src/simulator/natives.js"
import type { SpiBus } from "../../../shared/card/bus.js"

/** The card's bus in the simulator, but as a board has it: each transfer ends the fiber's turn. */
export class BoardlikeBus implements SpiBus {
  setClock(hz: number): void {
    tell("kHz", hz / 1000)
  }

  select(on: boolean): void {
    tell("select", on ? 1 : 0)
  }

  async xfer(tx: Buffer, rx: Buffer): Promise<void> {
    rx.blitAt(0, tx, 0, tx.length)
    exchange(rx)
    await ds.sleep(1)
  }
}
