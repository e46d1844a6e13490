import { RegisterChip } from "./i2c.js"
import { clamp } from "./mpu6050.js"

const CTRL1_XL = 0x10
const CTRL2_G = 0x11
const CTRL3_C = 0x12
const OUTX_L_G = 0x22
/** mg and mdeg/s a count, by the field of the range: ST LSM6DS3 datasheet, tables 3, 45 and 49. */
const ACCELERATION = [0.061, 0.488, 0.122, 0.244]
const ROTATION = [8.75, 17.5, 35, 70]
const BOOT_MS = 15

/** ST LSM6DS: both sensors are off until they are given a rate; data little-endian, rotation first; registers go on only with IF_INC. */
export class Lsm6ds extends RegisterChip {
  /** What it feels: g and degrees a second. */
  acceleration = [0, 0, 0]
  rotation = [0, 0, 0]
  private resetAt = Number.NEGATIVE_INFINITY

  /** @param identity of the kind: 0x69 LSM6DS3, 0x6a LSM6DSL, 0x6c LSM6DSO */
  constructor(
    address = 0x6a,
    private readonly identity = 0x69,
  ) {
    super(address)
    this.reset()
  }

  /** Takes its power away and gives it back. */
  reset(): void {
    this.registers.fill(0)
    this.registers[CTRL3_C] = 0x04
    this.registers[0x0f] = this.identity
  }

  protected override store(register: number, byte: number, now: number): void {
    if (now < this.resetAt + BOOT_MS) return
    if (register === CTRL3_C && (byte & 1) !== 0) {
      this.reset()
      this.resetAt = now
    } else super.store(register, byte, now)
  }

  protected override measure(): void {
    const view = new DataView(this.registers.buffer)
    const [xl, g] = [this.registers[CTRL1_XL] as number, this.registers[CTRL2_G] as number]
    for (let i = 0; i < 3; i++) {
      const rotation = ((this.rotation[i] as number) * 1000) / (ROTATION[(g >> 2) & 3] as number)
      const acceleration = ((this.acceleration[i] as number) * 1000) / (ACCELERATION[(xl >> 2) & 3] as number)
      if (g >> 4 !== 0) view.setInt16(OUTX_L_G + 2 * i, clamp(rotation), true)
      if (xl >> 4 !== 0) view.setInt16(OUTX_L_G + 6 + 2 * i, clamp(acceleration), true)
    }
  }

  protected override increments(): boolean {
    return ((this.registers[CTRL3_C] as number) & 4) !== 0
  }
}
