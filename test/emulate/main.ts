import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { portsAreFree } from "../../host/gen/bundle-ports.js"
import { DOWNLOADS } from "../../host/gen/pinned-file.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { levelTwoFiles } from "../sim/rp2040/bundle.js"
import { prepareRenode } from "../sim/target/renode.js"
import { RENODE_BY_HAND, renodeCommand, renodeFault } from "../sim/target/renode-parts.js"
import { BY_HAND, download } from "./download.js"
import { publicPlatform } from "./platform.js"

const USAGE = `npm run emulate [-- --download]                       level 2, in rp2040js
npm run emulate -- --renode [--download]              level 3, in Renode
npm run emulate -- --prepare FOLDER [--download]      what the Robot test of level 3 needs, in a folder

Firmware and bootrom are those that DEVS_FW_UF2 and RP2040_BOOTROM name; --download fetches them, and --renode where they are not named. Renode is the command that
FIELDLOG_RENODE names, or renode; its platform the folder that RP2040_PLATFORM names, or it is fetched.`

/** The cards of the Robot test: the second is for the run with the straps low, which must fail. */
const ROBOT_CARDS = ["card", "low"]

const TESTS = {
  rp2040: ["test/target/scenarios.test.ts", "test/rp2040/rates.test.ts", "test/rp2040/images.test.ts"],
  renode: ["test/target/scenarios.test.ts"],
} as const

const { download: fetches = false, renode = false, prepare } = options()
if (renode) await tried(RENODE_BY_HAND, findRenode)
if (fetches || (renode && "missing" in levelTwoFiles())) {
  const { firmware, bootrom } = await tried(BY_HAND, () => download(DOWNLOADS, (line) => console.log(line)))
  Object.assign(process.env, { DEVS_FW_UF2: firmware, RP2040_BOOTROM: bootrom })
}
const files = levelTwoFiles()
if ("missing" in files) fail(`${files.missing}\n\n${BY_HAND}`, 1)
await tried("", portsAreFree)

if (prepare !== undefined) {
  mkdirSync(prepare, { recursive: true })
  const card = await fatfsImage(64, 512)
  await writeFiles(card, { "LOGSPEC.JSN": readFileSync(join("shared", "LOGSPEC.JSN")) })
  prepareRenode(prepare, card, ROBOT_CARDS)
  console.log(`${prepare}: ${ROBOT_CARDS.map((name) => `${name}.img, ${name}.repl`).join(", ")}, firmware.bin, bootrom.bin`)
} else {
  const target = renode ? "renode" : "rp2040"
  const command = ["node_modules/vitest/vitest.mjs", "run", ...TESTS[target]]
  const run = spawnSync(process.execPath, command, { stdio: "inherit", env: { ...process.env, FIELDLOG_TARGET: target } })
  process.exitCode = run.status ?? 1
}

function options(): { download?: boolean; renode?: boolean; prepare?: string } {
  try {
    const { values } = parseArgs({
      options: { download: { type: "boolean" }, renode: { type: "boolean" }, prepare: { type: "string" } },
    })
    if (values.renode === true && values.prepare !== undefined) throw new Error("--renode and --prepare cannot be combined")
    return values
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`, 2)
  }
}

/** Renode itself cannot be fetched for every system; its platform can. @throws Error */
async function findRenode(): Promise<void> {
  const fault = renodeFault(renodeCommand())
  if (fault !== null) throw new Error(fault)
  process.env.RP2040_PLATFORM = publicPlatform()
}

async function tried<T>(byHand: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body()
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${byHand}`.trim(), 1)
  }
}

function fail(message: string, code: number): never {
  console.error(message)
  process.exit(code)
}
