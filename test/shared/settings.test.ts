import { describe, expect, test } from "vitest"
import { isLoggerSettings, settingsFindings } from "../../host/logger/settings.js"
import { defaultSettings, parseSettings, type Settings, settingsFaults, settingsLength } from "../../shared/logger/settings.js"

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
        crc: false,
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
      "line 5: rotate: 1 to 100000 minutes, or 0",
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
      "2026-02-29 00:00:00",
      "2026-04-31 00:00:00",
    ])
      expect(parse(`start = ${time}`).faults, time).toContain("line 1")
    expect(parse("start = 2000-02-29 23:59:59").faults).toBe("")
  })

  test("may begin with the mark that Windows puts before UTF-8", () => {
    const { settings, faults } = parse("\ufeffformat = ddff\n")
    expect([settings.format, faults]).toEqual(["ddff", ""])
  })

  test("that is too long is read as far as its whole lines go", () => {
    const text = Buffer.from(`${"#".repeat(1015)}\nimu = 5000\n`)
    expect(settingsLength(text, text.length)).toBe(1016)
    expect(settingsLength(text, 1000)).toBe(1000)
    expect(settingsFindings(text)).toMatchObject([{ text: "longer than 1024 bytes: the lines behind them are not read" }])
  })

  test("is held against the list as a whole", () => {
    expect(settingsFindings(Buffer.from("low = 3.4\nsupply = off\n"))).toMatchObject([
      { text: "low: no group that is on measures the supply" },
    ])
    const settings = defaultSettings([0, 0])
    settings.lowVolts = 3
    expect(settingsFaults(settings, 2000, -1).split("\r\n")).toHaveLength(4)
    expect(settingsFaults(defaultSettings([10, 0]), 1024, -1)).toBe("")
  })

  test("is read by the same code on the laptop", () => {
    expect(isLoggerSettings("card.img:/LOGGER.CFG")).toBe(true)
    expect(isLoggerSettings("/media/card/logger.cfg")).toBe(true)
    expect(isLoggerSettings("mylogger.cfg")).toBe(false)
    expect(settingsFindings(Buffer.from("imu = 50\n"))).toEqual([])
    expect(settingsFindings(Buffer.from("imu = fast\n"))).toMatchObject([{ rule: "setting", severity: "error", where: "line 1" }])
    const off = "imu=off\npedals=off\nsupply=off\ntemperature=off\nlogger=off\n"
    expect(settingsFindings(Buffer.from(off))).toMatchObject([{ text: "every group is off: nothing is logged" }])
    expect(settingsFindings(Buffer.from("#".repeat(2000)))).toMatchObject([
      { text: "longer than 1024 bytes: the lines behind them are not read" },
    ])
  })
})

test("a fault that names a carriage return or a line separator is a finding with its line", () => {
  const text = new TextEncoder().encode("flush = 500\ncar\rpet = 1\nline\u2028end = 1\n")
  expect(settingsFindings(text).map(({ where }) => where)).toEqual(["line 2", "line 3"])
})
