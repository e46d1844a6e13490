import { cpSync, existsSync, mkdirSync, readFileSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { deviceFolder, devsInFolder } from "../device/build.js"

/** The two files of level 2, by the environment; null with the reason when they are not there. */
export function levelTwoFiles(): { firmware: string; bootrom: string } | { missing: string } {
  const [firmware, bootrom] = [process.env.DEVS_FW_UF2 ?? "", process.env.RP2040_BOOTROM ?? ""]
  if (firmware === "" || bootrom === "") return { missing: "DEVS_FW_UF2 and RP2040_BOOTROM are not set" }
  for (const path of [firmware, bootrom]) if (!existsSync(path)) return { missing: `${path} does not exist` }
  return { firmware, bootrom }
}

/**
 * One image of firmware and program, by the DeviceScript command's own bundler.
 * @param firmware the Pico's firmware as UF2; the command takes it from its cache when it is younger than a day
 * @param entry program, by its path below the root
 */
export function bundle(firmware: string, entry: string): Uint8Array {
  const known = bundles.get(`${firmware} ${entry}`)
  if (known !== undefined) return known
  const cache = join(deviceFolder, ".devicescript", "cache")
  mkdirSync(cache, { recursive: true })
  const cached = join(cache, "devicescript-rp2040-pico.uf2")
  cpSync(firmware, cached)
  utimesSync(cached, new Date(), new Date())
  const output = join(deviceFolder, "..", ".build", `${entry.replace(/[^a-z0-9]+/gi, "-")}.uf2`)
  devsInFolder(["bundle", "--board", "fieldlog_pico", "--flash-file", output, join("..", entry)])
  const bytes = readFileSync(output)
  bundles.set(`${firmware} ${entry}`, bytes)
  return bytes
}

const bundles = new Map<string, Uint8Array>()
