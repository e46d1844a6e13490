import { isTimeText, twoDigits } from "../../../shared/logger/time-text.js"
import type { WallClock } from "../machine.js"
import type { I2cBus } from "../sensors/i2c.js"

/**
 * Maxim DS3231 on I2C, address 0x68 (an MPU6050 beside it needs its AD0 high). Seven registers in BCD from 0: second, minute, hour, day of
 * week, day, month, year; bit 7 of 0x0F says that the chip has stood still and knows no time. It keeps whatever time it is given.
 */
const ADDRESS = 0x68

export function ds3231(bus: I2cBus): WallClock {
  return {
    kind: 2,
    read: async () => {
      const status = Buffer.alloc(1)
      const raw = Buffer.alloc(7)
      if (bus.transfer(ADDRESS, hex`0F`, status) !== 0 || ((status[0] as number) & 0x80) !== 0) return ""
      if (bus.transfer(ADDRESS, hex`00`, raw) !== 0) return ""
      // Bit 6 of the hour is the twelve-hour mode, which `set` never chooses.
      const text = `20${bcd(raw[6])}-${bcd(raw[5] & 0x1f)}-${bcd(raw[4])} ${bcd(raw[2])}:${bcd(raw[1])}:${bcd(raw[0])}`
      return isTimeText(text) ? text : ""
    },
    set: async (time) => {
      const raw = Buffer.alloc(8)
      const places = [17, 14, 11, -1, 8, 5, 2]
      for (let i = 0; i < 7; i++) {
        const n = places[i] < 0 ? 1 : twoDigits(time, places[i])
        const tens = Math.floor(n / 10)
        raw[i + 1] = tens * 16 + n - tens * 10
      }
      if (bus.transfer(ADDRESS, raw) === 0) bus.transfer(ADDRESS, hex`0F00`)
    },
  }
}

/** Two digits; something that is no time where they are none. */
function bcd(byte: number): string {
  return `${byte >> 4}${byte & 15}`
}
