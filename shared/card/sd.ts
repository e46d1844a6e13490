import { type BlockDevice, CardError, type Clock, type SpiBus } from "./bus.js"
import { crc7 } from "./crc7.js"
import { ACCEPTED, CardLink, CRC_ERROR, TOKEN_BLOCK, TOKEN_STREAM } from "./link.js"
import { SLOT_DATA, SLOT_END, SLOT_SIZE } from "./ring.js"

/** An SD card over SPI: the same source on the board, on the simulated card and on QEMU's. */

const SLOW_HZ = 400000
const LEAST_HZ = 1000000

const POWER_UP_MS = 2000
const WRITE_MS = 600
/** In a stream nothing can be sent again: the wait itself is the second try. */
const STREAM_MS = 1200
const ERASE_MS = 4000

const R1_IDLE = 1
const R1_ILLEGAL = 4

/** What the program may choose. */
export interface SdOptions {
  /** Fastest clock to try. */
  hz: number
  /** The card shall check each sector's CRC. Costs the board about 28 ms a sector; without it the wire is tested at the start. */
  crc: boolean
}

/** What may not wait for a long row of single sectors, as making or closing a file is. */
export interface Errand {
  /** May append to segments, and read or write nothing else. @throws CardError */
  drain(): Promise<void>
}

export class SdCard implements BlockDevice {
  /** Capacity in sectors; 0 before `init`. */
  sectors = 0
  /** True for SDHC and SDXC: addresses count sectors. */
  blockAddress = false
  /** The card says that it must not be written. */
  readOnly = false
  /** The clock in use. */
  hz = 0
  /** Times the card had to be initialised again after an error. */
  restarts = 0
  /** Sectors sent or asked for again. */
  retries = 0
  /** Gets its turn before each sector that is read or written by itself. */
  errand: Errand | null = null
  /** The card's identification register. */
  readonly cid = Buffer.alloc(16)

  private crc: boolean
  /** Next sector of the open stream, or -1. */
  private stream = -1
  private streamStart = 0

  private readonly link: CardLink
  private readonly frame = Buffer.alloc(SLOT_SIZE)
  private readonly register = Buffer.alloc(16)

  constructor(
    bus: SpiBus,
    private readonly clock: Clock,
    private readonly options: SdOptions,
  ) {
    this.link = new CardLink(bus, clock)
    this.crc = options.crc
    this.hz = options.hz
    this.frame.fillAt(0, SLOT_SIZE, 0xff)
  }

  /** Wakes the card and learns its kind, size and best clock. @throws CardError */
  async init(): Promise<void> {
    this.stream = -1
    this.sectors = 0
    try {
      await this.wake()
      await this.identify()
    } catch (error) {
      await this.link.release()
      throw error
    }
  }

  /** A number that tells this card from others: its maker and serial number. */
  identity(): number {
    return this.cid.getAt(9, "u32") * 256 + (this.cid[0] as number)
  }

  /** Reads one sector. @throws CardError */
  async read(lba: number, into: Buffer): Promise<void> {
    if (this.errand !== null) await this.errand.drain()
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
    if (this.errand !== null) await this.errand.drain()
    this.frame.blitAt(SLOT_DATA, from, 0, 512)
    await this.writeFrame(lba, this.frame)
  }

  /** Like `write`, with a framed slot that is sent in place. @throws CardError */
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

  /** Begins a stream of sectors at `lba`; about `expected` will come (a hint, 0 for none). @throws CardError */
  async streamOpen(lba: number, expected: number): Promise<void> {
    await this.streamSync()
    this.checkPlace(lba)
    for (let attempt = 0; ; attempt++) {
      try {
        if (expected > 0) {
          await this.link.order(55, 0)
          await this.link.order(23, expected)
        }
        await this.link.expect(25, this.address(lba), lba)
        break
      } catch (error) {
        await this.again(error as CardError, attempt)
      }
    }
    this.stream = lba
    this.streamStart = lba
  }

  /** Where the open stream's next sector goes, or -1. */
  streamNext(): number {
    return this.stream
  }

  /** Halves the clock. @returns false when it is at its slowest */
  slower(): boolean {
    if (this.hz < LEAST_HZ) return false
    this.hz = this.hz >> 1
    this.link.setClock(this.hz)
    return true
  }

