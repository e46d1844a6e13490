import * as ds from "@devicescript/core"
import type { Source } from "../source.js"
import { type I2cBus, order } from "./i2c.js"

/**
 * Sensirion SHT30, SHT31, SHT35: temperature and humidity as the chip's own 16-bit numbers; what they mean is the channels' calibration.
 * The chip measures by itself twice a second (0x2236), the latest result is fetched (0xE000: two words, each with a CRC-8,
 * polynomial 0x31, start 0xFF). It does not answer the fetch while there is nothing new.
 */
export function sht30(bus: I2cBus, address: number): Source {
  const raw = Buffer.alloc(6)
  const fetch = hex`E000`
  return {
    start: async () => {
      // Stops what it may be doing since before a restart of the board; it refuses when it is doing nothing.
      bus.transfer(address, hex`3093`)
      await ds.sleep(5)
      order(bus, address, hex`30A2`)
      await ds.sleep(5)
      order(bus, address, hex`2236`)
      await ds.sleep(20)
    },
    read: (values) => {
      if (bus.transfer(address, fetch, raw) !== 0) return false
      for (let word = 0; word < 2; word++) {
        const high = raw[3 * word] as number
        const low = raw[3 * word + 1] as number
        if (crc8(high, low) !== raw[3 * word + 2]) return false
        values[word] = (high << 8) | low
      }
      return true
    },
  }
}

/** Of two bytes: sixteen steps of the shift register. */
function crc8(high: number, low: number): number {
  let x = ((high ^ 0xff) << 8) | low
  for (let bit = 0; bit < 16; bit++) {
    x = x << 1
    if ((x & 0x10000) !== 0) x = x ^ 0x13100
  }
  return x >> 8
}
