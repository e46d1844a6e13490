import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test, vi } from "vitest"
import { bme680, lsm6ds, mpu6050, type Sensor, sht30, tmp36, voltage } from "../../shared/logger/sensors.js"
import { Bme680 } from "../sim/chips/bme680.js"
import { Lsm6ds } from "../sim/chips/lsm6ds.js"
import { Mpu6050 } from "../sim/chips/mpu6050.js"
import { crc8, Sht30 } from "../sim/chips/sht30.js"
import { deviceFolder } from "../sim/device/build.js"
import { startPart } from "../sim/device/parts.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

/** DeviceScript's number of the mode. */
const INPUT_PULL_UP = 0x11

/** The last sample in the channels' units. */
function physical({ channels }: Sensor, rows: readonly (number[] | null)[]): number[] {
  const row = rows.at(-1)
  if (row === null || row === undefined) throw new Error("the sensor gave nothing")
  return channels.map(({ calibration }, i) => {
    if (calibration === null) return row[i] as number
    return (((row[i] as number) + calibration.addition) / calibration.divisor) * calibration.multiplier
  })
}

describe.each([
  { name: "mpu6050", make: () => new Mpu6050(), sensor: mpu6050(0x68) },
  { name: "lsm6ds", make: () => new Lsm6ds(), sensor: lsm6ds(0x6a) },
] as const)("the driver of the $name", ({ name, make, sensor }) => {
  test("gives what the chip feels, in g and degrees a second, of either sign", async () => {
    const chip = make()
    const { vm, rows, told } = await startPart(name, { chips: [chip] })
    for (const sign of [1, -1]) {
      chip.acceleration = [0.5 * sign, -1.25 * sign, 3.75 * sign]
      chip.rotation = [-12.5 * sign, 100 * sign, 499 * sign]
      vm.run(vm.now() + 400)
      const felt = [...chip.acceleration, ...chip.rotation]
      for (const [i, value] of physical(sensor, rows).entries()) expect(value).toBeCloseTo(felt[i] as number, i < 3 ? 3 : 1)
    }
    expect(told.map(({ text }) => text)).toEqual(["started"])
  })

  test("gives no sample while nobody answers, and says so when it is set up", async () => {
    const { vm, rows, told } = await startPart(name, { chips: [] })
    vm.run(500)
    expect(told[0]?.text).toMatch(/^failed no answer at I2C address \d+$/)
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.every((row) => row === null)).toBe(true)
  })

  test("gives true values again when the chip had lost its power and is set up anew", async () => {
    const chip = make()
    const part = await startPart(name, { chips: [chip] })
    chip.acceleration = [0, 0, 1]
    part.vm.run(500)
    chip.reset()
    part.vm.run(600)
    expect(physical(sensor, part.rows)[2]).toBe(0)
    part.start()
    part.vm.run(1200)
    expect(physical(sensor, part.rows)[2]).toBeCloseTo(1, 3)
  })
})

test("a chip at the LSM6DS's address that is another one is refused", async () => {
  const { vm, told } = await startPart("lsm6ds", { chips: [new Lsm6ds(0x6a, 0x33)] })
  vm.run(300)
  expect(told[0]?.text).toBe("failed not an LSM6DS")
})

test("an MPU6050 that stays asleep is refused, for it would give zeros", async () => {
  class Sleeper extends Mpu6050 {
    protected override store(): void {}
  }
  const { vm, rows, told } = await startPart("mpu6050", { chips: [new Sleeper()] })
  vm.run(500)
  expect(told[0]?.text).toBe("failed does not wake up")
  expect(rows.length).toBeGreaterThan(10)
})

describe("the driver of the SHT30", () => {
  test("gives temperature and humidity by the channels' calibration, over the whole range", async () => {
    const chip = new Sht30()
    const { vm, rows } = await startPart("sht30", { chips: [chip], period: 500 })
    for (const [temperature, humidity] of [
      [21.5, 43.25],
      [-39.9, 0],
      [124.9, 100],
    ] as const) {
      chip.temperature = temperature
      chip.humidity = humidity
      vm.run(vm.now() + 1600)
      const [air, moisture] = physical(sht30(0x44), rows) as [number, number]
      expect(air).toBeCloseTo(temperature, 2)
      expect(moisture).toBeCloseTo(humidity, 2)
    }
    expect(rows).not.toContain(null)
  })

  test("gives no sample twice, and none whose CRC is wrong", async () => {
    const chip = new Sht30()
    const { vm, rows } = await startPart("sht30", { chips: [chip], period: 100 })
    vm.run(10_000)
    const given = rows.filter((row) => row !== null).length
    expect(given).toBeGreaterThanOrEqual(19)
    expect(given).toBeLessThanOrEqual(20)
    chip.noisy = true
    vm.run(10_200)
    const before = rows.length
    vm.run(15_000)
    expect(rows.slice(before).every((row) => row === null)).toBe(true)
  })

  test("the model's CRC is the data sheet's", () => {
    expect(crc8([0xbe, 0xef])).toBe(0x92)
  })
})

