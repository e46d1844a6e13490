import { expect, test, vi } from "vitest"
import { memoryDisk } from "../sim/card/disk.js"
import { bytecode } from "../sim/device/build.js"
import { logsOn, tinyCard } from "../sim/device/cards.js"
import { FASTEST, SLOWER } from "../sim/device/list.js"
import { loggerPeer } from "../sim/device/logger.js"
import { compare, openRecording } from "../sim/device/recording.js"
import { startVm } from "../sim/device/vm.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const HOUR = 3_600_000
/** Two groups are measured, slowly; the logger's own counters go on as they do. */
const RATES: Readonly<Record<string, number>> = Object.fromEntries([[FASTEST, 1], ...SLOWER.map((name, i) => [name, i === 0 ? 0.5 : 0])])
const SETTINGS = `${Object.entries(RATES)
  .map(([name, rate]) => `${name} = ${rate === 0 ? "off" : rate}\n`)
  .join("")}flush = 10000\n`

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
  const found = await compare(await openRecording(image, (await logsOn(image))[0] as string), RATES)
  for (const [name, rate] of Object.entries(RATES)) if (rate > 0) expect(found[name], name).toMatchObject({ wrong: 0, missing: 0 })
  expect(found[FASTEST]?.rows).toBeGreaterThan(3590)
})
