import { CardError, type Clock, isLocal } from "../../shared/card/bus.js"
import type { Fat32 } from "../../shared/card/fat32.js"
import { recoverLogs } from "../../shared/card/recovery.js"
import { type Ring, SLOT_SIZE } from "../../shared/card/ring.js"
import type { SdCard } from "../../shared/card/sd.js"
import type { Errand } from "../../shared/card/sectors.js"
import { Segment } from "../../shared/card/segment.js"
import type { Encoder, LogInfo } from "../../shared/logger/encoder.js"
import { isOwnLog } from "../../shared/logger/own-log.js"
import type { Settings } from "../../shared/logger/settings.js"
import { timeLater } from "../../shared/logger/time-text.js"
import type { Machine } from "./machine.js"
import type { SideFiles } from "./side-files.js"
import type { Status } from "./status.js"
import { FROM_CARD } from "./wall-clock.js"

/** Sectors left in a file when the next one is entered into the folder: room for what comes meanwhile. */
const MARGIN = 16
/** A time that does not come. */
const NEVER = 4294967296
/** So long before the samplers' turn no sector is begun, ms: one that is sent and confirmed by itself takes about so long. */
const WAY_MS = 5
/** And so long before it none of the writer's own work: the machine may begin to collect its garbage on the way, for 1.7 ms. */
const TIDY_MS = 3
/** With fewer free sectors than these, the card goes first. */
const SPARE = 10
/** Pause of the writer when no sector waits, ms. */
const IDLE_MS = 10
/** Pause before a card is tried again after a failure: doubled each time up to the second. */
const RETRY_MS = 1000
const LONGEST_RETRY_MS = 8000
/** A restart, to the next program's tick 0: the firmware waits 1.1 s before it starts a program. */
const RESTART_MS = 1500

/**
 * Brings sealed sectors onto the card. Whatever goes wrong there is counted and shown, and tried again: meanwhile the ring
 * keeps what the samplers give, as long as it has room.
 *
 * The next file's space is prepared while the current one is half full, and the old one is closed while the next is written:
 * between any two sectors of such work the ring is emptied, so that no row waits for it.
 */
export class Writer implements Errand {
  private readonly settings: Settings
  private readonly clock: Clock
  private readonly ring: Ring
  private readonly encoder: Encoder
  private readonly status: Status
  private readonly machine: Machine
  private readonly card: SdCard
  private readonly volume: Fat32
  private readonly files: SideFiles
  /** The file that is written, and the next one. */
  private segment: Segment
  private next: Segment
  private readonly slot: Buffer
  /** What the file that is written says of itself, and the next one. */
  private info: LogInfo
  private coming: LogInfo
  /** Time of tick 0. */
  private start: number
  /** When the open file began, ms since tick 0. */
  private born: number
  /** Sectors of the open file, and ms since tick 0, at which something is due in its life. */
  private enough: number
  private until: number
  /** True when the card had no room for another file. */
  private last: boolean
  /** Rows older than this are on the card, ms since tick 0. */
  private oldest: number

  constructor(machine: Machine, card: SdCard, volume: Fat32, files: SideFiles, ring: Ring, encoder: Encoder, status: Status) {
    this.machine = machine
    this.settings = machine.settings
    this.clock = machine.clock
    this.ring = ring
    this.encoder = encoder
    this.status = status
    this.card = card
    this.volume = volume
    this.files = files
    this.segment = new Segment(card, volume, machine.clock)
    this.next = new Segment(card, volume, machine.clock)
    this.slot = Buffer.alloc(SLOT_SIZE)
    this.slot.fillAt(0, SLOT_SIZE, 0xff)
    this.slot[1] = 0xfc
    this.info = { session: 0, number: 0, name: machine.settings.name, start: machine.settings.start }
    this.coming = { session: 0, number: 0, name: machine.settings.name, start: machine.settings.start }
    this.start = 0
    this.born = 0
    this.enough = 0
    this.until = 0
    this.last = false
    this.oldest = 0
    card.errand = this
  }

  /** Before anything is sampled: ends the logs that a power cut left open, and finds space for the first file. What fails is found by `run`. */
  async reserveFirst(): Promise<void> {
    try {
      await recoverLogs(this.card, this.volume, this.slot)
      await this.prepare()
      if (this.next.units === 0) throw new CardError("full", -1, -1)
    } catch (error) {
      this.note(error as Error)
    }
  }

