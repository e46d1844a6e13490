import { type RP2040, USBCDC } from "rp2040js"

/**
 * A computer on the USB socket (RP2040 datasheet 4.1). The emulator's own answers a device that offers a buffer with an empty packet
 * at once, and is offered the next one for ever: the core never rests. A real one leaves the buffer waiting until it has data (4.1.2.7), as here.
 */
export class UsbHost {
  private readonly port: USBCDC
  private offered: (() => void)[] = []

  /** @param hear takes what comes in by the serial port @param greeting goes out as soon as the device is connected */
  constructor(mcu: RP2040, hear: (bytes: Uint8Array) => void, greeting: Uint8Array) {
    const { usbCtrl } = mcu
    this.port = new USBCDC(usbCtrl)
    const answer = usbCtrl.onEndpointRead
    usbCtrl.onEndpointRead = (endpoint, size) => {
      if (this.port.txFIFO.itemCount > 0) answer?.(endpoint, size)
      else this.offered.push(() => answer?.(endpoint, size))
    }
    this.port.onSerialData = hear
    this.port.onDeviceConnected = () => this.send(greeting)
  }

  private send(bytes: Uint8Array): void {
    for (const byte of bytes) this.port.sendSerialByte(byte)
    const waiting = this.offered
    this.offered = []
    for (const answer of waiting) answer()
  }
}
