import { crc7, crc16 } from "./crc.js"
import type { Disk } from "./disk.js"

/**
 * An SD card in SPI mode, byte by byte, over a disk. It speaks the protocol of the SD Physical Layer Simplified Specification,
 * chapter 7, and knows nothing of the driver. Every fault that the driver must survive is an option or a method.
 */

/** Time that bytes on the wire and sleeping pass. */
export interface VirtualClock {
  micros: number
}

export interface CardOptions {
  /** SDSC (byte addresses, CSD 1) or SDHC (block addresses, CSD 2). */
  kind: "sdsc" | "sdhc" | "v1"
  /** Serial number in the CID. */
  serial: number
  /** Idle bytes before R1, 0 to 8. */
  r1Delay: number
  /** ACMD41s that are answered "idle" before the card is ready. */
  wakeCommands: number
  /** Microseconds from CMD17 to the data token. */
  readDelay: number
  /** Microseconds of busy after the n-th data block of the card's life, its place given. */
  busy: (n: number, lba: number) => number
  /** Microseconds of busy after the stop token. */
  busyAfterStop: number
  eraseBusy: number
  /** CMD59: obeyed, refused for ever, or refused the first time. */
  cmd59: "obeyed" | "illegal" | "second-try"
  /** The card checks data CRCs whatever CMD59 said. */
  insistsOnCrc: boolean
  /** CMD58 answers "idle" though the card is ready, as QEMU's does. */
  cmd58Idle: boolean
  /** What erased sectors read as; `nothing` says done and does nothing; `illegal` knows no erase. */
  erase: 0x00 | 0xff | "nothing" | "illegal"
  /** CSD's write protection bits: writes are refused. */
  writeProtected: boolean
  /** Sectors that the CSD claims, when it differs from the disk. */
  claims: number
  /** Response to the n-th data block: accepted, CRC error or write error. */
  response: (n: number, lba: number) => 0x05 | 0x0b | 0x0d
  /** Accepted blocks of the stream that a write error takes back, as ACMD22 then tells. */
  takenBack: number
  /** Above this clock what the card sends is garbled. */
  cleanHz: number
  /** Above this clock the data blocks that it receives are garbled. */
  cleanWriteHz: number
  /** Level of the line when nobody drives it. */
  idleLevel: 0x00 | 0xff
  /** The byte after the stop token, before busy shows. */
  gap: number
}

const DEFAULTS: CardOptions = {
  kind: "sdhc",
  serial: 0x12345678,
  r1Delay: 1,
  wakeCommands: 2,
  readDelay: 100,
  busy: () => 800,
  busyAfterStop: 1000,
  eraseBusy: 5000,
  cmd59: "obeyed",
  insistsOnCrc: false,
  cmd58Idle: false,
  erase: 0xff,
  writeProtected: false,
  claims: 0,
  response: () => 0x05,
  takenBack: 0,
  cleanHz: 50_000_000,
  cleanWriteHz: 50_000_000,
  idleLevel: 0xff,
  gap: 0xff,
}

/** One change of the disk, in the order in which the card accepted it. */
export interface Change {
  readonly lba: number
  /** 512 bytes; null for an erase of `count` sectors to `value`. */
  readonly data: Uint8Array | null
  readonly count: number
  readonly value: number
  /** When, in microseconds. */
  readonly at: number
}

type State = "command" | "token" | "data"

const IDLE = 1
const ILLEGAL = 4
const CRC_ERROR = 8
const ADDRESS_ERROR = 0x20
const PARAMETER_ERROR = 0x40

export class SimulatedCard {
  readonly options: CardOptions
  /** Everything that was written, in order. */
  readonly journal: Change[] = []
  /** Journal lengths at which the card confirmed all before: CMD13 said "no error" while not busy. */
  readonly barriers: number[] = []
  /** Commands by number, for tests that count. */
  readonly commands: number[] = new Array<number>(64).fill(0)
  /** When it was sent to its idle state, in microseconds. */
  readonly resets: number[] = []
  /** Data blocks received. */
  blocks = 0
  hz = 400_000

  private present = true
  private stuck: number | null = null
  private selected = false
  private spiMode = false
  private highClocks = 0
  private idle = true
  private wakes = 0
  private application = false
  private crcOn = false
  private cmd59Tries = 0
  private state: State = "command"
  private readonly frame = new Uint8Array(6)
  private framed = 0
  private readonly block = new Uint8Array(514)
  private received = 0
  private queue: number[] = []
  private pending: Uint8Array | null = null
  private pendingAt = 0
  private busyUntil = 0
  private multiple = false
  private place = 0
  private streamBlocks = 0
  private wellWritten = 0
  private stopped = false
  private eraseFirst = 0
  private eraseLast = 0
  private status = 0
  private noise = 1

