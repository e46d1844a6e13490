import * as ds from "@devicescript/core"
import "@devicescript/gpio"
import type { SpiBus } from "../../../shared/card/bus.js"

interface Natives {
  spiConfigure: (miso: number, mosi: number, sck: number, mode: number, hz: number) => void
  spiXfer: (tx: Buffer, rx: Buffer) => Promise<void>
}

const natives = ds as unknown as Natives

/**
 * The card on the board's SPI. Full duplex only: on the RP2040 a read alone hangs and a write alone leaves bytes behind, and
 * only the pins of SPI0 receive.
 */
export class BoardBus implements SpiBus {
  private readonly miso: ds.Pin
  private readonly mosi: ds.Pin
  private readonly sck: ds.Pin
  private readonly cs: ds.OutputPin
  /** The machine's own function: one around it would cost an activation each time. */
  readonly xfer: SpiBus["xfer"]

  constructor(miso: ds.Pin, mosi: ds.Pin, sck: ds.Pin, cs: ds.OutputPin) {
    this.miso = miso
    this.mosi = mosi
    this.sck = sck
    this.cs = cs
    this.xfer = natives.spiXfer
    this.select(false)
  }

  setClock(hz: number): void {
    natives.spiConfigure(this.miso.gpio, this.mosi.gpio, this.sck.gpio, 0, hz)
  }

  select(on: boolean): void {
    this.cs.setMode(on ? ds.GPIOMode.OutputLow : ds.GPIOMode.OutputHigh)
  }
}
