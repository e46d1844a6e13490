import { CardError, type Clock, type SpiBus } from "./bus.js"
import { crc7 } from "./crc.js"
import { SLOT_END, SLOT_SIZE } from "./ring.js"

/**
 * Commands, answers, tokens and blocks of an SD card in SPI mode.
 *
 * A transfer costs the board far more than its bytes, so a command and its answer are one transfer, and so are a sector's
 * token, data, CRC and response. Source: SD Physical Layer Simplified Specification, chapter 7 (SPI mode).
 */

export const TOKEN_BLOCK = 0xfe
/** The ring's slots are framed with this one. */
export const TOKEN_STREAM = 0xfc
const TOKEN_STOP = 0xfd

/** Data responses. */
export const ACCEPTED = 0x05
export const CRC_ERROR = 0x0b

/** An idle byte, the command, up to 8 idle bytes, R1 and 4 more bytes. */
const COMMAND_SIZE = 20
const POLL_SIZE = 32

/**
 * How long a card may be busy before it is given up, ms. The specification has 250 to 500; cards were seen to take more than 1000:
 * github.com/espressif/esp-idf/issues/1093.
 */
export const BUSY_MS = 2000
const READ_MS = 300
const QUIET_MS = 500
/** Times that a command is sent to a card that falls busy while it hears it. */
const HEARINGS = 3

export class CardLink {
  /** Answer to the last command; R1 is at `at`, what belongs to it follows. */
  readonly answer = Buffer.alloc(COMMAND_SIZE)
  at = 0
  /** The card was busy when the last command or frame ended. */
  busy = false

  private readonly command = Buffer.alloc(COMMAND_SIZE)
  private readonly idle = Buffer.alloc(POLL_SIZE)
  private readonly poll = Buffer.alloc(POLL_SIZE)
  private readonly one = Buffer.alloc(1)
  private readonly other = Buffer.alloc(1)
  private readonly ones = Buffer.alloc(SLOT_SIZE)
  private readonly in = Buffer.alloc(SLOT_SIZE)

  constructor(
    private readonly bus: SpiBus,
    private readonly clock: Clock,
  ) {
    this.command.fillAt(0, COMMAND_SIZE, 0xff)
    this.idle.fillAt(0, POLL_SIZE, 0xff)
    this.one[0] = 0xff
    this.ones.fillAt(0, SLOT_SIZE, 0xff)
  }

  /**
   * Deselects and gives the clocks that a card needs after power comes. A card that the board alone was restarted beside may be writing, and
   * CMD0 would end that: it gets half a second. Others hold the line low until CMD0 comes (github.com/afiskon/stm32-sdcard/issues/4).
   */
  async powerUp(hz: number): Promise<void> {
    this.bus.select(false)
    this.bus.setClock(hz)
    await this.bus.xfer(this.idle, this.poll)
    this.bus.select(true)
    await this.bus.xfer(this.one, this.other)
    this.in[SLOT_SIZE - 1] = this.other[0] as number
    await this.quiet()
    await this.release()
  }

  setClock(hz: number): void {
    this.bus.setClock(hz)
  }

  /**
   * Selects the card, waits until it is ready, and sends a command. A card that is selected while it is busy pulls the line low again and
   * hears nothing (SanDisk SD Card Product Manual 1.9, 5.2.3; github.com/PelionIoT/sd-driver/pull/61): its zeros are no R1.
   * CMD0 and CMD12 are for a card in any state.
   * @returns R1, 0xff if none came @throws CardError `timeout` when the card stays busy
   */
  async send(index: number, argument: number): Promise<number> {
    const tx = this.command
    const answer = this.answer
    const anyState = index === 0 || index === 12
    this.bus.select(true)
    for (let n = 0; ; n++) {
      if (!anyState) {
        await this.bus.xfer(this.one, this.other)
        if (this.other[0] !== 0xff) await this.ready(BUSY_MS, -1)
      }
      tx[1] = 0x40 | index
      tx[2] = argument >>> 24
      tx[3] = argument >>> 16
      tx[4] = argument >>> 8
      tx[5] = argument
      tx[6] = crc7(0, tx, 1) | 1
      await this.bus.xfer(tx, answer)
      // Up to the command's last byte the line of a card that hears it is high.
      if (anyState || (answer.getAt(0, "i32") & answer.getAt(3, "i32")) === -1) break
      if (n === HEARINGS) throw new CardError("timeout", -1, answer[0] as number)
    }
    this.busy = answer[COMMAND_SIZE - 1] !== 0xff
    // After CMD12 the first byte is a left-over.
    for (let i = index === 12 ? 8 : 7; i < COMMAND_SIZE - 4; i++) {
      const r1 = answer[i] as number
      if ((r1 & 0x80) === 0) {
        this.at = i
        return r1
      }
    }
    this.at = 7
    return 0xff
  }

  /** A command whose answer is complete with R1 and the four bytes behind it; deselects. @returns R1 */
  async order(index: number, argument: number): Promise<number> {
    const r1 = await this.send(index, argument)
    await this.release()
    return r1
  }

