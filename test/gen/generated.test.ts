import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { channelFaults } from "../../host/gen/faults.js"
import { generatedFiles } from "../../host/gen/outputs.js"
import { groups } from "../../shared/channels.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

for (const { path, text } of generatedFiles(root)) {
  test(`${path} is what npm run gen writes`, () => {
    expect(readFileSync(join(root, path), "utf8")).toBe(text)
  })
}

test("the channel list has no faults and both kinds of groups", () => {
  expect(channelFaults(groups)).toEqual([])
  expect(groups.some(({ channels }) => channels.length === 1)).toBe(true)
  expect(groups.some(({ channels }) => channels.length > 1)).toBe(true)
})

test("faults of a channel list are named one by one", () => {
  const [imu, pedals] = groups as [LoggedGroup, LoggedGroup]
  const [ax] = imu.channels as [LoggedGroup["channels"][number]]
  expect(channelFaults([])).toEqual(["0 groups, expected 1 to 15"])
  expect(channelFaults([imu, { ...pedals, id: 1 }])).toEqual(["group id 1 is used twice"])
  expect(channelFaults([{ ...imu, rate: 2000 }])).toEqual(["imu: rate 2000 Hz, expected more than 0 and at most 1000"])
  expect(channelFaults([{ ...imu, channels: [ax] }])).toContain("imu: a group of one channel is named like its channel")
  expect(channelFaults([imu, { ...imu, id: 9, name: "copy" }])).toContain("channel name ax is used twice")
  expect(channelFaults([imu], ["ds3231"])).toEqual(["imu: the clock chip has the address 0x68, too"])
  expect(channelFaults([{ ...imu, battery: true }])).toEqual(["imu: a battery is measured in V"])
  expect(channelFaults([{ ...pedals, source: { driver: "analog", with: [["GP26"]] } }])).toEqual(["pedals: 1 pins for 2 channels"])
  const wild = {
    ...ax,
    calibration: { addition: 0, divisor: 0, multiplier: 1 },
    simulated: { ...ax.simulated, amplitude: 32767, noise: 9 },
  }
  expect(channelFaults([{ ...imu, channels: [wild as typeof ax, ...imu.channels.slice(1)] }])).toEqual([
    "imu.ax: divisor and multiplier must not be 0",
    "imu.ax: the simulated wave leaves -32768 to 32767",
  ])
})

test("the specification names every channel once, with the widths of the composites", () => {
  const spec = JSON.parse(readFileSync(join(root, "shared/LOGSPEC.JSN"), "utf8"))
  const names = groups.flatMap(({ channels }) => channels.map(({ name }) => name))
  expect(spec.topics.map((topic: { key: string }) => topic.key)).toEqual(names)
  expect(new Set(spec.topics.map((topic: { id: number }) => topic.id)).size).toBe(names.length)
  expect(spec.composites.find((composite: { name: string }) => composite.name === "logger").topics).toEqual([
    { key: "dropped", length: 4 },
    { key: "waiting", length: 2 },
    { key: "slowest", length: 2 },
    { key: "clock", length: 1 },
  ])
  expect(spec.tickSeconds).toBe(0.001)
})