  /** Makes the first file before anything is sampled: a fast group's first rows then wait for nothing. */
  async openFirst(): Promise<void> {
    if (this.next.units === 0) return
    try {
      await this.turn()
    } catch (error) {
      this.note(error as Error)
      this.segment.abandon()
    }
  }

  /** Shows a fault, and remembers space that has one. @returns true when other space may do */
  private note(error: Error): boolean {
    this.status.fail(error)
    return isLocal(error as CardError) && this.volume.fat.spoil((error as CardError).lba)
  }

  /** Logs, but for pauses, until the board is to start anew. @param start time of tick 0 */
  async run(start: number): Promise<void> {
    this.start = start
    let pause = RETRY_MS
    // The end of a log that broke off waits in the ring.
    let broken = false
    let other = false
    for (let first = this.segment.capacity > 0; ; first = false) {
      try {
        if (!first) {
          // What was prepared before a failure or a pause was prepared on another card, perhaps.
          this.segment.abandon()
          this.next.abandon()
          await this.card.init()
          await this.volume.mount()
          other = await this.files.hasOtherSettings()
          if (other) this.status.end()
          if (other && !broken) return await this.restart(other)
          await recoverLogs(this.card, this.volume, this.slot)
          this.last = false
          await this.turn()
          broken = true
          if (!other) await this.writeFiles()
        }
        broken = true
        this.status.enter("logging")
        pause = RETRY_MS
        await this.log()
        broken = false
        if (!this.status.over) this.status.enter(this.status.low ? "low" : "closed")
      } catch (error) {
        const elsewhere = this.note(error as Error)
        await this.clock.sleep(elsewhere && pause === RETRY_MS ? 1 : pause)
        pause = Math.min(pause * 2, LONGEST_RETRY_MS)
      }
      while (this.status.paused && !this.status.over) await this.clock.sleep(IDLE_MS)
      if (this.status.over) return await this.restart(other)
    }
  }

  /**
   * Ends the program. The time in LOGGER.CFG is that of the first start with it: the next one gets today's.
   * @param other the card in the socket has another LOGGER.CFG: its time is for now
   */
  private async restart(other: boolean): Promise<void> {
    this.status.enter("starting")
    if (!other && this.status.clock === FROM_CARD) {
      const seconds = Math.round((this.now() + RESTART_MS) / 1000)
      await this.files.leaveTime(timeLater(this.settings.start, seconds))
    }
    this.machine.restart()
  }

  private async log(): Promise<void> {
    for (;;) {
      if (this.status.due - this.clock.now() <= TIDY_MS) await this.giveWay(TIDY_MS)
      // Asked before the ring is emptied: what was sampled until now is in the file when it is closed.
      const paused = this.status.paused
      await this.drain()
      if (this.segment.position >= this.enough) await this.goOn()
      else if (this.clock.now() - this.start >= this.until) await this.goOn()
      else if (this.ring.waiting === 0) {
        if (paused) return await this.segment.close()
        await this.clock.sleep(IDLE_MS)
      }
    }
  }

  /** Brings what waits now onto the card, and confirms it in time. */
  async drain(): Promise<void> {
    const segment = this.segment
    if (segment.capacity === 0) return
    const ring = this.ring
    const encoder = this.encoder
    const status = this.status
    const clock = this.clock
    const flushMs = this.settings.flushMs
    encoder.flush(clock.now() - this.start, status.paused ? 0 : flushMs)
    for (let n = Math.min(ring.waiting, segment.room()); n > 0; n--) {
      if (status.due - clock.now() <= WAY_MS) await this.giveWay(WAY_MS)
      const sector = ring.first()
      if (sector.since < this.oldest) this.oldest = sector.since
      encoder.finish(sector, this.info.session, segment.position)
      await segment.append(sector.slot)
      ring.release()
    }
    if (segment.slowest > status.slowest) status.slowest = segment.slowest
    segment.slowest = 0
    const now = clock.now() - this.start
    if (segment.acked === segment.position) this.oldest = now
    else if (now - this.oldest >= flushMs) {
      await this.giveWay(WAY_MS)
      await segment.sync()
      this.oldest = now
    }
  }

