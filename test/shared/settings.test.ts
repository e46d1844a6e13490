import { describe, expect, test } from "vitest"
import { isLoggerSettings, settingsFindings } from "../../host/logger/settings.js"
import { defaultSettings, parseSettings, type Settings } from "../../shared/logger/settings.js"

const NAMES = ["imu", "pedals"]

function parse(text: string): { settings: Settings; faults: string } {
  const settings = defaultSettings([10, 100])
  const bytes = Buffer.from(text)
  return { faults: parseSettings(bytes, bytes.length, settings, NAMES), settings }
}

describe("LOGGER.CFG", () => {
  test("sets what it names, whatever ends its lines, and leaves the rest", () => {
    for (const end of ["\n", "\r\n"]) {
      const text = [
        "# my car",
        "",
        "format=ddff",
        "name = Car_7-b",
        "  flush =  250 # ms",
        "start = 2026-11-21 22:45:00",
        "low = 3.4",
        "imu = 12.5",
        "pedals=off",
      ].join(end)
      const { settings, faults } = parse(text)
      expect(faults).toBe("")
      expect(settings).toEqual({
        format: "ddff",
        name: "Car_7-b",
        flushMs: 250,
        fileBytes: 4 << 20,
        fileMs: 0,
        overwrite: false,
        start: "2026-11-21 22:45:00",
        lowVolts: 3.4,
        periods: [80, 0],
      })
    }
  })

  test("names every fault with its line and keeps the defaults there", () => {
    const { settings, faults } = parse(
      "format = csv\nflush = 5\nfile = big\n\nrotate = -1\nstart = today\nfront = 5\nimu = 1001\npedals\n= 7\nlow = 99\n",
    )
    expect(faults.split("\r\n")).toEqual([
      "line 1: format: meteor, ddff or btsf",
      "line 2: flush: 50 to 10000 ms",
      "line 3: file: 64 to 1048576 kB",
      "line 5: rotate: 0 to 100000 minutes",
      "line 6: start: 2026-11-21 22:45:00, or none",
      'line 7: no setting or group "front"',
      "line 8: imu: 0.001 to 1000 Hz, or off",
      "line 9: pedals: 0.001 to 1000 Hz, or off",
      'line 10: no setting or group ""',
      "line 11: low: 0 to 60 V",
      "",
    ])
    expect(settings).toEqual(parse("").settings)
  })

  test("takes a name that goes into every log, and a time that is none", () => {
    const { settings, faults } = parse(
      "name = 1234567890abcdef\nname = car 7\nname =\nname = 12345678901234567\nname = ../up\nstart = none\n",
    )
    const fault = "name: up to 16 letters, digits, - and _"
    expect(faults).toBe([2, 3, 4, 5].map((line) => `line ${line}: ${fault}\r\n`).join(""))
    expect(settings).toMatchObject({ name: "1234567890abcdef", start: "" })
  })

  test("knows times that cannot be", () => {
    for (const time of [
      "2026-13-01 00:00:00",
      "2026-00-01 00:00:00",
      "2026-01-32 00:00:00",
      "2026-01-01 24:00:00",
      "2026-01-01 00:60:00",
      "2026-01-01",
    ])
      expect(parse(`start = ${time}`).faults, time).toContain("line 1")
    expect(parse("start = 2000-02-29 23:59:59").faults).toBe("")
  })

  test("is read by the same code on the laptop", () => {
    expect(isLoggerSettings("card.img:/LOGGER.CFG")).toBe(true)
    expect(isLoggerSettings("/media/card/logger.cfg")).toBe(true)
    expect(isLoggerSettings("mylogger.cfg")).toBe(false)
    expect(settingsFindings(Buffer.from("imu = 50\n"))).toEqual([])
    expect(settingsFindings(Buffer.from("imu = fast\n"))).toMatchObject([{ rule: "setting", severity: "error", where: "line 1" }])
    const off = "imu=off\npedals=off\nsupply=off\ntemperature=off\nlogger=off\n"
    expect(settingsFindings(Buffer.from(off))).toMatchObject([{ rule: "nothing-on" }])
    expect(settingsFindings(Buffer.from("#".repeat(2000)))).toMatchObject([{ rule: "too-long" }])
  })
})
