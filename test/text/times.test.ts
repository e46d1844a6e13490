import { describe, expect, test } from "vitest"
import { UsageError } from "../../host/model/errors.js"
import { durationText, instantText, parseDuration, parseTimePoint } from "../../host/text/times.js"

describe("time expressions", () => {
  test.each([
    ["12.5", { from: "start", seconds: 12.5 }],
    ["0", { from: "start", seconds: 0 }],
    ["1m30s", { from: "start", seconds: 90 }],
    ["6:00", { from: "start", seconds: 360 }],
    ["0:07.5", { from: "start", seconds: 7.5 }],
    ["90:00", { from: "start", seconds: 5400 }],
    ["1:02:03", { from: "start", seconds: 3723 }],
    ["-1:30", { from: "end", seconds: 90 }],
    ["1h2m3.5s", { from: "start", seconds: 3723.5 }],
    ["250ms", { from: "start", seconds: 0.25 }],
    ["2d", { from: "start", seconds: 172800 }],
    ["-10s", { from: "end", seconds: 10 }],
    ["-10", { from: "end", seconds: 10 }],
    ["@1700000000", { from: "1970", ns: 1_700_000_000_000_000_000n }],
    ["@1700000000.000000001", { from: "1970", ns: 1_700_000_000_000_000_001n }],
    ["2023-11-14T22:13:20Z", { from: "1970", ns: 1_700_000_000_000_000_000n }],
    ["2023-11-14T23:13:20.5+01:00", { from: "1970", ns: 1_700_000_000_500_000_000n }],
    ["2023-11-14T22:13:20", { from: "1970", ns: 1_700_000_000_000_000_000n }],
    ["2023-11-14", { from: "1970", ns: 1_699_920_000_000_000_000n }],
  ])("%s is understood", (text, expected) => {
    expect(parseTimePoint(text)).toEqual(expected)
  })

  test.each(["", "soon", "10x", "1m30", "--5", "@", "@x", "2023-02-30", "2023-11-14T25:00:00Z", "1e3", "NaN"])("%j is refused", (text) => {
    expect(() => parseTimePoint(text)).toThrow(UsageError)
  })

  test("ms is milliseconds, not minutes and seconds", () => {
    expect(parseDuration("5ms")).toBe(0.005)
  })
})

describe("times for people", () => {
  test.each([
    [0, "0 s"],
    [0.00035, "350 us"],
    [0.0125, "12.5 ms"],
    [12.345, "12.345 s"],
    [64.997, "1 min 04.997 s"],
    [3723, "1 h 02 min 03 s"],
    [200_000, "2 d 07 h 33 min"],
  ])("%d seconds read %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text)
  })

  test("instants have as many decimals as they need", () => {
    expect(instantText(1_700_000_000_000_000_000n)).toBe("2023-11-14T22:13:20.000Z")
    expect(instantText(1_700_000_000_123_456_789n)).toBe("2023-11-14T22:13:20.123456789Z")
    expect(instantText(-1n)).toBe("1969-12-31T23:59:59.999999999Z")
  })
})
