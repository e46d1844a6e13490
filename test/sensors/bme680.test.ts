import { describe, expect, test } from "vitest"
import { bme680Coefficients, bme680Humidity, bme680Pressure, bme680Temperature, type Coefficients } from "../../host/sensors/bme680.js"
import { bme680 } from "../../shared/logger/sensors.js"

/**
 * A real chip's coefficients and what an independent implementation makes of raw numbers with them: conftest.py and test_compensation.py of
 * pimoroni/bme680-python. It computes in integers, to 0.01 degrees, 1 Pa and 0.001 %.
 */
const DUMPED: Coefficients = {
  ...{ t1: 26041, t2: 26469, t3: 3 },
  ...{ p1: 36673, p2: -10515, p3: 88, p4: 7310, p5: -129, p6: 30, p7: 46, p8: -3177, p9: -2379, p10: 30 },
  ...{ h1: 676, h2: 1029, h3: 0, h4: 45, h5: 20, h6: 120, h7: -100 },
}

describe("the BME680's compensation", () => {
  test("gives what another implementation gives for a real chip", () => {
    const degrees = bme680Temperature(DUMPED, 501240)
    expect(degrees).toBeCloseTo(26.69, 2)
    expect(Math.abs(100 * bme680Pressure(DUMPED, 353485, degrees) - 98712)).toBeLessThan(10)
    expect(bme680Humidity(DUMPED, 19019, degrees)).toBeCloseTo(42.402, 1)
  })

  test("gives the digits of the floating-point formulas with every coefficient at work", () => {
    // press/original/original.c of Tom-Newton/sunflower-simulator: the coefficients stand there without their signs, and so they do here.
    const c = {
      ...DUMPED,
      t1: 26372,
      t2: 26190,
      t3: 3,
      p1: 36338,
      p2: 55104,
      p3: 88,
      p4: 7194,
      p5: 65442,
      p6: 30,
      p7: 43,
      p8: 62766,
      p9: 62990,
      p10: 30,
    }
    const degrees = bme680Temperature(c, 492409)
    expect(degrees).toBeCloseTo(22.000028, 6)
    expect(100 * bme680Pressure(c, 672774, degrees)).toBeCloseTo(69999.935282, 5)
  })

  test("keeps humidity between 0 and 100 %", () => {
    expect(bme680Humidity(DUMPED, 0, 20)).toBe(0)
    expect(bme680Humidity(DUMPED, 65535, 20)).toBe(100)
  })

  test("takes the coefficients out of the words that the logger writes", () => {
    const words = bme680(0x76)
      .channels.slice(3)
      .map(({ simulated }) => simulated?.offset as number)
    expect(bme680Coefficients((i) => words[i] as number)).toEqual(DUMPED)
  })

  test("has no pressure for a calibration of zeros", () => {
    expect(
      bme680Pressure(
        bme680Coefficients(() => 0),
        353485,
        20,
      ),
    ).toBeNaN()
  })
})
