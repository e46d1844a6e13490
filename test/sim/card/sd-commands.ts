import type { Disk } from "./disk.js"
import { applyChange, type Change } from "./journal.js"
import { type CardOptions, DEFAULTS, type VirtualClock } from "./sd-options.js"
import { cidOf, csdOf } from "./sd-registers.js"

/** What the wire expects next: a command, a data token or the bytes of a block. */
export type State = "command" | "token" | "data"

const IDLE = 1
const ILLEGAL = 4
const ADDRESS_ERROR = 0x20
const PARAMETER_ERROR = 0x40

/** What a simulated card does with the commands that it has understood, and to its disk. */
export class CardCommands {
  readonly options: CardOptions
  /** Everything that was written, in order. */
  readonly journal: Change[] = []
  /** Journal lengths at which the card confirmed all before: CMD13 said "no error" while not busy. */
  readonly barriers: number[] = []
  /** When it was sent to its idle state, in microseconds. */
  readonly resets: number[] = []

  protected state: State = "command"
  /** Bytes to send next. */
  protected queue: number[] = []
  /** A block to send behind its token, from `pendingAt` on. */
  protected pending: Uint8Array | null = null
  protected pendingAt = 0
  protected busyUntil = 0
  protected multiple = false
  /** Sector of the next data block. */
  protected place = 0
  protected streamBlocks = 0
  protected wellWritten = 0
  /** A block of the stream was refused: so is what follows. */
  protected stopped = false
  protected crcOn = false
  protected status = 0
  private readonly asked = new Array<number>(64).fill(0)
  private csds = 0
  private idle = true
  private wakes = 0
  private application = false
  private cmd59Tries = 0
  private eraseFirst = 0
  private eraseLast = 0