  /** A command that leaves the card selected, sent again when it was not heard. @throws CardError unless R1 is 0 */
  async expect(index: number, argument: number, lba: number): Promise<void> {
    let r1 = await this.send(index, argument)
    if (r1 === 0) return
    r1 = await this.send(index, argument)
    if (r1 !== 0) throw new CardError(r1 === 0xff ? "timeout" : "refused", lba, r1)
  }

  /** CMD13: both status bytes must be 0, or the last writes failed. @throws CardError */
  async checkStatus(lba: number): Promise<void> {
    const r1 = await this.order(13, 0)
    const r2 = this.answer[this.at + 1] as number
    if (r1 === 0xff) throw new CardError("timeout", lba, r1)
    if (r1 !== 0) throw new CardError("refused", lba, r1)
    if (r2 !== 0) throw new CardError((r2 & 0x22) === 0 ? "write" : "protected", lba, r2)
  }

  /** Takes a block of `length` bytes that the card sends behind its answer to the last command. @throws CardError */
  async block(into: Buffer, length: number, lba: number): Promise<void> {
    const until = this.clock.now() + READ_MS
    let chunk = this.answer
    let size = COMMAND_SIZE
    let at = this.at + 1
    for (let n = 0; ; n++) {
      // Idle bytes, eight at a time.
      while (at + 8 <= size && (chunk.getAt(at, "i32") & chunk.getAt(at + 4, "i32")) === -1) at += 8
      while (at < size && chunk[at] === 0xff) at++
      if (at < size) break
      if (this.clock.now() > until) throw new CardError("read", lba, -1)
      if (n > 1) await this.clock.sleep(1)
      await this.bus.xfer(this.idle, this.poll)
      chunk = this.poll
      size = POLL_SIZE
      at = 0
    }
    if (chunk[at] !== TOKEN_BLOCK) throw new CardError("read", lba, chunk[at] as number)
    const here = size - at - 1
    const part = here < length ? here : length
    into.blitAt(0, chunk, at + 1, part)
    if (here >= length + 2) return
    await this.bus.xfer(this.ones, this.in)
    into.blitAt(part, this.in, 0, length - part)
  }

  /** Sends a framed sector to a card that is ready; `busy` then tells whether to wait. @returns the data response: `ACCEPTED`, `CRC_ERROR`, 0x0d for a write error, -1 for none */
  async sendFrame(slot: Buffer): Promise<number> {
    const answer = this.in
    await this.bus.xfer(slot, answer)
    this.busy = answer[SLOT_SIZE - 1] !== 0xff
    // A card that was busy has not taken it.
    if (answer[0] !== 0xff) return -1
    for (let i = SLOT_END + 2; i < SLOT_SIZE; i++) {
      const byte = answer[i] as number
      if ((byte & 0x11) === 1) return byte & 0x1f
    }
    return -1
  }

  /** The token that ends a stream; waits for the card. @throws CardError */
  async stop(ms: number, lba: number): Promise<void> {
    this.command.fillAt(0, COMMAND_SIZE, 0xff)
    this.command[0] = TOKEN_STOP
    await this.bus.xfer(this.command, this.answer)
    this.command[0] = 0xff
    // The byte after the token is undefined, so it is a later one that says "ready".
    if (this.answer[COMMAND_SIZE - 1] !== 0xff) await this.ready(ms, lba)
  }

  /** Lets a card that was left inside a block come to the block's end, and closes its stream. */
  async unwind(): Promise<void> {
    this.bus.select(true)
    await this.bus.xfer(this.ones, this.in)
    if (await this.quiet()) {
      this.ones[0] = TOKEN_STOP
      await this.bus.xfer(this.ones, this.in)
      this.ones[0] = 0xff
      await this.quiet()
    }
    await this.release()
  }

  /** Waits half a second, at most, for a frame that ends high. @returns false when none does */
  private async quiet(): Promise<boolean> {
    const until = this.clock.now() + QUIET_MS
    while (this.in[SLOT_SIZE - 1] !== 0xff) {
      if (this.clock.now() > until) return false
      await this.clock.sleep(5)
      await this.bus.xfer(this.ones, this.in)
    }
    return true
  }

  /** Polls until the card lets the line go high. @throws CardError after `ms` */
  async ready(ms: number, lba: number): Promise<void> {
    const until = this.clock.now() + ms
    this.busy = false
    for (let n = 0; ; n++) {
      await this.bus.xfer(this.idle, this.poll)
      if (this.poll[POLL_SIZE - 1] === 0xff) return
      if (this.clock.now() > until) throw new CardError("timeout", lba, -1)
      // The first polls follow at once; later the samplers get the time.
      if (n > 1) await this.clock.sleep(n < 6 ? 1 : 3)
    }
  }

  /** Eight clocks, which mean nothing to a card: others run meanwhile. */
  async clockOut(): Promise<void> {
    await this.bus.xfer(this.one, this.other)
  }

  /** Deselects, with the eight clocks that the card needs to let the line go. */
  async release(): Promise<void> {
    this.bus.select(false)
    await this.bus.xfer(this.one, this.other)
  }
}