  constructor(
    public disk: Disk,
    readonly clock: VirtualClock,
    options: Partial<CardOptions> = {},
  ) {
    this.options = { ...DEFAULTS, ...options }
  }

  /** The select line; true is low. */
  select(on: boolean): void {
    this.selected = on
    if (on) this.highClocks = Math.max(this.highClocks, 0)
    else this.framed = 0
  }

  /** Full duplex: sends `tx`, fills `rx`; passes the wire's time. */
  exchange(tx: Uint8Array, rx: Uint8Array): void {
    if (tx.length !== rx.length) throw new Error(`transfer of ${tx.length} bytes out, ${rx.length} in`)
    if (tx.length > 4096 || tx.length === 0) throw new Error(`transfer of ${tx.length} bytes`)
    const perByte = 8_000_000 / this.hz
    for (let i = 0; i < tx.length; i++) {
      this.clock.micros += perByte
      rx[i] = this.garble(this.step(tx[i] as number), this.options.cleanHz)
    }
  }

  /** Takes the card out: nobody answers. */
  remove(): void {
    this.present = false
    this.powerCycle()
  }

  /** Puts it back, unpowered until now; or another card. */
  insert(disk: Disk = this.disk, serial = this.options.serial): void {
    this.present = true
    this.disk = disk
    this.options.serial = serial
  }

  /** The line shows one level whatever happens; null ends it. */
  stick(level: number | null): void {
    this.stuck = level
  }

  /** What a loss of power does to the card itself; the disk keeps what the journal says. */
  powerCycle(): void {
    this.spiMode = false
    this.highClocks = 0
    this.idle = true
    this.wakes = 0
    this.application = false
    this.crcOn = false
    this.state = "command"
    this.framed = 0
    this.queue = []
    this.pending = null
    this.busyUntil = 0
    this.multiple = false
    this.status = 0
  }

  // ---- the wire ----

  private garble(byte: number, cleanHz: number): number {
    if (this.hz <= cleanHz || byte === this.options.idleLevel) return byte
    this.noise = (Math.imul(this.noise, 1103515245) + 12345) >>> 0
    return this.noise >>> 28 === 0 ? byte ^ (1 << ((this.noise >>> 20) & 7)) : byte
  }

  private step(mosi: number): number {
    if (this.stuck !== null) return this.stuck
    if (!this.present) return this.options.idleLevel
    if (!this.selected) {
      if (mosi === 0xff) this.highClocks += 8
      return this.options.idleLevel
    }
    const miso = this.output()
    this.input(mosi, miso)
    return miso
  }

  private output(): number {
    const queued = this.queue.shift()
    if (queued !== undefined) return queued
    if (this.clock.micros < this.busyUntil) return 0x00
    if (this.pending !== null && this.clock.micros >= this.pendingAt) {
      const data = this.pending
      this.pending = null
      const crc = crc16(data)
      this.queue = [...data, crc >> 8, crc & 0xff]
      return 0xfe
    }
    return 0xff
  }

  private input(mosi: number, miso: number): void {
    if (this.state === "data") {
      this.block[this.received++] = this.garble(mosi, this.options.cleanWriteHz)
      if (this.received === 514) this.takeBlock()
      return
    }
    if (this.framed > 0) {
      this.frame[this.framed++] = mosi
      if (this.framed === 6) {
        this.framed = 0
        this.takeCommand()
      }
      return
    }
    const busy = miso === 0x00 && this.clock.micros < this.busyUntil
    if (this.state === "token") {
      if (busy) return
      if (mosi === (this.multiple ? 0xfc : 0xfe)) {
        this.state = "data"
        this.received = 0
        return
      }
      if (mosi === 0xfd && this.multiple) {
        this.endStream()
        this.queue = [this.options.gap]
        return
      }
    }
    if (busy) return
    if ((mosi & 0xc0) === 0x40) {
      this.frame[0] = mosi
      this.framed = 1
    } else if (mosi !== 0xff && mosi !== 0xfd) {
      // Harmless to this card, not to every card.
      throw new Error(`0x${mosi.toString(16)} on the wire where a command or token is due`)
    }
  }

  private endStream(): void {
    this.state = "command"
    this.multiple = false
    this.busyUntil = this.clock.micros + this.options.busyAfterStop
  }

  // ---- data blocks ----