  /**
   * Lets the samplers go first when their turn is near: between here and the next transfer's end nobody else gets one. Not when the ring
   * fills up, nor when the file is to be closed: then rows are not wanted, and the supply may be going.
   */
  async giveWay(ms: number): Promise<void> {
    const wait = this.status.due - this.clock.now()
    if (wait > ms || wait < 0 || this.ring.spare < SPARE || this.status.paused) return
    await this.clock.sleep(wait + 1)
  }

  /** Does what is due in the life of the file. */
  private async goOn(): Promise<void> {
    const room = this.segment.room()
    const late = this.settings.fileMs > 0 && this.now() - this.born >= this.settings.fileMs
    if (room === 0 || (this.next.units > 0 && (room <= MARGIN || late))) await this.turn()
    else if (this.next.units === 0 && !this.last) await this.prepare()
    this.plan()
  }

  /** When the next thing is due: the next file's space half-way, the next file at the end. */
  private plan(): void {
    const capacity = this.segment.capacity
    const fileMs = this.settings.fileMs
    const ready = this.next.units > 0
    this.enough = ready ? capacity - MARGIN : this.last ? capacity : Math.ceil(capacity / 2)
    this.until = fileMs === 0 || this.last ? NEVER : this.born + (ready ? fileMs : Math.ceil(fileMs / 2))
  }

  /** Prepares the space of the next file. There is none when the card is full, unless old logs may go. */
  private async prepare(): Promise<void> {
    while (!this.last) {
      try {
        return await this.next.reserve(this.settings.fileBytes)
      } catch (error) {
        if ((error as CardError).code !== "full") throw error
      }
      this.last = !(this.settings.overwrite && (await this.dropOldest()))
    }
  }

  /** Deletes the oldest log of ours but the open one: in one piece and with our mark, whatever others are called. @returns false when there is none */
  private async dropOldest(): Promise<boolean> {
    const volume = this.volume
    for (let number = 0; ; ) {
      const oldest = await volume.root.nextLog(-1, number)
      if (oldest === null) return false
      number = oldest.number
      if (number === this.info.number) continue
      try {
        if (!(await volume.isLogsSpace(oldest))) continue
        if (!(await isOwnLog(this.card, volume.lba(oldest.firstCluster), oldest, this.volume.fat.sector))) continue
        await volume.remove(oldest)
        return true
      } catch (error) {
        // What cannot be read is left.
        if (!isLocal(error as CardError)) throw error
      }
    }
  }

  /** Goes on in the next file and closes the old one. */
  private async turn(): Promise<void> {
    const old = this.segment
    const segment = this.next
    if (segment.units === 0) {
      await old.close()
      await this.prepare()
      if (segment.units === 0) throw new CardError("full", -1, -1)
    }
    const number = await this.volume.takeNumber()
    const info = this.coming
    info.session = this.machine.random()
    info.start = this.settings.start
    info.number = number
    this.slot[0] = 0xff
    this.slot[1] = 0xfc
    for (let n = 0; this.encoder.lead(this.slot, n, info); n++) await segment.append(this.slot)
    await segment.sync()
    await segment.enter(fileName(number, this.encoder.extension))
    this.coming = this.info
    this.info = info
    this.encoder.begin()
    this.segment = segment
    this.next = old
    this.last = false
    this.born = this.start === 0 ? 0 : this.now()
    this.plan()
    try {
      await old.close()
    } catch (error) {
      this.bear(error as CardError)
    }
  }

  /** The small files beside the open log. */
  private async writeFiles(): Promise<void> {
    try {
      await this.files.write(this.card.identity())
    } catch (error) {
      this.bear(error as CardError)
    }
  }

  /** A place that fails beside the open log is no reason to end the log. @throws CardError for other faults */
  private bear(fault: CardError): void {
    if (!isLocal(fault) || this.segment.holds(fault.lba)) throw fault
  }

  private now(): number {
    return this.clock.now() - this.start
  }
}

/** `LOG00012MET`: eight characters and three. */
export function fileName(number: number, extension: string): string {
  let digits = `${number}`
  while (digits.length < 5) digits = `0${digits}`
  return `LOG${digits}${extension}`
}
