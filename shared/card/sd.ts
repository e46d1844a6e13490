import type { BlockDevice, CardError } from "./bus.js"
import { SLOT_DATA } from "./ring.js"
import { CardStream } from "./stream.js"

/** An erase that takes longer is not asked for again, ms. */
const ERASE_MS = 4000
/** So long it is waited for: a card that is busy can do nothing else. */
const LONGEST_ERASE_MS = 30000

/** An SD card over SPI: the same source on the board, on the simulated card and on QEMU's. */
export class SdCard extends CardStream implements BlockDevice {
  /** This card's erase takes too long. */
  private erasesSlowly = false

  /** Wakes the card and learns its kind, size and best clock. @throws CardError */
  async init(): Promise<void> {
    this.stream = -1
    const known = this.identity()
    await this.start()
    if (this.identity() !== known) this.erasesSlowly = false
  }

  /** Reads one sector. @throws CardError */
  async read(lba: number, into: Buffer): Promise<void> {
    await this.others()
    await this.streamSync()
    for (let attempt = 0; ; attempt++) {
      try {
        await this.readOnce(lba, into)
        return
      } catch (error) {
        await this.again(error as CardError, attempt)
      }
    }
  }

  /** Writes one sector from the first 512 bytes of `from` and returns when the card has confirmed it. @throws CardError */
  async write(lba: number, from: Buffer): Promise<void> {
    await this.others()
    this.frame.blitAt(SLOT_DATA, from, 0, 512)
    await this.writeFrame(lba, this.frame)
  }

  /**
   * Erases the sectors `first` to `last`.
   * @returns false when the card does not know how, or has taken too long for it before @throws CardError
   */
  async erase(first: number, last: number): Promise<boolean> {
    if (this.erasesSlowly) return false
    await this.pause()
    await this.streamSync()
    if ((await this.link.order(32, this.place(first))) !== 0) return false
    if ((await this.link.order(33, this.place(last))) !== 0) return false
    const began = this.clock.now()
    const r1 = await this.link.send(38, 0)
    if (r1 === 0) {
      // Until it is known to be quick.
      this.erasesSlowly = true
      await this.link.ready(LONGEST_ERASE_MS, first)
      this.erasesSlowly = this.clock.now() - began > ERASE_MS
    }
    await this.link.release()
    if (r1 !== 0) return false
    await this.link.checkStatus(first)
    return true
  }

  /** Between two sectors by themselves: the samplers, and what may not wait for a long row of them. */
  private async others(): Promise<void> {
    await this.pause()
    if (this.errand !== null) await this.errand.drain()
  }
}
