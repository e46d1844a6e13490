/**
 * What the logger records. Edit the list, then run `npm run gen` and `npm run device`.
 *
 * The board never imports this file: encoders, plan and side files are generated from it.
 * A group of one channel is logged on its own (a Meteor topic), larger ones together (a composite).
 */

/** Integers of fixed width: what both formats can carry and a sensor delivers. */
export type RawType = "u8" | "i8" | "u16" | "i16" | "u32" | "i32"

/** Where a group's raw values come from on the board. */
export type GroupSource =
  /** One analog input pin a channel, by the board's pin names; raw values are 0 to 65520, left-aligned. */
  | { readonly kind: "analog"; readonly pins: readonly string[] }
  /** An MPU6050 motion sensor on I2C: ax ay az gx gy gz. */
  | { readonly kind: "mpu6050"; readonly address: number }
  /** The microcontroller's own temperature in whole degrees; its driver takes 2.7 kB of program. */
  | { readonly kind: "chipTemperature" }
  /** The logger's health: rows dropped, most sectors waiting, slowest card write in ms since the last row. */
  | { readonly kind: "logger" }

/** An integer wave plus noise in raw units, for the simulator: `offset + wave * amplitude + noise`. */
export interface Simulated {
  readonly wave: "sine" | "triangle" | "saw" | "square"
  readonly periodMs: number
  readonly amplitude: number
  readonly offset: number
  /** Greatest deviation of the noise. */
  readonly noise: number
}

export interface LoggedChannel {
  /** Unique over all groups. */
  readonly name: string
  readonly unit: string
  readonly type: RawType
  /** `physical = (raw + addition) / divisor * multiplier`; null where raw is physical. */
  readonly calibration: { readonly addition: number; readonly divisor: number; readonly multiplier: number } | null
  /** Null for channels that the logger itself fills. */
  readonly simulated: Simulated | null
}

export interface LoggedGroup {
  /** 1 to 15, never reused for something else: the formats' numbers follow from it. */
  readonly id: number
  /** A group of one channel is named like its channel. */
  readonly name: string
  /** Hz, at most 1000. */
  readonly rate: number
  readonly source: GroupSource
  /** At most 15. */
  readonly channels: readonly LoggedChannel[]
}

const acceleration = { addition: 0, divisor: 8192, multiplier: 1 }
const rotation = { addition: 0, divisor: 65.5, multiplier: 1 }
/** A TMP36: 0.5 V at 0 degrees, 10 mV a degree. */
const tmp36 = { addition: -9930, divisor: 65536, multiplier: 330 }

/** The list. It shows every kind of group: a fast composite, a slow one, lone topics, the logger's own health. */
export const groups: readonly LoggedGroup[] = [
  {
    id: 1,
    name: "imu",
    rate: 100,
    source: { kind: "mpu6050", address: 0x68 },
    channels: [
      { name: "ax", unit: "g", type: "i16", calibration: acceleration, simulated: sine(1370, 4096, 0, 60) },
      { name: "ay", unit: "g", type: "i16", calibration: acceleration, simulated: sine(2110, 6000, -500, 60) },
      { name: "az", unit: "g", type: "i16", calibration: acceleration, simulated: sine(510, 1500, 8192, 90) },
      { name: "gx", unit: "deg/s", type: "i16", calibration: rotation, simulated: sine(3300, 9000, 0, 40) },
      { name: "gy", unit: "deg/s", type: "i16", calibration: rotation, simulated: sine(2700, 4000, 0, 40) },
      { name: "gz", unit: "deg/s", type: "i16", calibration: rotation, simulated: sine(7900, 12000, 0, 40) },
    ],
  },
  {
    id: 2,
    name: "pedals",
    rate: 10,
    source: { kind: "analog", pins: ["GP26", "GP27"] },
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
  {
    id: 3,
    name: "supply",
    rate: 10,
    // A third of the supply is wired to this pin on a Pico.
    source: { kind: "analog", pins: ["VSYS"] },
    channels: [
      {
        name: "supply",
        unit: "V",
        type: "u16",
        calibration: { addition: 0, divisor: 65536, multiplier: 9.9 },
        simulated: { wave: "saw", periodMs: 60000, amplitude: 1500, offset: 33000, noise: 120 },
      },
    ],
  },
  {
    id: 4,
    name: "temperature",
    rate: 1,
    source: { kind: "analog", pins: ["GP28"] },
    channels: [{ name: "temperature", unit: "°C", type: "u16", calibration: tmp36, simulated: sine(300000, 800, 14700, 20) }],
  },
  {
    id: 5,
    name: "logger",
    rate: 1,
    source: { kind: "logger" },
    channels: [
      { name: "dropped", unit: "rows", type: "u32", calibration: null, simulated: null },
      { name: "waiting", unit: "sectors", type: "u16", calibration: null, simulated: null },
      { name: "slowest", unit: "ms", type: "u16", calibration: null, simulated: null },
    ],
  },
]

function sine(periodMs: number, amplitude: number, offset: number, noise: number): Simulated {
  return { wave: "sine", periodMs, amplitude, offset, noise }
}
