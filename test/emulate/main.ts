import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { DOWNLOADS } from "../../host/gen/pinned-file.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { prepareRenode } from "../sim/target/renode.js"
import { BY_HAND, download } from "./download.js"

/**
 * `npm run emulate` runs level 2 with the files that DEVS_FW_UF2 and RP2040_BOOTROM name. `--download` fetches them first;
 * `--renode FOLDER` puts card, firmware and bootrom for Renode's Robot test into a folder instead.
 */
const words = process.argv.slice(2)
const folder = words[0] === "--renode" ? words[1] : words[1] === "--renode" ? words[2] : undefined
if (words.includes("--renode") ? folder === undefined : words.some((word) => word !== "--download")) {
  fail("npm run emulate [-- --download] [--renode FOLDER]", 2)
}

if (words.includes("--download")) {
  const { firmware, bootrom } = await download(DOWNLOADS, (line) => console.log(line)).catch((error) =>
    fail(`${error.message}\n\n${BY_HAND}`, 1),
  )
  Object.assign(process.env, { DEVS_FW_UF2: firmware, RP2040_BOOTROM: bootrom })
}
const files = levelTwoFiles()
if ("missing" in files) fail(`${files.missing}\n\n${BY_HAND}`, 1)

if (folder !== undefined) {
  mkdirSync(folder, { recursive: true })
  const card = await fatfsImage(64, 512)
  await writeFiles(card, { "LOGSPEC.JSN": readFileSync(join("shared", "LOGSPEC.JSN")) })
  prepareRenode(folder, card)
  console.log(`${folder}: card.img, firmware.bin, bootrom.bin`)
} else {
  const command = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "test/target/scenarios.test.ts",
    "test/rp2040/rates.test.ts",
    "test/rp2040/images.test.ts",
  ]
  const run = spawnSync(process.execPath, command, { stdio: "inherit", env: { ...process.env, FIELDLOG_TARGET: "rp2040" } })
  process.exitCode = run.status ?? 1
}

function fail(message: string, code: number): never {
  console.error(message)
  process.exit(code)
}
