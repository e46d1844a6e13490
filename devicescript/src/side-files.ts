import type { CardError, Clock } from "../../shared/card/bus.js"
import type { Fat32 } from "../../shared/card/fat32.js"
import { isSame } from "../../shared/card/sector.js"
import {
  LONGEST_SETTINGS,
  lineEnd,
  parseLine,
  type Settings,
  settingsBegin,
  settingsFaults,
  settingsLength,
} from "../../shared/logger/settings.js"
import { isTimeText } from "../../shared/logger/time-text.js"
import { SPEC, SPEC_MARK, SPEC_SIGN } from "./generated/log-spec.js"
import { BATTERY, NAMES } from "./generated/plan.js"

const CONFIG = "LOGGER  CFG"
const COMPLAINTS = "LOGERR  TXT"
const SPECIFICATION = "LOGSPEC JSN"
const OLD_SPECIFICATION = "LOGSPEC OLD"
/** The time at which the program that restarts the board wants the next one to start. */
const NEXT_TIME = "LOGTIME TXT"
const TIME_LENGTH = 19

/** The text in hand shows that a file is longer than what is read of it. */
const ROOM = LONGEST_SETTINGS + 4

/** No text's digest: that is an int32. */
const UNKNOWN = 4294967296
/** No card's identity. */
const NONE = -1

/** The small files beside the logs: `LOGGER.CFG` is read and never written, `LOGERR.TXT` and `LOGSPEC.JSN` are written where they differ. */
export class SideFiles {
  private readonly volume: Fat32
  private readonly clock: Clock
  private readonly text: Buffer
  /** Tells the `LOGGER.CFG` in force from others. */
  private inForce: number
  /** What `LOGERR.TXT` shall say. */
  private complaints: Buffer
  /** The card on which writing failed. */
  private refused: number

  constructor(volume: Fat32, clock: Clock) {
    this.volume = volume
    this.clock = clock
    this.text = Buffer.alloc(ROOM)
    this.inForce = UNKNOWN
    this.complaints = Buffer.alloc(0)
    this.refused = NONE
  }

  /**
   * Takes the settings of a mounted volume's `LOGGER.CFG`, if it has one. What is wrong in it keeps its default.
   * @returns one line for each fault
   * @throws CardError when it cannot be read
   */
  async readSettings(settings: Settings): Promise<string> {
    const length = await this.readConfig()
    this.inForce = await this.digest(length)
    const end = settingsLength(this.text, length)
    let faults = ""
    let line = 0
    for (let at = settingsBegin(this.text, end); at < end; at = lineEnd(this.text, at, end) + 1) {
      line = line + 1
      const fault = parseLine(this.text, at, end, settings, NAMES, line)
      // A file of a thousand faults fits neither into LOGERR.TXT nor into the heap.
      if (faults.length < LONGEST_SETTINGS) faults = faults + fault
      if ((line & 15) === 0) await this.clock.sleep(1)
    }
    await this.takeTime(settings)
    return faults + settingsFaults(settings, length, BATTERY)
  }

  /** True when a mounted volume's `LOGGER.CFG` is another than the one in force. One that cannot be read is none. */
  async hasOtherSettings(): Promise<boolean> {
    try {
      const length = await this.readConfig()
      return this.inForce !== UNKNOWN && (await this.digest(length)) !== this.inForce
    } catch (_error) {
      return false
    }
  }

  /** `LOGGER.CFG` into the text in hand, zeros behind it. @returns its length; 0 when there is none */
  private async readConfig(): Promise<number> {
    this.text.fillAt(0, ROOM, 0)
    return Math.max(0, await this.volume.readSmall(CONFIG, this.text))
  }

  /** A number that two texts share only if they are the same, but for chance. Behind the text in hand are zeros. */
  private async digest(length: number): Promise<number> {
    let sum = length
    for (let i = 0; i < length; i += 4) {
      sum = (Math.imul(sum, 31) + this.text.getAt(i, "i32")) | 0
      if ((i & 31) === 28) await this.volume.fat.device.pause()
    }
    return sum
  }

  /** Leaves the time for the next start, which takes it instead of `LOGGER.CFG`'s. A card that fails gets none. */
  async leaveTime(time: string): Promise<void> {
    try {
      await this.volume.writeSmall(NEXT_TIME, Buffer.from(time), TIME_LENGTH)
    } catch (_error) {
      // The next start has LOGGER.CFG's.
    }
  }

  /** Takes the time that a restart has left, once: not from a card that does not let it be emptied. */
  private async takeTime(settings: Settings): Promise<void> {
    try {
      if ((await this.volume.readSmall(NEXT_TIME, this.text)) !== TIME_LENGTH) return
      const time = this.text.slice(0, TIME_LENGTH).toString()
      await this.volume.writeSmall(NEXT_TIME, this.text, 0)
      if (isTimeText(time)) settings.start = time
    } catch (_error) {
      // LOGGER.CFG's holds.
    }
  }

  /** Sets what `LOGERR.TXT` says from now on, one line for each fault. Its first kilobyte is kept. */
  complain(faults: string): void {
    const text = Buffer.from(faults)
    this.complaints = text.length > LONGEST_SETTINGS ? text.slice(0, LONGEST_SETTINGS) : text
  }

  /**
   * Gives a mounted volume what belongs beside the logs. A full card gets none of it; one that fails here is not tried again.
   * @param card tells it from others
   * @throws CardError when the card fails: what an open log was writing meanwhile is in doubt, then, too
   */
  async write(card: number): Promise<void> {
    if (card === this.refused) return
    this.refused = card
    try {
      await this.writeSpecification()
      await this.writeComplaints()
    } catch (error) {
      const code = (error as CardError).code
      if (code !== "full" && code !== "root-full") throw error
    }
    this.refused = NONE
  }

  /**
   * One that this program wrote, or card prepare for it, stays, also when its calibrations were changed by hand; one of another
   * program of ours becomes `LOGSPEC.OLD`, for the logs that are on the card already; anything else under this name is not ours.
   */
  private async writeSpecification(): Promise<void> {
    const volume = this.volume
    const length = await volume.readSmall(SPECIFICATION, this.text)
    if (length > 0) {
      if (length < SPEC_MARK || (await this.begins(SPEC_MARK)) || !(await this.begins(SPEC_SIGN))) return
      const older = await volume.root.find(OLD_SPECIFICATION)
      if (older !== null) await volume.remove(older)
      const old = await volume.root.find(SPECIFICATION)
      if (old !== null) await volume.root.rename(old, OLD_SPECIFICATION)
    }
    await volume.writeSmall(SPECIFICATION, SPEC, SPEC.length)
  }

  /** True when the text in hand and the program's specification begin with the same bytes. */
  private async begins(length: number): Promise<boolean> {
    return await isSame(this.volume.fat.device, this.text, SPEC, length)
  }

  /** A start without faults empties what an earlier one wrote. */
  private async writeComplaints(): Promise<void> {
    const complaints = this.complaints
    const length = await this.volume.readSmall(COMPLAINTS, this.text)
    if (length < 0 && complaints.length === 0) return
    const same = length === complaints.length && (await isSame(this.volume.fat.device, this.text, complaints, length))
    if (!same) await this.volume.writeSmall(COMPLAINTS, complaints, complaints.length)
  }
}
