import { memoryDisk } from "../card/disk.js"
import { bytecode } from "./build.js"
import { tinyCard } from "./cards.js"
import { loggerPeer } from "./logger.js"
import { startVm } from "./vm.js"

const SECTORS = 8000

/** Sectors a second of this computer's time that the board's program encodes and streams onto the simulated card in the machine. */
export async function sectorsPerSecond(): Promise<number> {
  const peer = loggerPeer(memoryDisk(await tinyCard({}, 16_384)), { format: "meteor", card: { busy: () => 0 } })
  let begun = 0
  let done = 0
  const vm = await startVm(bytecode("test/device/programs/throughput.ts"), {
    ...peer,
    ask: (name, now) => (name === "sectors" ? SECTORS : peer.ask(name, now)),
    tell(name, value, now) {
      if (name === "begin") begun = performance.now()
      else if (name === "done") done = performance.now()
      else peer.tell(name, value, now)
    },
  })
  vm.run(600_000)
  vm.stop()
  if (done === 0) throw new Error("the program did not come to its end")
  return (SECTORS / (done - begun)) * 1000
}
