import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect, test } from "vitest"
import { boardFaults } from "../../host/gen/board-faults.js"
import { readBoard } from "../../host/gen/board-program.js"
import { channelFaults } from "../../host/gen/faults.js"
import { generatedFiles } from "../../host/gen/outputs.js"
import { boardSources } from "../../host/gen/plan.js"
import { logSpec } from "../../host/logger/spec.js"
import { groups } from "../../shared/channels.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { exampleGroups } from "./example-list.js"

const root = fileURLToPath(new URL("../..", import.meta.url))

for (const { path, text } of generatedFiles(root)) {
  test(`${path} is what npm run gen writes`, () => {
    expect(readFileSync(join(root, path), "utf8")).toBe(text)
  })
}

test("the channel list has no faults, nor has the list of these tests", () => {
  expect(channelFaults(groups)).toEqual([])
  expect(channelFaults(exampleGroups)).toEqual([])
})

test("faults of a channel list are named one by one", () => {
  const [imu, pedals] = exampleGroups
  const [ax] = imu.channels as [LoggedGroup["channels"][number]]
  expect(channelFaults([])).toEqual(["0 groups, expected 1 to 15"])
  expect(channelFaults([imu, { ...pedals, id: 1 }])).toEqual(["group id 1 is used twice"])
  expect(channelFaults([{ ...imu, rate: 2000 }])).toEqual(["imu: rate 2000 Hz, expected more than 0 and at most 1000"])
  expect(channelFaults([{ ...imu, channels: [ax] }])).toContain("imu: a group of one channel is named like its channel")
  expect(channelFaults([imu, { ...imu, id: 9, name: "copy" }])).toContain("channel name ax is used twice")
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
  const spec = JSON.parse(logSpec(exampleGroups))
  const names = exampleGroups.flatMap(({ channels }) => channels.map(({ name }) => name))
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

test("what the board cannot run of a list is named one by one", () => {
  const [imu, pedals, supply] = exampleGroups
  const board = readBoard(root, "pico")
  const drivers = ["analog", "digital", "mpu6050", "health", "own"]
  const faults = (...list: LoggedGroup[]) => boardFaults(list, [], board, drivers)
  const on = (name: string, driver: string, ...given: LoggedGroup["source"]["with"]): LoggedGroup => ({
    ...supply,
    name,
    source: { driver, with: given },
  })
  expect(faults(...exampleGroups)).toEqual([])
  expect(boardFaults([imu], ["ds3231"], board, drivers)).toEqual(["imu: address 0x68 is used by the clock chip, too"])
  expect(faults(imu, { ...imu, name: "second" })).toEqual(["second: address 0x68 is used by imu, too"])
  expect(faults(pedals, on("b", "digital", ["A2"]))).toEqual(["b: pin A2 is used by pedals, too"])
  expect(faults(on("b", "digital", ["SD_CS"]))).toEqual(["b: pin SD_CS is the logger's own"])
  expect(faults(on("b", "digital", ["GP99"]))[0]).toContain("b: the board has no pin GP99; it has GP1,")
  expect(faults(on("b", "analog", ["GP8"]))).toEqual(["b: pin GP8 is no analog input"])
  expect(faults(on("b", "digital"))).toEqual(["b: the driver digital takes one list of pins"])
  expect(faults(on("b", "mpu6050", "bus", 0x69))).toEqual(["b: the driver mpu6050 fills 6 channels, the group has 1"])
  expect(faults({ ...imu, source: { driver: "mpu6050", with: ["bus", 0x99] } })).toEqual(["imu: address 0x99, expected 0x08 to 0x77"])
  expect(faults(on("b", "thermocouple", ["A1"]))).toEqual(["b: no driver thermocouple in devicescript/src/sensors"])
  expect(faults(on("b", "own", 5, ["A1"]))).toEqual([])
  const [volts] = supply.channels as [LoggedGroup["channels"][number]]
  const nan = { ...volts, calibration: { addition: Number.NaN, divisor: 1, multiplier: 1 } }
  expect(channelFaults([{ ...supply, channels: [nan] }])).toEqual(["supply.supply: a calibration's numbers are finite"])
})

test("the board's sources are called in one way, whatever the list", () => {
  const [, , supply] = exampleGroups
  expect(boardSources([supply])).toContain("boardSources(_bus: I2cBus, _status: Status)")
  expect(boardSources(exampleGroups)).toContain("boardSources(bus: I2cBus, status: Status)")
})
