import { type BlockDevice, CardError, type Clock, type SpiBus } from "./bus.js"
import { crc7 } from "./crc7.js"

/**
 * An SD card over SPI, on the board, on the simulated card and on QEMU's alike.
 *
 * A transfer costs the board far more than its bytes, so a command and its answer are one transfer, and so are a sector's
 * token, data, CRC and response. Source: SD Physical Layer Simplified Specification, chapter 7 (SPI mode); the notes in README.md.
 */

/** Bytes of a framed sector: FF, token, 512 of data, 2 of CRC, 12 to clock the answer out. */
const FRAME = 528
const DATA = 2
const CRC = 514
const RESPONSE = 516
const TOKEN_BLOCK = 0xfe
const TOKEN_STREAM = 0xfc
const TOKEN_STOP = 0xfd

/** Command, up to 8 idle bytes, R1 and 4 more bytes, with one idle byte before. */
const COMMAND = 20
const POLL = 32

const SLOW_HZ = 400000
const LEAST_HZ = 1000000

const POWER_UP_MS = 2000
const COMMAND_MS = 300
const READ_MS = 300
const WRITE_MS = 600
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
  /** Transfers repeated. */
  retries = 0
  /** The card's identification register. */
  readonly cid = Buffer.alloc(16)

  private crc: boolean
  /** Next sector of the open stream, or -1. */
  private stream = -1
  private streamStart = 0
  /** Index of R1 in `answer`. */
  private at = 0

  private readonly command = Buffer.alloc(COMMAND)
  private readonly answer = Buffer.alloc(COMMAND)
  private readonly idle = Buffer.alloc(POLL)
  private readonly poll = Buffer.alloc(POLL)
  private readonly one = Buffer.alloc(1)
  private readonly other = Buffer.alloc(1)
  private readonly ones = Buffer.alloc(FRAME)
  private readonly out = Buffer.alloc(FRAME)
  private readonly in = Buffer.alloc(FRAME)
  private readonly register = Buffer.alloc(16)

  constructor(
    private readonly bus: SpiBus,
    private readonly clock: Clock,
    private readonly options: SdOptions,
  ) {
    this.crc = options.crc
    this.hz = options.hz
    this.command.fillAt(0, COMMAND, 0xff)
    this.idle.fillAt(0, POLL, 0xff)
    this.one[0] = 0xff
    this.ones.fillAt(0, FRAME, 0xff)
    this.out.fillAt(0, FRAME, 0xff)
  }

  /** Wakes the card and learns its kind, size and best clock. @throws CardError */
  async init(): Promise<void> {
    this.stream = -1
    this.sectors = 0
    try {
      await this.wake()
      await this.identify()
    } catch (error) {
      await this.release()
      throw error
    }
  }

  /** A number that tells this card from others: its maker and serial number. */
  identity(): number {
    return this.cid.getAt(9, "u32") * 256 + (this.cid[0] as number)
  }

  /** Reads one sector. @throws CardError */
  async read(lba: number, into: Buffer): Promise<void> {
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
    this.out.blitAt(DATA, from, 0, 512)
    await this.writeFrame(lba, this.out)
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
    if (expected > 0) {
      await this.order(55, 0)
      await this.order(23, expected)
    }
    await this.expect(25, this.address(lba), lba)
    this.stream = lba
    this.streamStart = lba
  }

  /** True while a stream is open. */
  streaming(): boolean {
    return this.stream >= 0
  }

  /**
   * Sends the next sector of the stream, a framed slot, in place. It is confirmed only by `streamSync`.
   * @returns the sector's place: earlier than expected when the card has lost sectors of this stream.
   * @throws CardError; the stream is then closed and what it sent since the last `streamSync` is in doubt
   */
  async streamSend(slot: Buffer): Promise<number> {
    const lba = this.stream
    if (this.crc) sign(slot)
    slot[1] = TOKEN_STREAM
    await this.bus.xfer(slot, this.in)
    const response = this.response()
    if (response !== 5) return await this.mend(lba, slot, response)
    if (this.in[FRAME - 1] !== 0xff) await this.ready(WRITE_MS, lba)
    this.stream = lba + 1
    return lba
  }

  /** Ends the stream, if one is open; all it sent is then confirmed. @throws CardError when it cannot be */
  async streamSync(): Promise<void> {
    if (this.stream < 0) return
    const lba = this.stream
    this.stream = -1
    this.command.fillAt(0, COMMAND, 0xff)
    this.command[0] = TOKEN_STOP
    await this.bus.xfer(this.command, this.answer)
    this.command[0] = 0xff
    // The byte after the token is undefined, so it is a later one that says "ready".
    if (this.answer[COMMAND - 1] !== 0xff) await this.ready(WRITE_MS, lba)
    await this.release()
    await this.checkStatus(lba)
  }

  /** Writes `count` sectors of the byte `value` and returns when they are confirmed. @throws CardError */
  async fill(lba: number, count: number, value: number): Promise<void> {
    await this.streamOpen(lba, count)
    this.out.fillAt(DATA, 512, value)
    for (let i = 0; i < count; i++) {
      const place = await this.streamSend(this.out)
      if (place !== lba + i) throw new CardError("write", lba + i, -1)
    }
    await this.streamSync()
  }

  /** Erases the sectors `first` to `last`. @returns false when the card does not know how. @throws CardError */
  async erase(first: number, last: number): Promise<boolean> {
    await this.streamSync()
    if ((await this.order(32, this.address(first))) !== 0) return false
    if ((await this.order(33, this.address(last))) !== 0) return false
    const r1 = await this.send(38, 0)
    if (r1 !== 0) {
      await this.release()
      return false
    }
    await this.ready(ERASE_MS, first)
    await this.release()
    await this.checkStatus(first)
    return true
  }

  /** True when the card that `init` found still answers. */
  async present(): Promise<boolean> {
    if (this.sectors === 0) return false
    try {
      await this.streamSync()
      await this.checkStatus(-1)
      return true
    } catch {
      await this.release()
      return false
    }
  }

  // ---- start ----

  /** To the idle state, then out of it. */
  private async wake(): Promise<void> {
    this.bus.select(false)
    this.bus.setClock(SLOW_HZ)
    await this.bus.xfer(this.idle, this.poll)
    await this.reset()
    const v2 = await this.isVersion2()
    // Some cards refuse CMD59, some only the first time: the answer does not matter.
    await this.order(59, this.crc ? 1 : 0)
    const until = this.clock.now() + POWER_UP_MS
    for (;;) {
      await this.order(55, 0)
      const r1 = await this.order(41, v2 ? 0x40000000 : 0)
      if (r1 === 0) break
      if (r1 > R1_IDLE || this.clock.now() > until) throw new CardError("absent", -1, r1)
      await this.clock.sleep(10)
    }
    this.blockAddress = false
    if (v2) {
      // R1 is not looked at: QEMU's card still says "idle" here.
      await this.order(58, 0)
      this.blockAddress = ((this.answer[this.at + 1] as number) & 0x40) !== 0
    }
    if (!this.blockAddress) await this.order(16, 512)
  }

  private async reset(): Promise<void> {
    const until = this.clock.now() + POWER_UP_MS
    for (let attempt = 0; attempt < 10; attempt++) {
      const r1 = await this.order(0, 0)
      if (r1 === R1_IDLE) return
      if (this.clock.now() > until) break
      // After a reset of the board alone, the card may wait for the rest of a sector, or send one.
      if (attempt === 1) await this.unwind()
      await this.clock.sleep(attempt < 3 ? 1 : 50)
    }
    throw new CardError("absent", -1, this.answer[this.at] as number)
  }

  /** Lets a card that was left inside a block come to the block's end, and closes its stream. */
  private async unwind(): Promise<void> {
    this.bus.select(true)
    this.out.fillAt(0, FRAME, 0xff)
    await this.bus.xfer(this.out, this.in)
    this.out[0] = TOKEN_STOP
    await this.bus.xfer(this.out, this.in)
    this.out[0] = 0xff
    for (let n = 0; this.in[FRAME - 1] !== 0xff && n < 100; n++) {
      await this.clock.sleep(5)
      await this.bus.xfer(this.out, this.in)
    }
    await this.release()
  }

  private async isVersion2(): Promise<boolean> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const r1 = await this.order(8, 0x1aa)
      if (r1 !== 0xff && (r1 & R1_ILLEGAL) !== 0) return false
      if (((this.answer[this.at + 3] as number) & 15) === 1 && this.answer[this.at + 4] === 0xaa) return true
    }
    throw new CardError("refused", -1, this.answer[this.at] as number)
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
    for (;;) {
      this.bus.setClock(this.hz)
      if (await this.readsTheSameTwice()) break
      if (this.hz < LEAST_HZ) throw new CardError("read", 0, -1)
      this.hz = this.hz >> 1
    }
    this.sectors = sectors
  }

  private async readRegister(index: number): Promise<void> {
    const r1 = await this.send(index, 0)
    if (r1 !== 0) throw new CardError("refused", -1, r1)
    await this.block(this.register, 16, -1)
    await this.release()
  }

  private async readsTheSameTwice(): Promise<boolean> {
    try {
      await this.readOnce(0, this.out)
      const first = digest(this.out)
      await this.readOnce(0, this.out)
      return digest(this.out) === first
    } catch {
      await this.release()
      return false
    }
  }

  // ---- sectors ----

  private async readOnce(lba: number, into: Buffer): Promise<void> {
    this.checkPlace(lba)
    await this.expect(17, this.address(lba), lba)
    await this.block(into, 512, lba)
    await this.release()
  }

  /** Takes a block of `length` bytes that the card sends behind its answer to the last command. */
  private async block(into: Buffer, length: number, lba: number): Promise<void> {
    const until = this.clock.now() + READ_MS
    let chunk = this.answer
    let at = this.at + 1
    for (let n = 0; ; n++) {
      while (at < chunk.length && chunk[at] === 0xff) at++
      if (at < chunk.length) break
      if (this.clock.now() > until) throw new CardError("timeout", lba, -1)
      if (n > 1) await this.clock.sleep(1)
      await this.bus.xfer(this.idle, this.poll)
      chunk = this.poll
      at = 0
    }
    if (chunk[at] !== TOKEN_BLOCK) throw new CardError("read", lba, chunk[at] as number)
    const here = chunk.length - at - 1
    const part = here < length ? here : length
    into.blitAt(0, chunk, at + 1, part)
    if (here >= length + 2) return
    await this.bus.xfer(this.ones, this.in)
    into.blitAt(part, this.in, 0, length - part)
  }

  private async writeOnce(lba: number, slot: Buffer): Promise<void> {
    this.checkPlace(lba)
    if (this.crc) sign(slot)
    await this.expect(24, this.address(lba), lba)
    slot[1] = TOKEN_BLOCK
    await this.bus.xfer(slot, this.in)
    slot[1] = TOKEN_STREAM
    const response = this.response()
    if (response !== 5) {
      this.learnCrc(response)
      throw new CardError("write", lba, response)
    }
    if (this.in[FRAME - 1] !== 0xff) await this.ready(WRITE_MS, lba)
    await this.release()
    await this.checkStatus(lba)
  }

  /** Puts a refused sector of a stream behind the last one that the card has kept. @returns its place */
  private async mend(lba: number, slot: Buffer, response: number): Promise<number> {
    this.stream = -1
    if (response < 0) {
      await this.release()
      throw new CardError("timeout", lba, -1)
    }
    this.retries++
    this.learnCrc(response)
    await this.send(12, 0)
    await this.ready(WRITE_MS, lba)
    await this.release()
    let kept = lba - this.streamStart
    const count = await this.wellWritten()
    if (count >= 0 && count < kept) kept = count
    await this.writeFrame(this.streamStart + kept, slot)
    return this.streamStart + kept
  }

  /** How many sectors of the last stream the card has kept, or -1 when it does not say. */
  private async wellWritten(): Promise<number> {
    await this.order(55, 0)
    const r1 = await this.send(22, 0)
    if (r1 !== 0) {
      await this.release()
      return -1
    }
    await this.block(this.register, 4, -1)
    await this.release()
    const b = this.register
    return (b[0] as number) * 16777216 + (b[1] as number) * 65536 + (b[2] as number) * 256 + (b[3] as number)
  }

  /** A CRC error on a block that carries none: this card checks although it was told not to. */
  private learnCrc(response: number): void {
    if (response === 0x0b) this.crc = true
  }

  /** The data response in `in`: 5 accepted, 0x0b CRC error, 0x0d write error, -1 none. */
  private response(): number {
    for (let i = RESPONSE; i < FRAME; i++) {
      const byte = this.in[i] as number
      if ((byte & 0x11) === 1) return byte & 0x1f
    }
    return -1
  }

  /** Before another attempt: nothing, then a fresh start; after that the error stands. */
  private async again(error: CardError, attempt: number): Promise<void> {
    await this.release()
    if (attempt > 1 || error.code === "protected" || this.sectors === 0) throw error
    this.retries++
    if (attempt === 0) return
    this.restarts++
    if (error.code !== "timeout" && this.hz >= LEAST_HZ) this.hz = this.hz >> 1
    const known = this.identity()
    await this.init()
    if (this.identity() === known) return
    this.sectors = 0
    throw new CardError("changed", error.lba, -1)
  }

  // ---- commands ----

  /** Selects the card and sends a command. @returns R1, 0xff if none came; what follows it is in `answer` behind `at`. */
  private async send(index: number, argument: number): Promise<number> {
    const tx = this.command
    tx[1] = 0x40 | index
    tx[2] = argument >>> 24
    tx[3] = argument >>> 16
    tx[4] = argument >>> 8
    tx[5] = argument
    tx[6] = crc7(tx, 1, 5)
    this.bus.select(true)
    await this.bus.xfer(tx, this.answer)
    // After CMD12 the first byte is a left-over.
    for (let i = index === 12 ? 8 : 7; i < COMMAND - 4; i++) {
      const r1 = this.answer[i] as number
      if ((r1 & 0x80) === 0) {
        this.at = i
        return r1
      }
    }
    this.at = 7
    return 0xff
  }

  /** A command whose answer is complete with R1 and the four bytes behind it. @returns R1 */
  private async order(index: number, argument: number): Promise<number> {
    const r1 = await this.send(index, argument)
    await this.release()
    return r1
  }

  /** A command that leaves the card selected; waits while the card is still busy. @throws CardError unless R1 is 0 */
  private async expect(index: number, argument: number, lba: number): Promise<void> {
    let r1 = await this.send(index, argument)
    if (r1 === 0) return
    // Busy or deaf: once it is ready it hears the command.
    await this.ready(COMMAND_MS, lba)
    r1 = await this.send(index, argument)
    if (r1 !== 0) throw new CardError(r1 === 0xff ? "timeout" : "refused", lba, r1)
  }

  /** CMD13: both status bytes must be 0. */
  private async checkStatus(lba: number): Promise<void> {
    const r1 = await this.order(13, 0)
    const r2 = this.answer[this.at + 1] as number
    if (r1 === 0xff) throw new CardError("timeout", lba, r1)
    if (r1 !== 0) throw new CardError("refused", lba, r1)
    if (r2 !== 0) throw new CardError((r2 & 0x22) === 0 ? "write" : "protected", lba, r2)
  }

  /** Polls until the card lets the line go high. @throws CardError after `ms` */
  private async ready(ms: number, lba: number): Promise<void> {
    const until = this.clock.now() + ms
    for (let n = 0; ; n++) {
      await this.bus.xfer(this.idle, this.poll)
      if (this.poll[POLL - 1] === 0xff) return
      if (this.clock.now() > until) throw new CardError("timeout", lba, -1)
      // The first polls follow at once; later the samplers get the time.
      if (n > 1) await this.clock.sleep(n < 6 ? 1 : 3)
    }
  }

  /** Deselects, with the eight clocks that the card needs to let the line go. */
  private async release(): Promise<void> {
    this.bus.select(false)
    await this.bus.xfer(this.one, this.other)
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
  for (let i = DATA; i < CRC; i++) {
    // Eight steps of the shift register at once.
    let x = (crc >> 8) ^ (slot[i] as number)
    x ^= x >> 4
    crc = ((crc << 8) ^ (x << 12) ^ (x << 5) ^ x) & 0xffff
  }
  slot[CRC] = crc >> 8
  slot[CRC + 1] = crc
}