  private takeBlock(): void {
    const n = this.blocks++
    const lba = this.place
    this.state = this.multiple ? "token" : "command"
    const checked = this.crcOn || this.options.insistsOnCrc
    const crc = ((this.block[512] as number) << 8) | (this.block[513] as number)
    let response: number = this.options.response(n, lba)
    if (checked && crc16(this.block.subarray(0, 512)) !== crc) response = 0x0b
    if (this.options.writeProtected) {
      response = 0x0d
      this.status |= 0x20
    } else if (lba >= this.disk.sectors) {
      response = 0x0d
      this.status |= 0x80
    }
    if (this.stopped) response = 0x0d
    this.queue = [0xe0 | response]
    if (response !== 0x05) {
      this.takeBack()
      this.stopped = this.multiple
      return
    }
    this.change({ lba, data: Uint8Array.from(this.block.subarray(0, 512)), count: 1, value: 0 })
    this.place++
    this.streamBlocks++
    this.wellWritten = this.streamBlocks
    this.busyUntil = this.clock.micros + this.options.busy(n, lba)
  }

  /** A write error may cost blocks that were accepted before it. */
  private takeBack(): void {
    if (!this.multiple) return
    const lost = Math.min(this.options.takenBack, this.streamBlocks)
    this.wellWritten = this.streamBlocks - lost
    for (let i = 0; i < lost; i++) this.change({ lba: this.place - 1 - i, data: null, count: 1, value: 0xff })
  }

  private change(what: Omit<Change, "at">): void {
    const change = { ...what, at: this.clock.micros }
    this.journal.push(change)
    applyChange(this.disk, change)
  }

  // ---- commands ----

  private takeCommand(): void {
    const index = (this.frame[0] as number) & 0x3f
    const argument = new DataView(this.frame.buffer).getUint32(1)
    if (!this.spiMode) {
      // The native mode: only CMD0 with the card selected, after enough clocks, leads out of it.
      if (index !== 0 || this.highClocks < 74 || crc7(this.frame.subarray(0, 5)) !== this.frame[5]) return
      this.spiMode = true
    }
    this.commands[index] = (this.commands[index] as number) + 1
    this.pending = null
    if (crc7(this.frame.subarray(0, 5)) !== this.frame[5]) {
      this.answer((this.idle ? IDLE : 0) | CRC_ERROR)
      return
    }
    const application = this.application
    this.application = false
    if (application) this.applicationCommand(index, argument)
    else this.plainCommand(index, argument)
  }

  private answer(r1: number, ...more: number[]): void {
    this.queue = [...new Array<number>(this.options.r1Delay).fill(0xff), r1, ...more]
  }

  private r1(): number {
    return this.idle ? IDLE : 0
  }

  private plainCommand(index: number, argument: number): void {
    if (this.idle && ![0, 8, 55, 58, 59].includes(index)) {
      this.answer(IDLE | ILLEGAL)
      return
    }
    switch (index) {
      case 0:
        this.resets.push(this.clock.micros)
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
        this.sendLater(this.csd())
        break
      case 10:
        this.answer(this.r1())
        this.sendLater(this.cid())
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
      this.answer(this.r1())
      this.sendLater(this.disk.read(lba))
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

  // ---- registers ----

  private csd(): Uint8Array {
    const csd = new Uint8Array(16)
    const sectors = this.options.claims > 0 ? this.options.claims : this.disk.sectors
    if (this.options.kind === "sdhc") {
      const size = Math.floor(sectors / 1024) - 1
      csd.set([0x40, 0x0e, 0x00, 0x32, 0x5b, 0x59, 0x00, (size >> 16) & 63, (size >> 8) & 255, size & 255, 0x7f, 0x80, 0x0a, 0x40])
    } else {
      // C_SIZE has 12 bits: the multiplier takes the rest.
      let multiplier = 0
      while (sectors >> (multiplier + 2) > 4096) multiplier++
      const size = (sectors >> (multiplier + 2)) - 1
      csd.set([0x00, 0x2f, 0x00, 0x32, 0x5b, 0x59, 0x80 | (size >> 10), (size >> 2) & 255, (size & 3) << 6, multiplier >> 1])
      csd.set([((multiplier & 1) << 7) | 0x7f, 0x80, 0x0a, 0x40], 10)
    }
    if (this.options.writeProtected) csd[14] = 0x10
    csd[15] = crc7(csd.subarray(0, 15))
    return csd
  }

  private cid(): Uint8Array {
    const cid = new Uint8Array(16)
    cid.set([0x1b, 0x53, 0x4d, 0x46, 0x49, 0x45, 0x4c, 0x44, 0x10])
    new DataView(cid.buffer).setUint32(9, this.options.serial)
    cid.set([0x01, 0x9b], 13)
    cid[15] = crc7(cid.subarray(0, 15))
    return cid
  }
}

/** Does to a disk what a journal entry says. */
export function applyChange(disk: Disk, change: Change): void {
  if (change.data !== null) {
    disk.write(change.lba, change.data)
    return
  }
  const blank = new Uint8Array(512).fill(change.value)
  for (let i = 0; i < change.count; i++) disk.write(change.lba + i, blank)
}
