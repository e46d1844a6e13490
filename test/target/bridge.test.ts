import { expect, test } from "vitest"
import { enableLog, LogText } from "../sim/target/bridge.js"

test("the log's text comes out between frames, however the bytes are cut", () => {
  const bytes = Buffer.concat([
    Buffer.from("> star"),
    Buffer.of(0xfe, 0xfc, 1, 0x3e, 0xfe, 0xf8, 2, 0xfe, 0xfd),
    Buffer.from("ting\n"),
    Buffer.of(0xfe, 0xf8),
  ])
  for (let cut = 0; cut <= bytes.length; cut++) {
    const log = new LogText()
    log.take(bytes.subarray(0, cut))
    log.take(bytes.subarray(cut))
    expect(log.text).toBe("> starting\n\xfe")
  }
})

test("the request for the log is one frame to every bridge, with the firmware's CRC", () => {
  // What the real firmware answered to, in the emulator.
  expect(Buffer.from(enableLog()).toString("hex")).toMatch(/^fefc....04054a1af618aaaaaaaa003d8300fefd$/)
})
