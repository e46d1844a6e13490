import { CardError } from "./bus.js"
import { sign } from "./crc.js"
import { ACCEPTED, BUSY_MS } from "./link.js"
import { SLOT_DATA } from "./ring.js"
import { CardSectors } from "./sectors.js"

/** Framed slots, sent in place: in a stream, or one by itself, which ends the stream. */
export class CardStream extends CardSectors {
  /** Where the open stream's next sector goes, or -1. */
  stream = -1
  private streamStart = 0

  /** Begins a stream of sectors at `lba`; about `expected` will come (a hint, 0 for none). @throws CardError */
  async streamOpen(lba: number, expected: number): Promise<void> {
    await this.streamSync()
    const place = this.place(lba)
    for (let attempt = 0; ; attempt++) {
      try {
        if (expected > 0) {
          await this.link.order(55, 0)
          await this.link.order(23, expected)
        }
        await this.link.expect(25, place, lba)
        break
      } catch (error) {
        await this.again(error as CardError, attempt)
      }
    }
    this.stream = lba
    this.streamStart = lba
  }

  /**
   * Sends the next sector of the stream, a framed slot, in place. It is confirmed only by `streamSync`.
   * @returns the sector's place: earlier than expected when the card has lost sectors of this stream.
   * @throws CardError; the stream is then closed, and what it sent since the last `streamSync` is in doubt
   */
  async streamSend(slot: Buffer): Promise<number> {
    const lba = this.stream
    const link = this.link
    // Whatever goes wrong below, this stream is over.
    this.stream = -1
    if (this.crc) sign(slot)
    // Busy with the sector before, for which it had all the time since.
    if (link.busy) await link.ready(BUSY_MS, lba)
    const response = await link.sendFrame(slot)
    if (response !== ACCEPTED) return await this.mend(lba, slot, response)
    this.stream = lba + 1
    return lba
  }

  /** Waits until the card is done with the last sector. @throws CardError when it is not in time */
  async settle(): Promise<void> {
    if (!this.link.busy) return
    const lba = this.stream
    this.stream = -1
    await this.link.ready(BUSY_MS, lba)
    this.stream = lba
  }

  /** Ends the stream, if one is open; all it sent is then confirmed. @throws CardError when it cannot be */
  async streamSync(): Promise<void> {
    if (this.stream < 0) return
    await this.settle()
    const lba = this.stream
    this.stream = -1
    await this.link.stop(BUSY_MS, lba)
    await this.link.release()
    await this.link.checkStatus(lba)
  }

  /** Writes one slot by itself and returns when the card has confirmed it. @throws CardError */
  async writeFrame(lba: number, slot: Buffer): Promise<void> {
    await this.streamSync()
    for (let attempt = 0; ; attempt++) {
      try {
        await this.writeOnce(lba, slot)
        return
      } catch (error) {
        await this.again(error as CardError, attempt)
      }
    }
  }

  /** Writes `count` sectors of the byte `value` and returns when they are confirmed. @throws CardError */
  async fill(lba: number, count: number, value: number): Promise<void> {
    await this.streamSync()
    this.frame.fillAt(SLOT_DATA, 512, value)
    let next = lba
    while (next < lba + count) {
      if (this.stream < 0) await this.streamOpen(next, lba + count - next)
      next = (await this.streamSend(this.frame)) + 1
    }
    await this.streamSync()
  }

  /** Puts a refused sector of a stream behind the last one that the card has kept. @returns its place */
  private async mend(lba: number, slot: Buffer, response: number): Promise<number> {
    if (response < 0) {
      await this.link.release()
      throw new CardError("timeout", lba, -1)
    }
    this.retries++
    this.learnCrc(response)
    await this.link.send(12, 0)
    await this.link.ready(BUSY_MS, lba)
    await this.link.release()
    let kept = lba - this.streamStart
    const count = await this.wellWritten()
    if (count >= 0 && count < kept) kept = count
    await this.writeFrame(this.streamStart + kept, slot)
    return this.streamStart + kept
  }

  /** How many sectors of the last stream the card has kept, or -1 when it does not say. */
  private async wellWritten(): Promise<number> {
    await this.link.order(55, 0)
    const r1 = await this.link.send(22, 0)
    if (r1 === 0) await this.link.block(this.register, 4, -1)
    await this.link.release()
    const b = this.register
    return r1 !== 0 ? -1 : (b[0] as number) * 16777216 + (b[1] as number) * 65536 + (b[2] as number) * 256 + (b[3] as number)
  }
}
