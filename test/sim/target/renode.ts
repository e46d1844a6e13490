import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { renodeCard } from "../../../host/gen/renode.js"
import { flatImage, parseUf2 } from "../../../host/gen/uf2.js"
import { deviceFolder } from "../device/build.js"
import { bundle, levelTwoFiles } from "../rp2040/bundle.js"
import { EMULATED } from "../rp2040/firmware.js"
import { Monitor } from "./renode-monitor.js"
import { platformFault, renodeCommand, renodeFault } from "./renode-parts.js"
import type { Start, Target, TargetKind } from "./target.js"

/**
 * Level 3: the same image in Renode 1.15.3, driven through its monitor. Needs the two files of level 2, the command
 * FIELDLOG_RENODE (`renode` by default) and RP2040_PLATFORM, a checkout of the public RP2040 platform.
 */
export const renodeTarget: TargetKind = {
  name: "renode",
  title: "level 3, the real firmware in Renode",
  missing() {
    const files = levelTwoFiles()
    if ("missing" in files) return files.missing
    return renodeFault(renodeCommand()) ?? platformFault(process.env.RP2040_PLATFORM ?? "")
  },
  boot,
}

const ROOT = join(deviceFolder, "..")
const SCRIPT = join(ROOT, "boards", "renode", "fieldlog_pico.resc")
const PINS = { GP20: 20, GP21: 21 } as const
/** Slice of emulated time between two looks at `done`. */
const SLICE_MS = 100

async function boot({ card, format }: Start): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-renode-"))
  prepareRenode(folder, card)
  const image = join(folder, "card.img")
  const uart = join(folder, "uart.txt")
  const monitor = await Monitor.start(renodeCommand(), folder)
  await monitor.say(`$rp2040=@${resolve(process.env.RP2040_PLATFORM ?? "")}`)
  await monitor.say(`$bootrom=@${join(folder, "bootrom.bin")}`)
  await monitor.say(`$firmware=@${join(folder, "firmware.bin")}`)
  await monitor.say(`$card=@${join(folder, "card.repl")}`)
  await monitor.say(`include @${SCRIPT}`)
  await monitor.say(`sysbus.uart0 CreateFileBackend @${uart} true`)
  const pin = (strap: keyof typeof PINS, low: boolean) => monitor.say(`sysbus.gpio OnGPIO ${PINS[strap]} ${low ? "False" : "True"}`)
  await pin("GP20", format === "ddff")
  await pin("GP21", false)
  let ms = 0
  const console = () => (existsSync(uart) ? readFileSync(uart, "latin1") : "")
  return {
    console,
    logging: () => console().includes("logging"),
    async run(time, done = () => false) {
      for (const end = ms + time; ms < end; ms += SLICE_MS) {
        if (done()) return true
        await monitor.say(`emulation RunFor "${SLICE_MS / 1000}"`)
      }
      return done()
    },
    pin,
    cut: () => monitor.quit(),
    // The folder is of no use behind this.
    async card() {
      const bytes = readFileSync(image)
      rmSync(folder, { recursive: true })
      return bytes
    },
    figures: () => ({ ms, sectors: null, asleepMs: null, cyclesPerSecond: null }),
  }
}

/** Puts what the script loads into a folder: `firmware.bin`, `bootrom.bin`, and an image with its description for each name of a card. */
export function prepareRenode(folder: string, card: Uint8Array, names: readonly string[] = ["card"]): void {
  const files = levelTwoFiles()
  if ("missing" in files) throw new Error(files.missing)
  for (const name of names) {
    const image = resolve(folder, `${name}.img`)
    // Renode opens what it finds: a whole image or none.
    writeFileSync(`${image}.part`, card)
    renameSync(`${image}.part`, image)
    writeFileSync(join(folder, `${name}.repl`), renodeCard(ROOT, image, card.length))
  }
  writeFileSync(join(folder, "firmware.bin"), flatImage(parseUf2(bundle(files.firmware, EMULATED))))
  writeFileSync(join(folder, "bootrom.bin"), readFileSync(files.bootrom))
}
