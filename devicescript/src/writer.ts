import type { CardError, Clock } from "../../shared/card/bus.js"
import type { Fat32 } from "../../shared/card/fat32.js"
import { type Ring, SLOT_SIZE } from "../../shared/card/ring.js"
import type { SdCard } from "../../shared/card/sd.js"
import { recoverLogs, Segment } from "../../shared/card/segment.js"
import type { Encoder, LogInfo } from "../../shared/encoder.js"
import type { Settings } from "../../shared/settings.js"
import type { Machine } from "./machine.js"
import type { Status } from "./status.js"

/** Pause of the writer when no sector waits, ms. */
const IDLE_MS = 10
/** Pause before a card is tried again after a failure: doubled each time up to the second. */
const RETRY_MS = 1000
const LONGEST_RETRY_MS = 8000

/**
 * Brings sealed sectors onto the card. Whatever goes wrong there is counted and shown, and tried again: meanwhile the ring
 * keeps what the samplers give, as long as it has room.
 */
export class Writer {
  private readonly settings: Settings
  private readonly clock: Clock
  private readonly ring: Ring
  private readonly encoder: Encoder
  private readonly status: Status
  private readonly machine: Machine
  private readonly card: SdCard
  private readonly volume: Fat32
  private readonly segment: Segment
  private readonly slot: Buffer
  private readonly info: LogInfo
  /** When the open file began, ms. */
  private born: number

  constructor(machine: Machine, card: SdCard, volume: Fat32, ring: Ring, encoder: Encoder, status: Status) {
    this.machine = machine
    this.settings = machine.settings
    this.clock = machine.clock
    this.ring = ring
    this.encoder = encoder
    this.status = status
    this.card = card
    this.volume = volume
    this.segment = new Segment(card, volume, machine.clock)
    this.slot = Buffer.alloc(SLOT_SIZE)
    this.slot.fillAt(0, SLOT_SIZE, 0xff)
    this.slot[1] = 0xfc
    this.info = { session: 0, number: 0, start: machine.settings.start }
    this.born = 0
  }

  /** Logs until the machine says stop. @param start time of tick 0 */
  async run(start: number): Promise<void> {
    let pause = RETRY_MS
    for (;;) {
      try {
        await this.open()
        this.status.enter("logging")
        pause = RETRY_MS
        await this.log(start)
        this.status.enter("closed")
        return
      } catch (error) {
        this.segment.abandon()
        const code = (error as CardError).code
        this.status.enter(code ? code : "program")
      }
      if (this.machine.stopped()) return
      await this.clock.sleep(pause)
      pause = Math.min(pause * 2, LONGEST_RETRY_MS)
    }
  }

  /** From whatever is in the socket to a new log file on it. */
  private async open(): Promise<void> {
    await this.card.init()
    await this.volume.mount()
    await recoverLogs(this.card, this.volume, this.slot)
    await this.begin()
  }

  /** A new file with its leading sectors. */
  private async begin(): Promise<void> {
    const info = this.info
    info.session = this.machine.random()
    info.number = await this.volume.takeNumber()
    await this.segment.create(fileName(info.number, this.encoder.extension), this.settings.fileBytes)
    this.slot.fillAt(0, 2, 0xff)
    for (let n = 0; this.encoder.lead(this.slot, n, info); n++) await this.segment.append(this.slot)
    await this.segment.sync()
    this.born = this.clock.now()
  }

  private async log(start: number): Promise<void> {
    const segment = this.segment
    for (;;) {
      const now = this.clock.now() - start
      const stop = this.machine.stopped()
      this.encoder.flush(now, stop ? 0 : this.settings.flushMs)
      if (this.ring.waiting === 0) {
        if (stop) return await segment.close()
        if (segment.acked < segment.position) await segment.sync()
        await this.clock.sleep(IDLE_MS)
        continue
      }
      const old = this.settings.fileMs > 0 && this.clock.now() - this.born >= this.settings.fileMs
      if (old || segment.room() === 0) {
        await segment.close()
        await this.begin()
      }
      const slot = this.ring.first()
      this.encoder.finish(slot, this.ring.firstSum(), this.info.session, segment.position)
      await segment.append(slot)
      this.ring.release()
      if (segment.slowest > this.status.slowest) this.status.slowest = segment.slowest
      segment.slowest = 0
      if (this.clock.now() - segment.syncedAt >= this.settings.flushMs) await segment.sync()
    }
  }
}

/** `LOG00012MET`: eight characters and three. */
function fileName(number: number, extension: string): string {
  let digits = `${number}`
  while (digits.length < 5) digits = `0${digits}`
  return `LOG${digits}${extension}`
}
