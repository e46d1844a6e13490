import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { simulatedSources } from "../../devicescript/src/generated/simulated-sources.js"
import type { WallClock } from "../../devicescript/src/machine.js"
import { loggerHealth } from "../../host/summary/logger-health.js"
import { memoryDisk } from "../sim/card/disk.js"
import { deviceFolder } from "../sim/device/build.js"
import { textOn, tinyCard } from "../sim/device/cards.js"
import { startInNode } from "../sim/device/in-node.js"
import { startPart } from "../sim/device/parts.js"
import { compare, openRecording } from "../sim/device/recording.js"

const CFG = "LOGGER  CFG"

test.each([
  ["meteor", "/LOG00001.MET"],
  ["ddff", "/LOG00001.DDF"],
] as const)("a name in LOGGER.CFG stands in every log: %s", async (format, path) => {
  const image = await tinyCard({ [CFG]: `format = ${format}\nname = car-7\n` })
  const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 })
  await logger.time.run(3000)
  logger.close()
  await logger.time.run(4000)
  const log = await openRecording(image, path)
  await log.survey()
  expect(log.issues.filter(({ severity }) => severity !== "note")).toEqual([])
  const labels = log.annotations.map(({ text }) => text).join()
  if (format === "meteor") expect(log.name).toMatch(/^[0-9a-f]{8}-00001-car-7$/)
  else expect(labels).toContain('"LOG00001-car-7"')
  expect((await compare(log)).imu).toMatchObject({ wrong: 0, missing: 0 })
})

describe("a sensor", () => {
  test("that is silent at the start is named in LOGERR.TXT; its rows are counted as dropped until it answers", async () => {
    const image = await tinyCard({ [CFG]: "flush = 5\n" })
    const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 }, (time) => ({
      sources(status) {
        const [imu, ...rest] = simulatedSources(status)
        if (imu === undefined) throw new Error("no group")
        const start = async () => {
          if (time.now() < 4000) throw new Error("no answer at I2C address 104")
        }
        return [{ ...imu, start }, ...rest]
      },
    }))
    await logger.time.run(10_000)
    logger.close()
    await logger.time.run(11_000)
    expect(await textOn(image, "/LOGERR.TXT")).toBe("line 1: flush: 50 to 10000 ms\r\nimu: no answer at I2C address 104\r\n")
    const log = await openRecording(image, "/LOG00001.MET")
    const { imu } = await compare(log)
    expect(imu?.wrong).toBe(0)
    expect(imu?.missing).toBeGreaterThan(350)
    expect(imu?.missing).toBeLessThan(520)
    expect((await loggerHealth(log))?.dropped).toBe(imu?.missing)
  })

  test("that falls silent is set up again, and gives nothing before that is done", async () => {
    const image = await tinyCard()
    let starts = 0
    const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 }, (time) => ({
      sources(status) {
        const [imu, ...rest] = simulatedSources(status)
        if (imu === undefined) throw new Error("no group")
        let settled = false
        const start = async () => {
          starts++
          settled = false
          await time.sleep(100)
          settled = true
        }
        // Without settings from 3 to 3.5 s: it answers again, with values that are none, unless it is set up.
        const read = (values: number[], now: number): boolean => {
          const silent = now >= 3000 && now < 3500
          if (silent) settled = false
          if (silent || settled) return !silent && imu.read(values, now)
          values.fill(0)
          return true
        }
        return [{ start, read }, ...rest]
      },
    }))
    await logger.time.run(8000)
    logger.close()
    await logger.time.run(9000)
    const log = await openRecording(image, "/LOG00001.MET")
    const { imu } = await compare(log)
    expect(starts).toBeGreaterThan(1)
    expect(imu?.missing).toBeGreaterThanOrEqual(50)
    expect(imu?.missing).toBeLessThan(170)
    expect((await loggerHealth(log))?.dropped).toBe(imu?.missing)
  })
})

/** A clock that knows a time, or learns it. */
function clock(kind: number, time: string): WallClock & { told: string[] } {
  const told: string[] = []
  return {
    kind,
    told,
    read: async () => time,
    async set(known) {
      told.push(known)
    },
  }
}

describe("the time of day", () => {
  test.each([
    {
      name: "is the clock chip's, and goes before LOGGER.CFG",
      chip: "2026-05-06 07:08:09",
      net: "",
      cfg: true,
      start: [2026, 5, 6, 7, 8, 9],
      from: "the clock chip",
    },
    {
      name: "is the network's, and the chip is set by it",
      chip: "",
      net: "2026-05-06 07:08:09",
      cfg: true,
      start: [2026, 5, 6, 7, 8, 9],
      from: "the network (UTC)",
    },
    { name: "is LOGGER.CFG's, and the chip is set by it", chip: "", net: "", cfg: true, start: [2026, 1, 2, 3, 4, 5], from: "LOGGER.CFG" },
    { name: "is not known, and said so", chip: "", net: "", cfg: false, start: null, from: "nowhere" },
  ])("$name", async ({ chip, net, cfg, start, from }) => {
    const image = await tinyCard(cfg ? { [CFG]: "start = 2026-01-02 03:04:05\n" } : {})
    const clocks = [clock(2, chip), clock(3, net)]
    const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 }, () => ({ wallClocks: clocks }))
    await logger.time.run(3000)
    logger.close()
    await logger.time.run(4000)
    const log = await openRecording(image, "/LOG00001.MET")
    if (start === null) expect(log.start).toBeNull()
    else {
      const [year, month, ...rest] = start as [number, number, number, number, number, number]
      expect(log.start).toBe(BigInt(Date.UTC(year, month - 1, ...rest)) * 1_000_000n)
    }
    expect((await loggerHealth(log))?.clock).toBe(from)
    const known = chip !== "" || !(cfg || net !== "") ? [] : [net !== "" ? net : "2026-01-02 03:04:05"]
    expect(clocks[0]?.told).toEqual(known)
  })
})

describe("the setting in the board's flash", () => {
  test("holds where LOGGER.CFG says nothing, and its faults are named apart", async () => {
    const image = await tinyCard({ [CFG]: "imu = 20\nformat = csv\n" })
    const logger = startInNode(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 }, () => ({
      flash: async () => "format=ddff; imu=50;pedals = off; flash = 1",
    }))
    await logger.time.run(3000)
    logger.close()
    await logger.time.run(4000)
    const found = await compare(await openRecording(image, "/LOG00001.DDF"), { imu: 20, pedals: 0 })
    expect(found.imu).toMatchObject({ wrong: 0, missing: 0 })
    expect(found.pedals?.rows).toBe(0)
    expect(await textOn(image, "/LOGERR.TXT")).toBe(
      'in the board\'s flash:\r\nline 4: no setting or group "flash"\r\nline 2: format: meteor, ddff or btsf\r\n',
    )
  })

  test("is read from the firmware's settings, which are never written by the logger", { timeout: 240_000 }, async () => {
    const { vm, told } = await startPart("flash")
    vm.run(3000)
    expect(told.map(({ text }) => text)).toEqual(["setting ", "setting format=ddff; imu=50"])
    const sources = readdirSync(join(deviceFolder, "src"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))
    for (const file of sources)
      expect(readFileSync(join(deviceFolder, "src", file), "utf8"), file).not.toMatch(/writeSetting|deleteSetting/)
  })
})