  /**
   * Sends the next sector of the stream, a framed slot, in place. It is confirmed only by `streamSync`.
   * @returns the sector's place: earlier than expected when the card has lost sectors of this stream.
   * @throws CardError; the stream is then closed, and what it sent since the last `streamSync` is in doubt
   */
  async streamSend(slot: Buffer): Promise<number> {
    const lba = this.stream
    // Whatever goes wrong below, this stream is over.
    this.stream = -1
    if (this.crc) sign(slot)
    const response = await this.link.sendFrame(slot, TOKEN_STREAM)
    if (response !== ACCEPTED) return await this.mend(lba, slot, response)
    if (!this.link.readyAfterFrame()) await this.link.ready(STREAM_MS, lba)
    this.stream = lba + 1
    return lba
  }

  /** Ends the stream, if one is open; all it sent is then confirmed. @throws CardError when it cannot be */
  async streamSync(): Promise<void> {
    if (this.stream < 0) return
    const lba = this.stream
    this.stream = -1
    await this.link.stop(STREAM_MS, lba)
    await this.link.release()
    await this.link.checkStatus(lba)
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

  /** Erases the sectors `first` to `last`. @returns false when the card does not know how. @throws CardError */
  async erase(first: number, last: number): Promise<boolean> {
    await this.streamSync()
    if ((await this.link.order(32, this.address(first))) !== 0) return false
    if ((await this.link.order(33, this.address(last))) !== 0) return false
    const r1 = await this.link.send(38, 0)
    if (r1 === 0) await this.link.ready(ERASE_MS, first)
    await this.link.release()
    if (r1 !== 0) return false
    await this.link.checkStatus(first)
    return true
  }

  // ---- start ----

  /** To the idle state, then out of it. */
  private async wake(): Promise<void> {
    const link = this.link
    await link.powerUp(SLOW_HZ)
    await this.reset()
    const v2 = await this.isVersion2()
    // Some cards refuse CMD59, some only the first time: the answer does not matter.
    await link.order(59, this.crc ? 1 : 0)
    const until = this.clock.now() + POWER_UP_MS
    for (;;) {
      await link.order(55, 0)
      const r1 = await link.order(41, v2 ? 0x40000000 : 0)
      if (r1 === 0) break
      if (r1 > R1_IDLE || this.clock.now() > until) throw new CardError("absent", -1, r1)
      await this.clock.sleep(10)
    }
    this.blockAddress = false
    if (v2) {
      // R1 is not looked at: QEMU's card still says "idle" here.
      await link.order(58, 0)
      this.blockAddress = ((link.answer[link.at + 1] as number) & 0x40) !== 0
    }
    if (!this.blockAddress) await link.order(16, 512)
  }

  private async reset(): Promise<void> {
    const until = this.clock.now() + POWER_UP_MS
    let r1 = 0xff
    for (let attempt = 0; attempt < 10 && this.clock.now() <= until; attempt++) {
      r1 = await this.link.order(0, 0)
      if (r1 === R1_IDLE) return
      // After a reset of the board alone, the card may wait for the rest of a sector, or send one.
      if (attempt === 1) await this.link.unwind()
      await this.clock.sleep(attempt < 3 ? 1 : 50)
    }
    throw new CardError("absent", -1, r1)
  }

  private async isVersion2(): Promise<boolean> {
    const link = this.link
    for (let attempt = 0; attempt < 3; attempt++) {
      const r1 = await link.order(8, 0x1aa)
      if (r1 !== 0xff && (r1 & R1_ILLEGAL) !== 0) return false
      if (((link.answer[link.at + 3] as number) & 15) === 1 && link.answer[link.at + 4] === 0xaa) return true
    }
    throw new CardError("absent", -1, link.answer[link.at] as number)
  }

  /** Size, write protection and number; then the fastest clean clock. */
  private async identify(): Promise<void> {
    await this.readRegister(9)
    const csd = this.register
    if (crc7(csd, 0, 15) !== ((csd[15] as number) | 1)) throw new CardError("read", -1, -1)
    const sectors = capacity(csd)
    this.readOnly = ((csd[14] as number) & 0x30) !== 0
    await this.readRegister(10)
    const known = this.identity()
    this.cid.blitAt(0, this.register, 0, 16)
    if (this.identity() !== known) this.hz = this.options.hz
    this.link.setClock(this.hz)
    for (;;) {
      if (await this.readsTheSameTwice()) break
      if (!this.slower()) throw new CardError("read", 0, -1)
    }
    this.sectors = sectors
  }

  private async readRegister(index: number): Promise<void> {
    const r1 = await this.link.send(index, 0)
    if (r1 !== 0) throw new CardError("refused", -1, r1)
    await this.link.block(this.register, 16, -1)
    await this.link.release()
  }

  private async readsTheSameTwice(): Promise<boolean> {
    try {
      await this.readOnce(0, this.frame)
      const first = digest(this.frame)
      await this.readOnce(0, this.frame)
      const second = digest(this.frame)
      // A frame again: an idle byte before the token.
      this.frame.fillAt(0, SLOT_DATA, 0xff)
      return second === first
    } catch {
      await this.link.release()
      return false
    }
  }

  // ---- sectors ----

  private async readOnce(lba: number, into: Buffer): Promise<void> {
    this.checkPlace(lba)
    await this.link.expect(17, this.address(lba), lba)
    await this.link.block(into, 512, lba)
    await this.link.release()
  }

  private async writeOnce(lba: number, slot: Buffer): Promise<void> {
    this.checkPlace(lba)
    if (this.crc) sign(slot)
    await this.link.expect(24, this.address(lba), lba)
    const response = await this.link.sendFrame(slot, TOKEN_BLOCK)
    if (response !== ACCEPTED) {
      this.learnCrc(response)
      throw new CardError("write", lba, response)
    }
    if (!this.link.readyAfterFrame()) await this.link.ready(WRITE_MS, lba)
    await this.link.release()
    await this.link.checkStatus(lba)
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
    await this.link.ready(WRITE_MS, lba)
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

  /** A CRC error on a block that carries none: this card checks although it was told not to. */
  private learnCrc(response: number): void {
    if (response === CRC_ERROR) this.crc = true
  }

  /** Before another attempt: nothing, then a fresh start; after that the error stands. */
  private async again(error: CardError, attempt: number): Promise<void> {
    await this.link.release()
    if (attempt > 1 || error.code === "protected" || this.sectors === 0) throw error
    this.retries++
    if (attempt === 0) return
    this.restarts++
    if (error.code !== "timeout") this.slower()
    const known = this.identity()
    await this.init()
    if (this.identity() === known) return
    this.sectors = 0
    throw new CardError("changed", error.lba, -1)
  }

  private address(lba: number): number {
    return this.blockAddress ? lba : lba * 512
  }

  private checkPlace(lba: number): void {
    if (this.sectors > 0 && lba >= this.sectors) throw new CardError("refused", lba, -1)
  }
}

/** Sectors from the CSD register, both versions. */
function capacity(csd: Buffer): number {
  const b5 = csd[5] as number
  const b6 = csd[6] as number
  const b7 = csd[7] as number
  const b8 = csd[8] as number
  const b9 = csd[9] as number
  if ((csd[0] as number) >> 6 === 0) {
    const size = ((b6 & 3) << 10) | (b7 << 2) | (b8 >> 6)
    const multiplier = ((b9 & 3) << 1) | ((csd[10] as number) >> 7)
    return (size + 1) << (multiplier + 2 + (b5 & 15) - 9)
  }
  return ((((b7 & 63) << 16) | (b8 << 8) | b9) + 1) * 1024
}

/** A number that two readings of a sector share only if all words do, but for chance. */
function digest(b: Buffer): number {
  let sum = 0
  for (let i = 0; i < 512; i += 4) sum = (Math.imul(sum, 31) + b.getAt(i, "i32")) | 0
  return sum
}

/** Puts the sector's CRC-16 (polynomial 0x1021, start 0) behind its data. */
function sign(slot: Buffer): void {
  let crc = 0
  for (let i = SLOT_DATA; i < SLOT_END; i++) {
    // Eight steps of the shift register at once.
    let x = (crc >> 8) ^ (slot[i] as number)
    x ^= x >> 4
    crc = ((crc << 8) ^ (x << 12) ^ (x << 5) ^ x) & 0xffff
  }
  slot[SLOT_END] = crc >> 8
  slot[SLOT_END + 1] = crc
}
