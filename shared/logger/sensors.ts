import type { GroupSource, LoggedChannel, RawType, Simulated } from "./channel-list.js"

/**
 * Sensors as entries of the channel list: `{ id: 1, name: "imu", rate: 100, ...mpu6050(0x68) }`.
 * Each belongs to a driver in devicescript/src/sensors and says what its raw values mean: calibrations are applied on the laptop.
 */

/** What a sensor gives a group. Channel names can be changed, they must be unique over all groups. */
export interface Sensor {
  readonly source: GroupSource
  readonly channels: readonly LoggedChannel[]
}

/** InvenSense MPU6050: +-4 g and +-500 deg/s, 44 Hz filter. @param address 0x68, or 0x69 with AD0 high */
export function mpu6050(address: number): Sensor {
  return { source: { driver: "mpu6050", with: ["bus", address] }, channels: motion(8192, 65.5) }
}

/** ST LSM6DS3, LSM6DSL, LSM6DSO: +-4 g (0.122 mg a count) and +-500 deg/s (17.5 mdeg/s), 104 Hz. @param address 0x6a or 0x6b */
export function lsm6ds(address: number): Sensor {
  return { source: { driver: "lsm6ds", with: ["bus", address] }, channels: motion(1000 / 0.122, 1000 / 17.5) }
}

/** Sensirion SHT30, SHT31, SHT35: two measurements a second, so log it at 2 Hz or less. @param address 0x44 or 0x45 */
export function sht30(address: number): Sensor {
  const scale = 65535
  return {
    source: { driver: "sht30", with: ["bus", address] },
    channels: [
      channel("air", "°C", "u16", { addition: (-45 * scale) / 175, divisor: scale, multiplier: 175 }, sine(300000, 4000, 26000, 20)),
      channel("humidity", "%", "u16", { addition: 0, divisor: scale, multiplier: 100 }, sine(500000, 9000, 32000, 40)),
    ],
  }
}

/**
 * Bosch BME680, BME688: the converter's numbers for temperature, pressure and humidity, and with each row the chip's calibration, 36 bytes,
 * from which the laptop computes `<name>_temperature`, `_pressure` and `_humidity`. Log it at 10 Hz or less; a row is one period old.
 * @param address 0x76, or 0x77 with SDO high @param name a second chip needs another: `bme680` and more letters
 */
export function bme680(address: number, name = "bme680"): Sensor {
  const result = (part: string, type: RawType, wave: Simulated) => channel(`${name}_${part}`, "", type, null, wave)
  return {
    source: { driver: "bme680", with: ["bus", address] },
    channels: [
      result("t", "u32", sine(300000, 6000, 501240, 20)),
      result("p", "u32", sine(700000, 2000, 353485, 20)),
      result("h", "u16", sine(500000, 800, 19019, 10)),
      ...SIMULATED_CALIBRATION.map((word, i) => result(`c${i}`, "i32", sine(1000, 0, word, 0))),
    ],
  }
}

/** The calibration of some chip, as it is logged. */
const SIMULATED_CALIBRATION = [223077, -689074367, 479068248, 506396543, -208207872, 2029237, 2774080, -1669852115, 26041]

/** A voltage at an analog input behind a divider. @param full volts that make the input's full scale */
export function voltage(name: string, pin: string, full: number): Sensor {
  const wave: Simulated = { wave: "saw", periodMs: 60000, amplitude: 1500, offset: 33000, noise: 120 }
  return analog(pin, channel(name, "V", "u16", { addition: 0, divisor: 65536, multiplier: full }, wave))
}

/** A TMP36 on 3.3 V: 0.5 V at 0 degrees, 10 mV a degree. */
export function tmp36(name: string, pin: string): Sensor {
  const calibration = { addition: -9930, divisor: 65536, multiplier: 330 }
  return analog(pin, channel(name, "°C", "u16", calibration, sine(300000, 800, 14700, 20)))
}

/** A digital level: 1 while the pin is high. The pin is pulled up, so a switch goes to ground and reads 0 when closed. */
export function level(name: string, pin: string): Sensor {
  const wave: Simulated = { wave: "square", periodMs: 4000, amplitude: 1, offset: 1, noise: 0 }
  return { source: { driver: "digital", with: [[pin]] }, channels: [channel(name, "", "u8", null, wave)] }
}

/** Pulses counted since the start, up to 50 a second; high and low must each last 5 ms. */
export function pulses(name: string, pin: string): Sensor {
  const wave: Simulated = { wave: "saw", periodMs: 60000, amplitude: 1000, offset: 1000, noise: 0 }
  return { source: { driver: "pulses", with: [[pin]] }, channels: [channel(name, "pulses", "u32", null, wave)] }
}

/** The microcontroller's own temperature in whole degrees. Not on the plain ESP32. Its driver takes 2.7 kB of program. */
export function chipTemperature(): Sensor {
  return {
    source: { driver: "chip-temperature", with: [] },
    channels: [channel("chip", "°C", "i16", null, sine(200000, 9, 31, 1))],
  }
}

/** The logger's own health. `clock` says where the log's start time is from: 0 nowhere, 1 LOGGER.CFG, 2 clock chip, 3 network. */
export function health(): Sensor {
  return {
    source: { driver: "health", with: ["status"] },
    channels: [
      channel("dropped", "rows", "u32", null, null),
      channel("waiting", "sectors", "u16", null, null),
      channel("slowest", "ms", "u16", null, null),
      channel("clock", "", "u8", null, null),
    ],
  }
}

function motion(countsPerG: number, countsPerDegree: number): LoggedChannel[] {
  const acceleration = { addition: 0, divisor: countsPerG, multiplier: 1 }
  const rotation = { addition: 0, divisor: countsPerDegree, multiplier: 1 }
  return [
    channel("ax", "g", "i16", acceleration, sine(1370, 4096, 0, 60)),
    channel("ay", "g", "i16", acceleration, sine(2110, 6000, -500, 60)),
    channel("az", "g", "i16", acceleration, sine(510, 1500, 8192, 90)),
    channel("gx", "deg/s", "i16", rotation, sine(3300, 9000, 0, 40)),
    channel("gy", "deg/s", "i16", rotation, sine(2700, 4000, 0, 40)),
    channel("gz", "deg/s", "i16", rotation, sine(7900, 12000, 0, 40)),
  ]
}

function analog(pin: string, only: LoggedChannel): Sensor {
  return { source: { driver: "analog", with: [[pin]] }, channels: [only] }
}

function channel(
  name: string,
  unit: string,
  type: RawType,
  calibration: LoggedChannel["calibration"],
  simulated: Simulated | null,
): LoggedChannel {
  return { name, unit, type, calibration, simulated }
}

function sine(periodMs: number, amplitude: number, offset: number, noise: number): Simulated {
  return { wave: "sine", periodMs, amplitude, offset, noise }
}
