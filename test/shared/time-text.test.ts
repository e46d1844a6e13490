import { expect, test } from "vitest"
import { isTimeText, timeLater } from "../../shared/logger/time-text.js"
import { random } from "../sim/device/random.js"

const textOf = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace("T", " ")

test("a time so many seconds later is the calendar's, over the ends of months, leap days and years", () => {
  const next = random(20261121)
  const [from, to] = [Date.UTC(2000, 0, 1), Date.UTC(2099, 6, 1)]
  for (let n = 0; n < 3000; n++) {
    const start = from + Math.floor(next() * ((to - from) / 1000)) * 1000
    const seconds = Math.floor(next() * (n < 1000 ? 200_000 : 5_000_000))
    const later = timeLater(textOf(start), seconds)
    expect(later).toBe(textOf(start + seconds * 1000))
    expect(isTimeText(later)).toBe(true)
  }
  // What isTimeText lets pass.
  expect(timeLater("2026-02-31 00:00:00", 0)).toBe("2026-03-03 00:00:00")
})
