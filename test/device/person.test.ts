import { expect, test, vi } from "vitest"
import { loggerHealth } from "../../host/summary/logger-health.js"
import { memoryDisk } from "../sim/card/disk.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { startInNode } from "../sim/device/in-node.js"
import { startPart } from "../sim/device/parts.js"
import { compare, openRecording } from "../sim/device/recording.js"

vi.setConfig({ testTimeout: 240_000 })

/** DeviceScript's number of the mode that drives a pin high. */
const OUTPUT_HIGH = 0x12

test("the light says each state by its own number of blinks every two seconds, closed by burning steadily", async () => {
  const { vm, told } = await startPart("light")
  vm.run(115_000)
  const shown: Record<string, number | "on"> = {}
  const states = told.filter(({ text }) => text.startsWith("state "))
  for (const [i, { at, text }] of states.entries()) {
    // Two periods, away from the change.
    const [from, to] = [at + 3000, at + 7000]
    const edges = told.filter((word) => word.text === "mode led" && word.at >= from && word.at < to)
    const lit = litShare(told, from, to)
    shown[text.slice(6)] = lit > 0.99 ? "on" : edges.filter(({ at: edge, value }) => value === OUTPUT_HIGH && edge < to).length / 2
    expect(i).toBeLessThan(11)
  }
  expect(shown).toEqual({
    starting: 0,
    logging: 1,
    absent: 2,
    full: 3,
    protected: 4,
    "not-fat32": 6,
    exfat: 6,
    read: 5,
    closed: "on",
    low: 0,
  })
})

/** The part of a span in which the light is on. */
function litShare(told: readonly { at: number; text: string; value: number }[], from: number, to: number): number {
  let lit = 0
  let since = 0
  let on = false
  for (const { at, text, value } of [...told, { at: to, text: "mode led", value: 0 }]) {
    if (text !== "mode led") continue
    if (on) lit += Math.max(0, Math.min(at, to) - Math.max(since, from))
    since = at
    on = value === OUTPUT_HIGH
  }
  return lit / (to - from)
}

test("a press of the button closes once however its contacts bounce, the next press opens", async () => {
  // Contacts that bounce for eight milliseconds at both ends, a press of half a second.
  const pressed = (now: number, from: number): boolean => {
    const t = now - from
    if (t < 0 || t > 508) return false
    return (t > 8 && t < 500) || Math.floor(t / 2) % 2 === 0
  }
  const { vm, told } = await startPart("button", {
    pin: (now) => (pressed(now, 1000) || pressed(now, 5000) ? 0 : 1),
  })
  vm.run(8000)
  const heard = told.filter(({ text }) => text === "close" || text === "open")
  expect(heard.map(({ text }) => text)).toEqual(["close", "open"])
  for (const [i, { at }] of heard.entries()) {
    expect(at - ([1000, 5000][i] as number)).toBeGreaterThan(40)
    expect(at - ([1000, 5000][i] as number)).toBeLessThan(120)
  }
})

test("what is shorter than a press does nothing", async () => {
  const { vm, told } = await startPart("button", { pin: (now) => (now > 1000 && now % 100 < 25 ? 0 : 1) })
  vm.run(5000)
  expect(told.filter(({ text }) => text === "close")).toEqual([])
})

test("a low supply closes the file and a good one begins the next; what was not wanted meanwhile is not called lost", async () => {
  // The simulated supply rises from 4.76 to 5.21 V in a minute, again and again: below 4.9 V for 18.7 s of it, above 5.05 V from 38.3 s on.
  const image = await tinyCard({ "LOGGER  CFG": "low = 4.9\n" })
  const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 })
  await logger.time.run(70_000)
  expect(logger.states.map(({ state }) => state)).toEqual(["starting", "logging", "low", "logging", "low"])
  const [, , closed, again, end] = logger.states.map(({ at }) => at) as [number, number, number, number, number]
  expect(closed).toBeLessThan(1500)
  expect(again).toBeGreaterThan(43_000)
  expect(again).toBeLessThan(46_500)
  expect(end).toBeGreaterThan(60_500)
  expect(end).toBeLessThan(61_500)
  const logs = await logsOn(image)
  expect(logs).toEqual(["/LOG00001.MET", "/LOG00002.MET"])
  for (const path of logs) {
    const log = await openRecording(image, path)
    for (const [name, { wrong }] of Object.entries(await compare(log))) expect(wrong, name).toBe(0)
    expect((await loggerHealth(log))?.dropped).toBe(0)
  }
})

test("a file closed by the button is followed by another when it is pressed again", async () => {
  const image = await tinyCard()
  const logger = startInNode(memoryDisk(image), { format: "ddff", fileBytes: 1 << 20 })
  await logger.time.run(3000)
  logger.close()
  await logger.time.run(6000)
  expect(logger.states.at(-1)?.state).toBe("closed")
  const before = logger.card.journal.length
  await logger.time.run(60_000)
  expect(logger.card.journal.length).toBe(before)
  logger.close(false)
  await logger.time.run(63_000)
  expect(logger.states.at(-1)?.state).toBe("logging")
  expect(await logsOn(image)).toEqual(["/LOG00001.DDF", "/LOG00002.DDF"])
})
