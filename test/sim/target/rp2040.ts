import { memoryDisk } from "../card/disk.js"
import { levelTwoFiles } from "../rp2040/bundle.js"
import { bootLogger } from "../rp2040/firmware.js"
import { SYSTEM_HZ } from "../rp2040/machine.js"
import { UsbHost } from "../rp2040/shims/usb-host.js"
import { enableLog, LogText } from "./bridge.js"
import type { Start, Target, TargetKind } from "./target.js"

/** Level 2: the real firmware with the program in rp2040js, where a firmware and a bootrom are given. */
export const rp2040Target: TargetKind = {
  name: "rp2040",
  title: "level 2, the real firmware in rp2040js",
  missing() {
    const files = levelTwoFiles()
    return "missing" in files ? files.missing : null
  },
  boot,
}

const PINS = { GP20: 20, GP21: 21 } as const

async function boot({ card, format }: Start): Promise<Target> {
  const files = levelTwoFiles()
  if ("missing" in files) throw new Error(files.missing)
  const image = Uint8Array.from(card)
  const logger = bootLogger(files, memoryDisk(image), format)
  const { machine } = logger
  const log = new LogText()
  new UsbHost(machine.mcu, (bytes) => log.take(bytes), enableLog())
  let powered = true
  return {
    console: () => log.text,
    logging: () => log.text.includes("> logging"),
    async run(ms, done) {
      if (!powered) throw new Error("the power is cut")
      return machine.run(ms * 1e6, done).why === "done"
    },
    pin: async (strap, low) => machine.mcu.gpio[PINS[strap]]?.setInputValue(!low),
    // The emulator is dropped, the card is kept.
    async cut() {
      powered = false
    },
    card: async () => image,
    figures: () => ({
      ms: machine.nanos / 1e6,
      sectors: logger.card.blocks,
      asleepMs: machine.asleepNanos / 1e6,
      cyclesPerSecond: SYSTEM_HZ,
    }),
  }
}