  constructor(
    public disk: Disk,
    readonly clock: VirtualClock,
    options: Partial<CardOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options }
  }

  /** What a loss of power does to the card itself; the disk keeps what the journal says. */
  powerCycle(): void {
    this.idle = true
    this.wakes = 0
    this.application = false
    this.crcOn = false
    this.state = "command"
    this.queue = []
    this.pending = null
    this.busyUntil = 0
    this.multiple = false
    this.status = 0
  }

  /** A command whose check sum was right. */
  protected command(index: number, argument: number): void {
    const application = this.application
    this.application = false
    if (index === 0) this.asked.fill(0)
    const n = (this.asked[index] as number) + 1
    this.asked[index] = n
    const odd = this.options.odd(index, n)
    if (odd !== null) {
      this.answer(odd)
      return
    }
    if (application) this.applicationCommand(index, argument)
    else this.plainCommand(index, argument)
  }

  protected answer(r1: number, ...more: number[]): void {
    this.queue = [...new Array<number>(this.options.r1Delay).fill(0xff), r1, ...more]
  }

  protected r1(): number {
    return this.idle ? IDLE : 0
  }

  protected endStream(): void {
    this.state = "command"
    this.multiple = false
    this.busyUntil = this.clock.micros + this.options.busyAfterStop
  }

  protected change(what: Omit<Change, "at">): void {
    const change = { ...what, at: this.clock.micros }
    this.journal.push(change)
    applyChange(this.disk, change)
  }

  private plainCommand(index: number, argument: number): void {
    if (this.idle && ![0, 8, 55, 58, 59].includes(index)) {
      this.answer(IDLE | ILLEGAL)
      return
    }
    switch (index) {
      case 0:
        this.resets.push(this.clock.micros)
        this.busyUntil = 0
        this.idle = true
        this.wakes = 0
        this.crcOn = false
        this.state = "command"
        this.multiple = false
        this.answer(IDLE)
        break
      case 8:
        if (this.options.kind === "v1") this.answer(this.r1() | ILLEGAL)
        else this.answer(this.r1(), 0, 0, (argument >> 8) & 15, argument & 0xff)
        break
      case 9:
        this.answer(this.r1())
        this.sendLater(csdOf(this.options, this.disk.sectors, this.csds++ < this.options.wrongCsd))
        break
      case 10:
        this.answer(this.r1())
        this.sendLater(cidOf(this.options.serial))
        break
      case 12:
        this.queue = [0x7f, ...new Array<number>(this.options.r1Delay).fill(0xff), this.r1()]
        if (this.multiple) this.endStream()
        this.stopped = false
        break
      case 13: {
        const status = this.status
        this.status = 0
        this.answer(this.r1(), status)
        if (status === 0 && this.clock.micros >= this.busyUntil) this.barriers.push(this.journal.length)
        break
      }
      case 16:
        this.answer(argument === 512 ? this.r1() : this.r1() | PARAMETER_ERROR)
        break
      case 17:
        this.read(argument)
        break
      case 24:
      case 25:
        this.beginWrite(argument, index === 25)
        break
      case 32:
        this.eraseFirst = this.sectorOf(argument)
        this.answer(this.eraseR1())
        break
      case 33:
        this.eraseLast = this.sectorOf(argument)
        this.answer(this.eraseR1())
        break
      case 38:
        this.answer(this.eraseR1())
        this.eraseRange()
        break
      case 55:
        this.application = true
        this.answer(this.r1())
        break
      case 58:
        this.answer(this.options.cmd58Idle ? IDLE : this.r1(), 0x80 | (this.options.kind === "sdhc" ? 0x40 : 0), 0xff, 0x80, 0x00)
        break
      case 59:
        this.cmd59Tries++
        if (this.options.cmd59 === "illegal" || (this.options.cmd59 === "second-try" && this.cmd59Tries === 1)) {
          this.answer(this.r1() | ILLEGAL)
        } else {
          this.crcOn = (argument & 1) === 1
          this.answer(this.r1())
        }
        break
      default:
        this.answer(this.r1() | ILLEGAL)
    }
  }

  private applicationCommand(index: number, argument: number): void {
    switch (index) {
      case 41: {
        const high = (argument & 0x40000000) !== 0
        // A high-capacity card stays idle for a host that does not know of it.
        if (this.wakes++ >= this.options.wakeCommands && (high || this.options.kind !== "sdhc")) this.idle = false
        this.answer(this.r1())
        break
      }
      case 22: {
        const count = new Uint8Array(4)
        new DataView(count.buffer).setUint32(0, this.wellWritten)
        this.answer(this.r1())
        this.sendLater(count)
        break
      }
      case 23:
        this.answer(this.r1())
        break
      default:
        this.answer(this.r1() | ILLEGAL)
    }
  }

  private sendLater(data: Uint8Array): void {
    this.pending = data
    this.pendingAt = this.clock.micros + this.options.readDelay
  }

  private sectorOf(argument: number): number {
    return this.options.kind === "sdhc" ? argument : argument / 512
  }

  private read(argument: number): void {
    const lba = this.sectorOf(argument)
    if (lba !== Math.floor(lba)) this.answer(this.r1() | ADDRESS_ERROR)
    else if (lba >= this.disk.sectors) this.answer(this.r1() | PARAMETER_ERROR)
    else {
      const fault = this.options.unreadable(lba)
      if (fault === "token") this.answer(this.r1(), 0xff, 0xff, 0x05)
      else this.answer(this.r1())
      if (fault === null) this.sendLater(this.disk.read(lba))
    }
  }

  private beginWrite(argument: number, multiple: boolean): void {
    const lba = this.sectorOf(argument)
    if (lba !== Math.floor(lba)) this.answer(this.r1() | ADDRESS_ERROR)
    else if (lba >= this.disk.sectors) this.answer(this.r1() | PARAMETER_ERROR)
    else {
      this.answer(this.r1())
      this.state = "token"
      this.multiple = multiple
      this.place = lba
      this.streamBlocks = 0
      this.wellWritten = 0
      this.stopped = false
    }
  }

  private eraseR1(): number {
    return this.options.erase === "illegal" ? this.r1() | ILLEGAL : this.r1()
  }

  private eraseRange(): void {
    if (this.options.erase === "illegal") return
    this.busyUntil = this.clock.micros + this.options.eraseBusy
    if (this.options.erase === "nothing") return
    this.change({ lba: this.eraseFirst, data: null, count: this.eraseLast - this.eraseFirst + 1, value: this.options.erase })
  }
}
