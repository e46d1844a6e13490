import { memoryDisk } from "../card/disk.js"
import { startLogger } from "../device/logger.js"
import type { Start, Target, TargetKind } from "./target.js"

/** Level 1: the program in DeviceScript's virtual machine, under a clock of its own. */
export const vmTarget: TargetKind = {
  name: "vm",
  title: "level 1, the program in the virtual machine",
  missing: () => null,
  boot,
}

async function boot({ card, format }: Start): Promise<Target> {
  const image = Uint8Array.from(card)
  const logger = await startLogger(memoryDisk(image), { format, seed: "random" })
  const console = () => logger.states.map(({ state }) => `${state}\n`).join("")
  return {
    console,
    logging: () => logger.states.at(-1)?.state === "logging",
    async run(ms, done = () => false) {
      const end = logger.vm.now() + ms
      while (!done()) {
        if (logger.vm.now() >= end) return false
        logger.vm.run(Math.min(end, logger.vm.now() + 10))
      }
      return true
    },
    async pin(strap, low) {
      if (strap === "GP21" && low) logger.close()
      else throw new Error(`the simulator cannot set ${strap} ${low ? "low" : "high"} while it runs`)
    },
    cut: async () => logger.vm.stop(),
    card: async () => image,
    figures: () => ({ ms: logger.vm.now(), sectors: logger.card.blocks, asleepMs: null, cyclesPerSecond: null }),
  }
}
