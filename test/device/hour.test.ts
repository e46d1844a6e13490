import { expect, test, vi } from "vitest"
import { memoryDisk } from "../sim/card/disk.js"
import { bytecode } from "../sim/device/build.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { loggerPeer } from "../sim/device/logger.js"
import { compare, openRecording } from "../sim/device/recording.js"
import { startVm } from "../sim/device/vm.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const HOUR = 3_600_000
const SETTINGS = "imu = 1\npedals = 0.5\nsupply = off\ntemperature = off\nlogger = 0.1\nflush = 10000\n"

test("with the console that keeps the board awake, the program is alive after an hour and has lost nothing", async () => {
  const image = await tinyCard({ "LOGGER  CFG": SETTINGS })
  const peer = loggerPeer(memoryDisk(image), { format: "meteor", fileBytes: 1 << 20 })
  const vm = await startVm(bytecode("test/device/programs/hour.ts"), peer)
  vm.run(HOUR)
  peer.close()
  vm.run(HOUR + 2000)
  vm.stop()
  expect(peer.states.map(({ state }) => state)).toEqual(["starting", "logging", "closed"])
  // Five characters and a line's end every 150 ms: more than 300 baud carry.
  const spoken = vm.console.filter((line) => line.endsWith(".....")).length
  expect(((spoken * 7 * 10) / HOUR) * 1000).toBeGreaterThan(300)
  const found = await compare(await openRecording(image, (await logsOn(image))[0] as string), {
    imu: 1,
    pedals: 0.5,
    supply: 0,
    temperature: 0,
    logger: 0.1,
  })
  for (const name of ["imu", "pedals", "logger"]) expect(found[name], name).toMatchObject({ wrong: 0, missing: 0 })
  expect(found.imu?.rows).toBeGreaterThan(3590)
})
