import { join } from "node:path"
import { afterEach, expect, test, vi } from "vitest"
import { targets } from "../sim/target/targets.js"

afterEach(() => vi.unstubAllEnvs())

test("without FIELDLOG_TARGET all targets are told, and each missing one says why", () => {
  for (const name of ["FIELDLOG_TARGET", "DEVS_FW_UF2", "RP2040_BOOTROM", "FIELDLOG_SERIAL"]) vi.stubEnv(name, "")
  expect(targets().map(({ name, missing }) => [name, missing()])).toEqual([
    ["vm", null],
    ["rp2040", "DEVS_FW_UF2 and RP2040_BOOTROM are not set"],
    ["renode", "DEVS_FW_UF2 and RP2040_BOOTROM are not set"],
    ["serial", "FIELDLOG_SERIAL names no serial port"],
  ])
})

test("FIELDLOG_TARGET chooses one, and what it names must be there", () => {
  vi.stubEnv("FIELDLOG_TARGET", "vm")
  expect(targets().map(({ name }) => name)).toEqual(["vm"])
  vi.stubEnv("FIELDLOG_TARGET", "serial")
  vi.stubEnv("FIELDLOG_SERIAL", "/dev/ttyACM0")
  vi.stubEnv("FIELDLOG_BENCH", "")
  expect(targets).toThrow("FIELDLOG_TARGET=serial: FIELDLOG_BENCH names no command for power, pins and card")
  vi.stubEnv("FIELDLOG_TARGET", "qemu")
  expect(targets).toThrow("FIELDLOG_TARGET=qemu: vm, rp2040, renode, serial")
})

test("Renode needs the files, the command and the platform, and says which is missing", () => {
  vi.stubEnv("FIELDLOG_TARGET", "renode")
  vi.stubEnv("DEVS_FW_UF2", import.meta.filename)
  vi.stubEnv("RP2040_BOOTROM", import.meta.filename)
  vi.stubEnv("FIELDLOG_RENODE", "/does/not/exist/renode")
  expect(targets).toThrow("there is no command /does/not/exist/renode")
  vi.stubEnv("FIELDLOG_RENODE", process.execPath)
  expect(targets).toThrow("expected 1.15.3")
  vi.stubEnv("FIELDLOG_RENODE", join(import.meta.dirname, "fake-renode.mjs"))
  vi.stubEnv("RP2040_PLATFORM", "")
  expect(targets).toThrow("RP2040_PLATFORM names no checkout")
})
