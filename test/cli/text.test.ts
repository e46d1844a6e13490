import { describe, expect, test } from "vitest"
import { progressLine } from "../../host/cli/report/progress.js"
import { endRowLines } from "../../host/cli/text/end-rows.js"
import { jsonText } from "../../host/cli/text/json.js"
import { bytesText, countText, numberText, rateText } from "../../host/cli/text/quantities.js"
import { tableLines } from "../../host/cli/text/table.js"
import { printable, printableLines } from "../../host/text/printable.js"
import { textWidth } from "../../host/text/width.js"

describe("numbers for people", () => {
  test.each([
    [0, "0"],
    [12, "12"],
    [0.1 + 0.2, "0.3"],
    [-23.470123456, "-23.4701"],
    [123456789012, "1.2346e11"],
    [1.5e-7, "1.5e-7"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ])("%d reads %s", (value, text) => {
    expect(numberText(value)).toBe(text)
  })

  test("counts, bytes and rates", () => {
    expect(countText(1234567)).toBe("1,234,567")
    expect([1, 999, 1000, 1_500_000, 999_950_000, 2_147_483_648].map(bytesText)).toEqual([
      "1 byte",
      "999 bytes",
      "1.0 kB",
      "1.5 MB",
      "1.0 GB",
      "2.1 GB",
    ])
    expect([100, 0.5, 1 / 60, 48_000, 2.5e6].map(rateText)).toEqual(["100 Hz", "0.5 Hz", "1 per 60 s", "48 kHz", "2.5 MHz"])
  })
})

describe("tables", () => {
  test("are aligned, without empty columns", () => {
    const lines = tableLines(
      [{ title: "name" }, { title: "n", align: "right" }, { title: "unit" }],
      [
        ["a", "1", ""],
        ["longer", "100", ""],
      ],
      80,
    )
    expect(lines).toEqual(["name      n", "a         1", "longer  100"])
  })

  test("shrink the columns that may, in the middle of the text", () => {
    const lines = tableLines(
      [{ title: "name", shrinkTo: 9 }, { title: "n" }],
      [
        ["brake-pressure-front", "1"],
        ["brake-pressure-rear", "2"],
      ],
      16,
    )
    expect(lines.every((line) => textWidth(line) <= 16)).toBe(true)
    expect(lines[1]).toMatch(/^brake.*….*front {2}1$/)
    expect(lines[2]).toMatch(/^brake.*….*-rear {2}2$/)
  })

  test("count cells, not characters", () => {
    expect(textWidth("電圧")).toBe(4)
    expect(textWidth("e\u0301")).toBe(1)
    expect(textWidth("\u001b[31mred\u001b[39m")).toBe(3)
  })
})

describe("what goes to a terminal", () => {
  test("text from a file cannot drive it", () => {
    expect(printable("a\u001b[2Jb\u0007\u009b\n\u202e")).toBe("a\\x1b[2Jb\\x07\\x9b\\n\\u202e")
  })

  test("lines of output stay lines", () => {
    expect(printableLines("a,\u009b2J\r\n\tb\rc\u2067\u0000\n")).toBe("a,\\x9b2J\r\n\tb\\x0dc\\u2067\\x00\n")
  })

  test("progress says how far and how long, in the width there is", () => {
    expect(progressLine("run.met", 250e6, 1e9, 2, 79)).toBe("run.met  250 MB of 1.0 GB  25 %  ETA 0:06")
    expect(progressLine("run.met", 5e6, 0, 2, 79)).toBe("run.met  5.0 MB")
    expect(progressLine("a/very/long/folder/name/run.met", 250e6, 1e9, 2, 50).length).toBeLessThanOrEqual(50)
  })
})

describe("JSON", () => {
  test("cannot drive a terminal, and means the same", () => {
    const document = { "\u202ename": "a\u009b2J\u0007é電" }
    expect(jsonText(document)).toBe('{\n  "\\u202ename": "a\\u009b2J\\u0007é電"\n}\n')
    expect(JSON.parse(jsonText(document))).toEqual(document)
  })

  test("keeps what JSON has no word for", () => {
    const document = { big: 2n ** 64n, small: 7n, nan: Number.NaN, up: Number.POSITIVE_INFINITY, none: null, bytes: Uint8Array.of(1, 255) }
    expect(JSON.parse(jsonText(document))).toEqual({
      big: "18446744073709551616",
      small: 7,
      nan: "NaN",
      up: "Infinity",
      none: null,
      bytes: "01ff",
    })
  })
})

test("a cell that holds 64-bit integers within a list is shown", () => {
  const groups = [{ name: "g", channels: [{ name: "v", unit: "", type: "mixed", calibration: null, notes: {} }] }] as const
  const lines = endRowLines(groups, [{ first: [{ row: 0, values: [[2n ** 60n]] }], last: [] } as never], {
    paint: (_, text) => text,
    room: 80,
  })
  expect(lines.join("\n")).toContain("1152921504606846976")
})
