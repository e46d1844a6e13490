import { expect, test, vi } from "vitest"
import { httpDateText } from "../../shared/logger/http-date.js"
import { isTimeText } from "../../shared/logger/time-text.js"
import { Ds3231 } from "../sim/chips/ds3231.js"
import { startPart } from "../sim/device/parts.js"

vi.setConfig({ testTimeout: 240_000 })

function times(told: readonly { text: string }[]): string[] {
  return told.map(({ text }) => text).filter((text) => text.startsWith("time"))
}

test("the clock chip's time is read to the second", async () => {
  const chip = new Ds3231()
  chip.start(Date.UTC(2026, 11, 31, 23, 59, 58, 900))
  const { vm, told } = await startPart("clockChip", { chips: [chip] })
  vm.run(4000)
  expect(times(told)).toEqual(["time 2026-12-31 23:59:58", "time 2027-01-01 00:00:01"])
})

test("a clock chip that has stood still knows no time until it is set, and then goes on", async () => {
  const chip = new Ds3231()
  const { vm, told } = await startPart("clockChip", { chips: [chip], set: true })
  vm.run(4000)
  expect(times(told)).toEqual(["time ", "time 2026-11-21 22:45:11"])
  expect(chip.stopped).toBe(false)
})

test("without a clock chip no time is known", async () => {
  const { vm, told } = await startPart("clockChip", { set: true })
  vm.run(4000)
  expect(times(told)).toEqual(["time ", "time "])
})

const ANSWER = "HTTP/1.0 200 OK\r\nServer: small\r\nDate: Sat, 21 Nov 2026 22:45:09 GMT\r\nContent-Length: 0\r\n\r\n"

test("a web server's Date gives the time, also when the answer comes in pieces", async () => {
  let requests = ""
  const { vm, told } = await startPart("network", {
    sent(bytes) {
      requests += Buffer.from(bytes).toString()
    },
  })
  vm.run(500)
  expect(told.map(({ text, value }) => [text, value])).toEqual([["time.example", 79]])
  vm.socket(1)
  vm.run(600)
  expect(requests).toBe("HEAD / HTTP/1.0\r\nHost: time.example\r\n\r\n")
  vm.socket(4, Buffer.from(ANSWER.slice(0, 50)))
  vm.run(700)
  expect(times(told)).toEqual(["time.example"])
  vm.socket(4, Buffer.from(ANSWER.slice(50)))
  vm.run(900)
  expect(times(told)).toEqual(["time.example", "time 2026-11-21 22:45:09"])
})

test("no logging waits more than ten seconds for a network that is not there", async () => {
  const { vm, told } = await startPart("network")
  vm.run(500)
  vm.socket(2)
  vm.run(10_000)
  expect(told.at(-1)?.text).toBe("time ")
  // It was asked more than once.
  expect(told.filter(({ text }) => text === "time.example").length).toBeGreaterThan(1)
})

test("the Date line of a web server is read in every month, and nothing else is taken for one", () => {
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  for (const [i, month] of months.entries()) {
    const text = httpDateText(`HTTP/1.1 200 OK\r\ndate: Thu, 05 ${month} 2026 01:02:03 GMT\r\n`)
    expect(text).toBe(`2026-${String(i + 1).padStart(2, "0")}-05 01:02:03`)
    expect(isTimeText(text)).toBe(true)
  }
  expect(httpDateText("HTTP/1.1 200 OK\r\nDate: Thu, 05 Nov 2026 01:0")).toBe("")
  expect(httpDateText("HTTP/1.1 200 OK\r\nLast-Modified: Thu, 05 Nov 2026 01:02:03 GMT\r\n\r\n")).toBe("")
  expect(httpDateText("\nDate: Thursday, 05-Nov-26 01:02:03 GMT\r\n")).toBe("")
})
