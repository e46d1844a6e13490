import * as ds from "@devicescript/core"
import type { Source } from "../source.js"
import { type I2cBus, order } from "./i2c.js"

/**
 * InvenSense MPU6050: acceleration at +-4 g (8192 counts a g), rotation at +-500 deg/s (65.5 counts a deg/s), 44 Hz filter.
 * Registers: PWR_MGMT_1 0x6B, CONFIG 0x1A, GYRO_CONFIG 0x1B, ACCEL_CONFIG 0x1C, ACCEL_XOUT_H 0x3B (14 bytes, big-endian: acceleration,
 * temperature, rotation).
 */
export function mpu6050(bus: I2cBus, address: number): Source {
  const raw = Buffer.alloc(14)
  const first = hex`3B`
  return {
    start: async () => {
      order(bus, address, hex`6B80`)
      // 100 ms, and some for what this sleep's start is older than the order.
      await ds.sleep(120)
      order(bus, address, hex`6B01`)
      order(bus, address, hex`1A03`)
      order(bus, address, hex`1B08`)
      order(bus, address, hex`1C08`)
      // Asleep it gives zeros.
      const power = Buffer.alloc(1)
      if (bus.transfer(address, hex`6B`, power) !== 0 || power[0] !== 1) throw new Error("does not wake up")
      // The first measurement with these settings.
      await ds.sleep(50)
    },
    read: (values) => {
      if (bus.transfer(address, first, raw) !== 0) return false
      for (let i = 0; i < 3; i++) {
        values[i] = (((raw[2 * i] as number) << 24) >> 16) | (raw[2 * i + 1] as number)
        values[i + 3] = (((raw[2 * i + 8] as number) << 24) >> 16) | (raw[2 * i + 9] as number)
      }
      return true
    },
  }
}
