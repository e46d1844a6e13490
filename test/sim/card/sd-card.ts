import { crc7, crc16 } from "./crc.js"
import type { Disk } from "./disk.js"
import { CardCommands } from "./sd-commands.js"

const CRC_ERROR = 8

/**
 * An SD card in SPI mode, byte by byte, over a disk. It speaks the protocol of the SD Physical Layer Simplified Specification,
 * chapter 7, and knows nothing of the driver.
 */
export class SimulatedCard extends CardCommands {
  /** Commands by number, for tests that count. */
  readonly commands: number[] = new Array<number>(64).fill(0)
  /** Data blocks received. */
  blocks = 0
  /** What the driver said to a card that was busy, or that no card has to bear: nothing, where it does it right. */
  readonly offences: string[] = []
  hz = 400_000

  private present = true
  private stuck: number | null = null
  private selected = false
  private spiMode = false
  private highClocks = 0
  private readonly frame = new Uint8Array(6)
  private framed = 0
  private readonly block = new Uint8Array(514)
  private received = 0
  private noise = 1
  private selections = 0
  /** Bytes left of a command that a busy card may be sent. */
  private pardoned = 0

  /** The select line; true is low. */
  select(on: boolean): void {
    if (on && !this.selected && this.blocks > 0 && this.state === "command") {
      this.busyUntil = Math.max(this.busyUntil, this.clock.micros + this.options.busyAfterSelect(this.selections++))
    }
    this.selected = on
    if (!on) this.framed = 0
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
  override powerCycle(): void {
    super.powerCycle()
    this.spiMode = false
    this.highClocks = 0
    this.framed = 0
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
    if (busy) this.judgeBusy(mosi)
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
    // "Resetting a card using CMD0 will terminate any pending or active programming": the same manual.
    if (busy && mosi !== 0x40) return
    if ((mosi & 0xc0) === 0x40) {
      this.frame[0] = mosi
      this.framed = 1
    } else if (mosi !== 0xff && mosi !== 0xfd) this.offend(mosi, "where a command or token is due")
  }

  /** To a busy card nothing is said but CMD0 and CMD12. */
  private judgeBusy(mosi: number): void {
    if (this.pardoned > 0) this.pardoned--
    else if (mosi === 0x40 || mosi === 0x4c) this.pardoned = 5
    else if (mosi !== 0xff) this.offend(mosi, "while the card is busy")
  }

  /** Harmless to this card, not to every card. */
  private offend(mosi: number, when: string): void {
    this.offences.push(`0x${mosi.toString(16)} on the wire ${when}, at ${Math.round(this.clock.micros)} us`)
  }

  private takeCommand(): void {
    const index = (this.frame[0] as number) & 0x3f
    const argument = new DataView(this.frame.buffer).getUint32(1)
    if (!this.spiMode) {
      // The native mode: only CMD0 with the card selected, after enough clocks, leads out of it.
      if (index !== 0 || this.highClocks < 74 || crc7(this.frame.subarray(0, 5)) !== this.frame[5]) return
      this.spiMode = true
    }
    if (index !== 0 && this.clock.micros < this.busyUntil) return
    this.commands[index] = (this.commands[index] as number) + 1
    this.pending = null
    const checked = this.options.checksCommands || this.crcOn || index === 0 || index === 8
    if (checked && crc7(this.frame.subarray(0, 5)) !== this.frame[5]) {
      this.answer(this.r1() | CRC_ERROR)
      return
    }
    this.command(index, argument)
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
}
