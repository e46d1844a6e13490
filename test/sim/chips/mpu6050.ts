import { RegisterChip } from "./i2c.js"

const PWR_MGMT_1 = 0x6b
const GYRO_CONFIG = 0x1b
const ACCEL_CONFIG = 0x1c
const ACCEL_XOUT_H = 0x3b
const RESET_MS = 100

/** InvenSense MPU6050, register map RM-MPU-6000A: asleep after a reset, which takes 100 ms; data big-endian at the chosen ranges. */
export class Mpu6050 extends RegisterChip {
  /** What it feels: g and degrees a second. */
  acceleration = [0, 0, 0]
  rotation = [0, 0, 0]
  private resetAt = Number.NEGATIVE_INFINITY

  constructor(address = 0x68) {
    super(address)
    this.reset()
  }

  /** Takes its power away and gives it back: it sleeps with the ranges that it has by itself. */
  reset(): void {
    this.registers.fill(0)
    this.registers[PWR_MGMT_1] = 0x40
    this.registers[0x75] = 0x68
  }

  protected override store(register: number, byte: number, now: number): void {
    if (now < this.resetAt + RESET_MS || register === 0x75) return
    if (register === PWR_MGMT_1 && (byte & 0x80) !== 0) {
      this.reset()
      this.resetAt = now
    } else super.store(register, byte, now)
  }

  protected override measure(): void {
    if (((this.registers[PWR_MGMT_1] as number) & 0x40) !== 0) return
    const view = new DataView(this.registers.buffer)
    const accelerationScale = 16384 >> (((this.registers[ACCEL_CONFIG] as number) >> 3) & 3)
    const rotationScale = 131 / (1 << (((this.registers[GYRO_CONFIG] as number) >> 3) & 3))
    for (let i = 0; i < 3; i++) {
      view.setInt16(ACCEL_XOUT_H + 2 * i, clamp((this.acceleration[i] as number) * accelerationScale))
      view.setInt16(ACCEL_XOUT_H + 8 + 2 * i, clamp((this.rotation[i] as number) * rotationScale))
    }
    view.setInt16(ACCEL_XOUT_H + 6, -4321)
  }
}

/** What sixteen bits can hold of a value. */
export function clamp(value: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(value)))
}
