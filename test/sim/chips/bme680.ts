import { RegisterChip } from "./i2c.js"

const STATUS = 0x1d
const CTRL_HUM = 0x72
const CTRL_MEAS = 0x74
const CHIP_ID = 0xd0
const RESET = 0xe0
const RESET_MS = 2
/** Times that a quantity is measured, by its setting: 0 leaves it out. */
const OVERSAMPLING = [0, 1, 2, 4, 8, 16]
/** What a quantity that is left out reads as. */
const LEFT_OUT = { t: 0x80000, p: 0x80000, h: 0x8000 }

/**
 * Bosch BME680, datasheet BST-BME680-DS001: sleeps until it is sent into forced mode, measures once what the settings name, and sleeps again.
 * Its calibration stands in 0x8A to 0xA1 and 0xE1 to 0xEC.
 */
export class Bme680 extends RegisterChip {
  /** What the converter finds: 20, 20 and 16 bits. */
  raw = { t: 501240, p: 353485, h: 19019 }
  /** Measurements that it was asked for. */
  asked = 0
  private doneAt = Number.POSITIVE_INFINITY
  private resetAt = Number.NEGATIVE_INFINITY

  /** @param words of the calibration, as they are logged @param identity another chip's */
  constructor(
    private readonly words: readonly number[],
    private readonly identity = 0x61,
    address = 0x76,
  ) {
    super(address)
    this.reset()
  }

  /** Takes its power away and gives it back. */
  reset(): void {
    this.registers.fill(0)
    this.registers[CHIP_ID] = this.identity
    const view = new DataView(this.registers.buffer)
    for (const [i, word] of this.words.entries()) view.setInt32(i < 6 ? 0x8a + 4 * i : 0xe1 + 4 * (i - 6), word, true)
    this.doneAt = Number.POSITIVE_INFINITY
  }

  override select(reading: boolean, now: number): boolean {
    return now >= this.resetAt + RESET_MS && super.select(reading, now)
  }

  protected override store(register: number, byte: number, now: number): void {
    if (register === RESET && byte === 0xb6) {
      this.reset()
      this.resetAt = now
    } else if (register === CTRL_HUM || register === CTRL_MEAS) {
      super.store(register, byte, now)
      if (register === CTRL_MEAS && (byte & 3) === 1) this.measureOnce(now)
    }
  }

  protected override measure(now: number): void {
    if (now < this.doneAt) return
    this.doneAt = Number.POSITIVE_INFINITY
    const { t, p, h } = this.times()
    const raw = { t: t > 0 ? this.raw.t : LEFT_OUT.t, p: p > 0 ? this.raw.p : LEFT_OUT.p, h: h > 0 ? this.raw.h : LEFT_OUT.h }
    const twenty = (value: number) => [value >> 12, (value >> 4) & 255, (value << 4) & 255]
    this.registers.set([0x80, 0, ...twenty(raw.p), ...twenty(raw.t), raw.h >> 8, raw.h & 255], STATUS)
    this.registers[CTRL_MEAS] = (this.registers[CTRL_MEAS] as number) & 0xfc
  }

  /** Source: the duration that Bosch's API computes, 1963 us a measurement and 5.3 ms around them. */
  private measureOnce(now: number): void {
    const { t, p, h } = this.times()
    this.asked++
    this.doneAt = now + 1.963 * (t + p + h) + 5.3
    this.registers[STATUS] = 0x20
  }

  private times(): { t: number; p: number; h: number } {
    const [measure, humidity] = [this.registers[CTRL_MEAS] as number, this.registers[CTRL_HUM] as number]
    const times = (setting: number) => OVERSAMPLING[Math.min(setting, 5)] as number
    return { t: times(measure >> 5), p: times((measure >> 2) & 7), h: times(humidity & 7) }
  }
}
