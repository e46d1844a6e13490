import { CardError, type Clock, isLocal, type SpiBus } from "./bus.js"
import { sign } from "./crc.js"
import { ACCEPTED, BUSY_MS, CardLink, CRC_ERROR, TOKEN_BLOCK, TOKEN_STREAM } from "./link.js"
import { SLOT_SIZE } from "./ring.js"
import { capacity, isProtected, readDescription, readIdentification, readsTheSameTwice, wake } from "./start.js"

const LEAST_HZ = 1000000
/** From one pause to the next there are transfers and turns of at most so long. */
const WAY_MS = 3

/** What the program may choose. */
interface SdOptions {
  /** Fastest clock to try. */
  hz: number
  /** The card shall check each sector's CRC. Costs the board about 28 ms a sector; without it the wire is tested at the start. */
  crc: boolean
}

/** What may not wait for a long row of single sectors, as making or closing a file is. */
export interface Errand {
  /** May append to segments, and read or write nothing else. @throws CardError */
  drain(): Promise<void>
  /** Waits when a turn of the samplers is due within `ms`. */
  giveWay(ms: number): Promise<void>
}

/**
 * A card's sectors by themselves: what it is, one try, and what happens before the next.
 *
 * Streams and the whole card build on it as classes, so that nothing on a sector's way costs the board another call.
 */
export class CardSectors {
  /** Capacity in sectors; 0 before `start`. */
  sectors = 0
  /** True for SDHC and SDXC: addresses count sectors. */
  blockAddress = false
  /** The card says that it must not be written. */
  readOnly = false
  /** The check sum of the card's description is wrong: its size may be, too. */
  doubtful = false
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

  /** The clock before an operation that fails. */
  private usual = 0
  protected crc: boolean
  protected readonly link: CardLink
  /** A slot for sectors that come without one. */
  protected readonly frame = Buffer.alloc(SLOT_SIZE)
  protected readonly register = Buffer.alloc(16)

  constructor(
    bus: SpiBus,
    protected readonly clock: Clock,
    private readonly options: SdOptions,
  ) {
    this.link = new CardLink(bus, clock)
    this.crc = options.crc
    this.hz = options.hz
    this.frame.fillAt(0, SLOT_SIZE, 0xff)
    this.frame[1] = TOKEN_STREAM
  }

  /** A number that tells this card from others: its maker and serial number. */
  identity(): number {
    return this.cid.getAt(9, "u32") * 256 + (this.cid[0] as number)
  }

  /** From now on the card shall check what it is sent. @throws CardError */
  async checkSectors(): Promise<void> {
    this.crc = true
    await this.link.order(59, 1)
  }

  /** Halves the clock. @returns false when it is at its slowest */
  slower(): boolean {
    if (this.hz < LEAST_HZ) return false
    this.setClock(this.hz >> 1)
    return true
  }

  setClock(hz: number): void {
    this.hz = hz
    this.link.setClock(hz)
  }

  /** Ends the turn: by an idle byte, the shortest wait there is, and by a longer one before a turn of the samplers. */
  async pause(): Promise<void> {
    await this.link.clockOut()
    if (this.errand !== null) await this.errand.giveWay(WAY_MS)
  }

  /** Wakes the card and learns its kind, size and best clock. @throws CardError */
  protected async start(): Promise<void> {
    this.sectors = 0
    try {
      this.blockAddress = await wake(this.link, this.clock, this.crc)
      await this.identify()
    } catch (error) {
      await this.link.release()
      throw error
    }
  }

  protected async readOnce(lba: number, into: Buffer): Promise<void> {
    const place = this.place(lba)
    if (this.errand !== null) await this.errand.giveWay(WAY_MS)
    await this.link.expect(17, place, lba)
    await this.link.block(into, 512, lba)
    await this.link.release()
  }

  protected async writeOnce(lba: number, slot: Buffer): Promise<void> {
    const place = this.place(lba)
    if (this.crc) sign(slot)
    if (this.errand !== null) await this.errand.giveWay(WAY_MS)
    await this.link.expect(24, place, lba)
    if (this.link.busy) await this.link.ready(BUSY_MS, lba)
    slot[1] = TOKEN_BLOCK
    const response = await this.link.sendFrame(slot)
    slot[1] = TOKEN_STREAM
    if (response !== ACCEPTED) {
      this.learnCrc(response)
      throw new CardError("write", lba, response)
    }
    if (this.link.busy) await this.link.ready(BUSY_MS, lba)
    await this.link.release()
    await this.link.checkStatus(lba)
  }

  /** Before another attempt: nothing, then a fresh start, at a lower clock if the wire may be at fault; after that the error stands. */
  protected async again(error: CardError, attempt: number): Promise<void> {
    await this.link.release()
    if (attempt > 1 && isLocal(error)) this.setClock(this.usual)
    if (attempt > 1 || error.code === "protected" || this.sectors === 0) throw error
    this.retries++
    if (attempt === 0) {
      this.usual = this.hz
      return
    }
    this.restarts++
    if (error.code !== "timeout") this.slower()
    const known = this.identity()
    await this.start()
    if (this.identity() === known) return
    this.sectors = 0
    throw new CardError("changed", error.lba, -1)
  }

  /** A CRC error on a block that carries none: this card checks although it was told not to. */
  protected learnCrc(response: number): void {
    if (response === CRC_ERROR) this.crc = true
  }

  /** A sector's address as the card counts. @throws CardError `refused` behind the card's end */
  protected place(lba: number): number {
    if (this.sectors > 0 && lba >= this.sectors) throw new CardError("refused", lba, -1)
    return this.blockAddress ? lba : lba * 512
  }

  /** Size, write protection and number; then the fastest clean clock. */
  private async identify(): Promise<void> {
    this.doubtful = !(await readDescription(this.link, this.register))
    await this.link.clockOut()
    const sectors = capacity(this.register)
    this.readOnly = isProtected(this.register)
    await this.link.clockOut()
    await readIdentification(this.link, this.register)
    const known = this.identity()
    this.cid.blitAt(0, this.register, 0, 16)
    if (this.identity() !== known) this.hz = this.options.hz
    this.link.setClock(this.hz)
    for (;;) {
      if (await readsTheSameTwice(this.link, this.frame)) break
      if (!this.slower()) throw new CardError("read", 0, -1)
    }
    this.sectors = sectors
  }
}