describe("the driver of the BME680", () => {
  const sensor = bme680(0x76)
  const words = sensor.channels.slice(3).map(({ simulated }) => simulated?.offset as number)

  test("gives the chip's numbers and its calibration, each row what the row before it asked for", async () => {
    const chip = new Bme680(words)
    const { vm, rows, told } = await startPart("bme680", { chips: [chip], period: 100 })
    vm.run(1000)
    expect(told.map(({ text }) => text)).toEqual(["started"])
    expect(rows).not.toContain(null)
    expect(rows[0]).toEqual([501240, 353485, 19019, ...words])
    expect(chip.asked).toBe(rows.length + 1)
    chip.raw = { t: 0xfffff, p: 1, h: 0xffff }
    const before = rows.length
    vm.run(1300)
    expect(rows[before + 1]?.slice(0, 3)).toEqual([0xfffff, 1, 0xffff])
  })

  test("gives no sample while the chip measures, and none twice", async () => {
    const chip = new Bme680(words)
    const { vm, rows } = await startPart("bme680", { chips: [chip], period: 10 })
    vm.run(1000)
    const given = rows.filter((row) => row !== null).length
    expect(given).toBeLessThan(chip.asked)
    expect(given).toBeGreaterThanOrEqual(chip.asked - 1)
    expect(given).toBeGreaterThan(15)
    expect(rows.length).toBeGreaterThan(3 * given)
  })

  test("gives samples again when the chip had lost its power and is set up anew", async () => {
    const chip = new Bme680(words)
    const part = await startPart("bme680", { chips: [chip], period: 100 })
    part.vm.run(500)
    chip.reset()
    part.vm.run(550)
    const lost = part.rows.length
    part.vm.run(1000)
    expect(part.rows.slice(lost).every((row) => row === null)).toBe(true)
    part.start()
    part.vm.run(1500)
    expect(part.rows.at(-1)?.slice(0, 3)).toEqual([501240, 353485, 19019])
  })

  test("refuses another chip at its address, and says when there is none", async () => {
    const other = await startPart("bme680", { chips: [new Bme680(words, 0x60)] })
    other.vm.run(300)
    expect(other.told[0]?.text).toBe("failed not a BME680")
    const none = await startPart("bme680")
    none.vm.run(300)
    expect(none.told[0]?.text).toBe("failed no answer at I2C address 118")
  })
})

test("an analog input's raw value is its share of full scale, in volts and degrees by the calibration", async () => {
  const { vm, rows } = await startPart("analog", { pin: () => 2980 / 4096 })
  vm.run(200)
  expect(rows.at(-1)?.[0]).toBe(2980 * 16)
  expect(physical(voltage("supply", "VSYS", 9.9), rows)[0]).toBeCloseTo(7.203, 3)
  const warm = await startPart("analog", { pin: () => Math.round((0.725 / 3.3) * 4096) / 4096 })
  warm.vm.run(200)
  expect(physical(tmp36("t", "GP28"), warm.rows)[0]).toBeCloseTo(22.5, 1)
})

test("a digital level is what the pin has, pulled up", async () => {
  const { vm, rows, told } = await startPart("digital", { pin: (now) => (now < 500 ? 1 : 0) })
  vm.run(400)
  expect(rows.at(-1)?.[0]).toBe(1)
  vm.run(700)
  expect(rows.at(-1)?.[0]).toBe(0)
  expect(told[0]).toMatchObject({ text: "mode pin", value: INPUT_PULL_UP })
})

test.each([
  { hz: 4, share: 0.5 },
  { hz: 50, share: 0.5 },
  { hz: 50, share: 0.25 },
])("pulses are counted one by one at $hz a second, high for $share of the time", async ({ hz, share }) => {
  const from = 100
  const high = (now: number): number => Number(now < from || (((now - from) * hz) / 1000) % 1 < share)
  const { vm, rows } = await startPart("pulses", { pin: high })
  // Ten seconds and a half level more, so that the last pulse is over.
  vm.run(from + 10_000 + (500 * share) / hz)
  vm.run(vm.now() + 10)
  const counted = rows.at(-1)?.[0] as number
  expect(Math.abs(counted - 10 * hz)).toBeLessThanOrEqual(1)
})

test("the chip's temperature is there once it is set up", async () => {
  const { vm, rows } = await startPart("chipTemperature")
  vm.run(1000)
  expect(rows[0]?.[0]).toBe(21)
})

const drivers = join(deviceFolder, "src", "sensors")

test("a driver is one file of fewer than 60 lines", () => {
  for (const file of readdirSync(drivers)) expect(readFileSync(join(drivers, file), "utf8").split("\n").length, file).toBeLessThan(60)
})

test("docs/sensors.md shows the driver as it is", () => {
  const page = readFileSync(join(deviceFolder, "..", "docs", "sensors.md"), "utf8")
  expect(page).toContain(`\`\`\`ts\n${readFileSync(join(drivers, "sht30.ts"), "utf8")}\`\`\``)
})
