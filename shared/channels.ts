import type { ClockSource, LoggedGroup } from "./logger/channel-list.js"
import { health, mpu6050, tmp36, voltage } from "./logger/sensors.js"

/**
 * What the logger records. Edit the list, then run `npm run gen` and `npm run device`. Ready groups are in sensors.ts.
 * The board never imports this file: encoders, plan and side files are generated from it.
 */

/** The list. It shows every kind of group: a fast composite, a slow one, lone topics, the logger's own health. */
export const groups: readonly LoggedGroup[] = [
  { id: 1, name: "imu", rate: 100, ...mpu6050(0x68) },
  {
    id: 2,
    name: "pedals",
    rate: 10,
    source: { driver: "analog", with: [["A1", "A2"]] },
    channels: [
      {
        name: "throttle",
        unit: "%",
        type: "u16",
        calibration: { addition: -6554, divisor: 52428, multiplier: 100 },
        simulated: { wave: "triangle", periodMs: 9000, amplitude: 26000, offset: 32768, noise: 120 },
      },
      {
        name: "brake",
        unit: "%",
        type: "u16",
        calibration: { addition: -6554, divisor: 52428, multiplier: 100 },
        simulated: { wave: "square", periodMs: 13000, amplitude: 20000, offset: 27000, noise: 120 },
      },
    ],
  },
  // A third of the supply is at this pin: inside a Pico, by two resistors elsewhere.
  { id: 3, name: "supply", rate: 10, battery: true, ...voltage("supply", "BAT", 9.9) },
  { id: 4, name: "temperature", rate: 1, ...tmp36("temperature", "A3") },
  { id: 5, name: "logger", rate: 1, ...health() },
]

/** Clocks that know the time of day, in the order in which they are asked. A DS3231 has the address of an MPU6050: that one's AD0 goes to 3V3. */
export const clocks: readonly ClockSource[] = []
