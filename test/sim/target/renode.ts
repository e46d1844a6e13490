import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { flatImage, parseUf2 } from "../../../host/gen/uf2.js"
import { deviceFolder } from "../device/build.js"
import { bundle, levelTwoFiles } from "../rp2040/bundle.js"
import { EMULATED } from "../rp2040/firmware.js"
import { Monitor } from "./renode-monitor.js"
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
    if (spawnSync("sh", ["-c", 'command -v "$1"', "sh", command()]).status !== 0) return `there is no command ${command()}`
    const { RP2040_PLATFORM: platform = "" } = process.env
    if (platform === "") return "RP2040_PLATFORM names no checkout of the public RP2040 platform"
    return existsSync(platform) ? null : `${platform} does not exist`
  },
  boot,
}

const SCRIPT = join(deviceFolder, "..", "boards", "renode", "fieldlog_pico.resc")
const PINS = { GP20: 20, GP21: 21 } as const
/** Slice of emulated time between two looks at `done`. */
const SLICE_MS = 100

function command(): string {
  return process.env.FIELDLOG_RENODE ?? "renode"
}

async function boot({ card, format }: Start): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-renode-"))
  prepareRenode(folder, card)
  const image = join(folder, "card.img")
  const uart = join(folder, "uart.txt")
  const monitor = await Monitor.start(command(), folder)
  await monitor.say(`$rp2040=@${resolve(process.env.RP2040_PLATFORM ?? "")}`)
  await monitor.say(`$bootrom=@${join(folder, "bootrom.bin")}`)
  await monitor.say(`$firmware=@${join(folder, "firmware.bin")}`)
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
    async card() {
      const bytes = readFileSync(image)
      rmSync(folder, { recursive: true })
      return bytes
    },
    figures: () => ({ ms, sectors: null, asleepMs: null, cyclesPerSecond: null }),
  }
}

/** Puts what the script loads into a folder: `card.img`, `firmware.bin` and `bootrom.bin`. */
export function prepareRenode(folder: string, card: Uint8Array): void {
  const files = levelTwoFiles()
  if ("missing" in files) throw new Error(files.missing)
  writeFileSync(join(folder, "card.img"), card)
  writeFileSync(join(folder, "firmware.bin"), flatImage(parseUf2(bundle(files.firmware, EMULATED))))
  writeFileSync(join(folder, "bootrom.bin"), readFileSync(files.bootrom))
}
