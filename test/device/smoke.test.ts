import { expect, test, vi } from "vitest"
import "../../host/bytes/device-buffer.js"
import { runByCommand } from "../sim/device/build.js"
import { sectorLines } from "./programs/sectors.js"

vi.setConfig({ testTimeout: 240_000 })

test("devs run --test makes the same sectors as Node, garbage collected at every allocation", () => {
  const printed = runByCommand("test/device/programs/smoke.ts")
  const lines = [...printed.matchAll(/sector ([0-9a-f]+)/g)].map(([, digits]) => digits)
  expect(lines).toEqual(sectorLines())
})

test("a program that fails makes the command fail", () => {
  expect(() => runByCommand("test/device/programs/broken.ts")).toThrow("nothing is well")
})
