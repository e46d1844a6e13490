import type { Layout } from "../../shared/layout.js"
import { type Values as LayoutValues, readRecord } from "../bytes/layout.js"
import type { Channel, Values } from "../model/log.js"
import { physicalColumn } from "../model/values.js"
import { digitsNote } from "../text/digits.js"
import type { SensorKind } from "./sensor.js"

/** Words of a chip's calibration as `bme680()` of shared/logger/sensors.ts logs it. */
const CALIBRATION_WORDS = 9
/** Ends of its channels' names there: temperature, pressure, humidity, then the words. */
const INPUTS = ["t", "p", "h", ...Array.from({ length: CALIBRATION_WORDS }, (_, i) => `c${i}`)]
const OUTPUTS = [
  ["temperature", "°C"],
  ["pressure", "hPa"],
  ["humidity", "%"],
] as const

/** The Bosch BME680: `bme680_t`, `_p`, `_h` and `_c0` to `_c8` become `bme680_temperature`, `_pressure` and `_humidity`. */
export const bme680: SensorKind = {
  find: (channels) =>
    channels.flatMap(({ name: first }) => {
      const name = /^(bme680\w*)_t$/.exec(first)?.[1]
      if (name === undefined) return []
      const inputs = INPUTS.map((end) => channels.findIndex((channel) => channel.name === `${name}_${end}`))
      return inputs.includes(-1) ? [] : [{ inputs, channels: computedChannels(name), compute }]
    }),
}

function computedChannels(name: string): Channel[] {
  return OUTPUTS.map(([what, unit]) => ({ name: `${name}_${what}`, unit, type: "f64", calibration: null, notes: digitsNote(3) }))
}

function compute(inputs: readonly Values[], rows: number): Float64Array[] {
  const raw = (i: number) => physicalColumn(inputs[i] as Values, null, null) ?? new Float64Array(rows).fill(Number.NaN)
  const [t, p, h] = [raw(0), raw(1), raw(2)]
  const words = inputs.slice(3)
  const [temperature, pressure, humidity] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)]
  for (let from = 0, to = 0; from < rows; from = to) {
    to = sameUntil(words, from, rows)
    const coefficients = bme680Coefficients((w) => Number(words[w]?.[from]))
    for (let i = from; i < to; i++) {
      const degrees = bme680Temperature(coefficients, t[i] as number)
      temperature[i] = degrees
      pressure[i] = bme680Pressure(coefficients, p[i] as number, degrees)
      humidity[i] = bme680Humidity(coefficients, h[i] as number, degrees)
    }
  }
  return [temperature, pressure, humidity]
}

/** The first row after `from` in which a word changes: a calibration stays until somebody puts in another chip. */
function sameUntil(words: readonly Values[], from: number, rows: number): number {
  let to = rows
  for (const word of words) {
    const first = word[from]
    let i = from + 1
    while (i < to && word[i] === first) i++
    to = i
  }
  return to
}

/** Registers 0x8A to 0xA1, then 0xE1 to 0xEC: what each means for temperature, pressure and humidity. */
const registers = {
  name: "BME680 calibration",
  source: "Bosch BME680 datasheet BST-BME680-DS001, section 3.3",
  endian: "le",
  size: 36,
  fields: {
    t2: { at: 0, type: "i16", unit: "", doc: "0x8A, 0x8B" },
    t3: { at: 2, type: "i8", unit: "", doc: "0x8C" },
    p1: { at: 4, type: "u16", unit: "", doc: "0x8E, 0x8F" },
    p2: { at: 6, type: "i16", unit: "", doc: "0x90, 0x91" },
    p3: { at: 8, type: "i8", unit: "", doc: "0x92" },
    p4: { at: 10, type: "i16", unit: "", doc: "0x94, 0x95" },
    p5: { at: 12, type: "i16", unit: "", doc: "0x96, 0x97" },
    p7: { at: 14, type: "i8", unit: "", doc: "0x98" },
    p6: { at: 15, type: "i8", unit: "", doc: "0x99" },
    p8: { at: 18, type: "i16", unit: "", doc: "0x9C, 0x9D" },
    p9: { at: 20, type: "i16", unit: "", doc: "0x9E, 0x9F" },
    p10: { at: 22, type: "u8", unit: "", doc: "0xA0" },
    h2High: { at: 24, type: "u8", unit: "", doc: "0xE1: the upper eight of twelve bits" },
    h2h1Low: { at: 25, type: "u8", unit: "", doc: "0xE2: the lower four bits of h2, then those of h1" },
    h1High: { at: 26, type: "u8", unit: "", doc: "0xE3" },
    h3: { at: 27, type: "i8", unit: "", doc: "0xE4" },
    h4: { at: 28, type: "i8", unit: "", doc: "0xE5" },
    h5: { at: 29, type: "i8", unit: "", doc: "0xE6" },
    h6: { at: 30, type: "u8", unit: "", doc: "0xE7" },
    h7: { at: 31, type: "i8", unit: "", doc: "0xE8" },
    t1: { at: 32, type: "u16", unit: "", doc: "0xE9, 0xEA" },
  },
} as const satisfies Layout

