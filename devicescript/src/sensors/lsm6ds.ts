import * as ds from "@devicescript/core"
import type { Source } from "../source.js"
import { type I2cBus, order } from "./i2c.js"

/**
 * ST LSM6DS3, LSM6DSL, LSM6DSO: acceleration at +-4 g (0.122 mg a count), rotation at +-500 deg/s (17.5 mdeg/s a count), 104 Hz.
 * Registers: WHO_AM_I 0x0F (0x69, 0x6A, 0x6C), CTRL1_XL 0x10, CTRL2_G 0x11, CTRL3_C 0x12, OUTX_L_G 0x22 (12 bytes, little-endian:
 * rotation, acceleration). BDU keeps a value's two bytes of one measurement together.
 */
export function lsm6ds(bus: I2cBus, address: number): Source {
  const raw = Buffer.alloc(12)
  const first = hex`22`
  return {
    start: async () => {
      order(bus, address, hex`1201`)
      await ds.sleep(50)
      const who = Buffer.alloc(1)
      if (bus.transfer(address, hex`0F`, who) !== 0 || ((who[0] as number) & 0xf0) !== 0x60) throw new Error("not an LSM6DS")
      order(bus, address, hex`1244`)
      order(bus, address, hex`1048`)
      order(bus, address, hex`1144`)
      // The first measurements after power-up are not settled.
      await ds.sleep(100)
    },
    read: (values) => {
      if (bus.transfer(address, first, raw) !== 0) return false
      for (let i = 0; i < 3; i++) {
        values[i] = (((raw[2 * i + 7] as number) << 24) >> 16) | (raw[2 * i + 6] as number)
        values[i + 3] = (((raw[2 * i + 1] as number) << 24) >> 16) | (raw[2 * i] as number)
      }
      return true
    },
  }
}
