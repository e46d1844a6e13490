import * as ds from "@devicescript/core"
import type { Source } from "../source.js"
import { type I2cBus, order } from "./i2c.js"

/**
 * Bosch BME680: temperature, pressure and humidity as the converter's own numbers, and the chip's calibration, which makes degrees,
 * hectopascals and per cent of them on the laptop. A row fetches the measurement that the row before it began, 45 ms of them.
 * The gas heater stays off: it takes 12 mA, warms the other three, and what it finds means something only by the maker's closed library.
 *
 * Registers: chip id 0xD0 (0x61), reset 0xE0, ctrl_hum 0x72, ctrl_meas 0x74 (temperature twice, pressure 16 times, forced mode),
 * status 0x1D and the results behind it (big-endian, 20, 20 and 16 bits), calibration 0x8A and 0xE1 (little-endian).
 */
export function bme680(bus: I2cBus, address: number): Source {
  const field = hex`1D`
  const measure = hex`7455`
  const raw = Buffer.alloc(10)
  const low = Buffer.alloc(24)
  const high = Buffer.alloc(12)
  return {
    start: async () => {
      order(bus, address, hex`E0B6`)
      await ds.sleep(10)
      const id = Buffer.alloc(1)
      if (bus.transfer(address, hex`D0`, id) !== 0 || id[0] !== 0x61) throw new Error("not a BME680")
      if (bus.transfer(address, hex`8A`, low) !== 0 || bus.transfer(address, hex`E1`, high) !== 0) throw new Error("no calibration")
      order(bus, address, hex`7201`)
      order(bus, address, measure)
      await ds.sleep(60)
    },
    read: (values) => {
      // Something new, and nothing under way.
      if (bus.transfer(address, field, raw) !== 0 || ((raw[0] as number) & 0xa0) !== 0x80) return false
      if (bus.transfer(address, measure) !== 0) return false
      values[0] = ((raw[5] as number) << 12) | ((raw[6] as number) << 4) | ((raw[7] as number) >> 4)
      values[1] = ((raw[2] as number) << 12) | ((raw[3] as number) << 4) | ((raw[4] as number) >> 4)
      values[2] = ((raw[8] as number) << 8) | (raw[9] as number)
      for (let i = 0; i < 6; i++) values[3 + i] = low.getAt(4 * i, "i32")
      for (let i = 0; i < 3; i++) values[9 + i] = high.getAt(4 * i, "i32")
      return true
    },
  }
}