/** A chip's own coefficients, named as in the datasheet without their `par_`. */
export type Coefficients = Omit<LayoutValues<typeof registers>, "h2High" | "h2h1Low" | "h1High"> & {
  readonly h1: number
  readonly h2: number
}

/** The coefficients out of the words in which they are logged. @param word value of word `i`, 0 to 8, signed */
export function bme680Coefficients(word: (i: number) => number): Coefficients {
  const view = new DataView(new ArrayBuffer(registers.size))
  for (let i = 0; i < CALIBRATION_WORDS; i++) view.setInt32(4 * i, word(i), true)
  const { t1, t2, t3, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, h3, h4, h5, h6, h7, ...twelve } = readRecord(registers, view, 0)
  const h1 = (twelve.h1High << 4) | (twelve.h2h1Low & 15)
  const h2 = (twelve.h2High << 4) | (twelve.h2h1Low >> 4)
  // Written out: an object of one shape, which the loop over rows reads some three times as fast.
  return { t1, t2, t3, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, h1, h2, h3, h4, h5, h6, h7 }
}

/** Degrees Celsius of a raw temperature of 20 bits. Source: datasheet, section 3.3, the floating-point form. */
export function bme680Temperature({ t1, t2, t3 }: Coefficients, raw: number): number {
  const linear = (raw / 16384 - t1 / 1024) * t2
  const bend = raw / 131072 - t1 / 8192
  return (linear + bend * bend * 16 * t3) / 5120
}

/** Hectopascals of a raw pressure of 20 bits, at a temperature in degrees. Source: as for the temperature. */
export function bme680Pressure(c: Coefficients, raw: number, temperature: number): number {
  // The datasheet's t_fine, from the middle of its range.
  const warmth = temperature * 2560 - 64000
  const offset = ((warmth * warmth * c.p6) / 131072 + warmth * c.p5 * 2) / 4 + c.p4 * 65536
  const slope = (1 + ((c.p3 * warmth * warmth) / 16384 + c.p2 * warmth) / 524288 / 32768) * c.p1
  if (slope === 0) return Number.NaN
  const linear = ((1048576 - raw - offset / 4096) * 6250) / slope
  const square = (c.p9 * linear * linear) / 2147483648
  const cube = (linear / 256) * (linear / 256) * (linear / 256) * (c.p10 / 131072)
  return (linear + (square + (linear * c.p8) / 32768 + cube + c.p7 * 128) / 16) / 100
}

/** Per cent relative humidity of a raw humidity of 16 bits, at a temperature in degrees; 0 to 100. Source: as for the temperature. */
export function bme680Humidity(c: Coefficients, raw: number, temperature: number): number {
  const level = raw - (c.h1 * 16 + (c.h3 / 2) * temperature)
  const linear = level * (c.h2 / 262144) * (1 + (c.h4 / 16384) * temperature + (c.h5 / 1048576) * temperature * temperature)
  const humidity = linear + (c.h6 / 16384 + (c.h7 / 2097152) * temperature) * linear * linear
  return Math.min(100, Math.max(0, humidity))
}
