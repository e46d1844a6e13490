import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { bytecode, deviceFolder } from "../sim/device/build.js"
import { logsOn } from "../sim/device/cards.js"
import { startLogger } from "../sim/device/logger.js"

/** `npm run simulate`: the logger's program records the channel list's simulated waves onto a card image. */
const USAGE = "npm run simulate -- --minutes 2 -o card.img [--format meteor|ddff] [--mib 48]"

/** What a recording needs. */
interface Simulation {
  readonly minutes: number
  readonly format: "meteor" | "ddff"
  readonly mib: number
}

/** A card image with a closed recording on it. @throws Error when the logger does not close its file */
export async function simulatedCard({ minutes, format, mib }: Simulation): Promise<Buffer> {
  bytecode("devicescript/src/simulator.ts")
  const card = await fatfsImage(mib, 512)
  await writeFiles(card, { "LOGSPEC.JSN": readFileSync(join(deviceFolder, "..", "shared", "LOGSPEC.JSN")) })
  const logger = await startLogger(memoryDisk(card), { format })
  logger.vm.run(minutes * 60_000)
  logger.close()
  logger.vm.run(minutes * 60_000 + 5000)
  logger.vm.stop()
  const state = logger.states.at(-1)?.state
  if (state !== "closed") throw new Error(`the logger is "${state}", expected "closed"`)
  return card
}

/** What the arguments ask for; null where they are wrong. */
export function simulationOf(args: readonly string[]): (Simulation & { readonly output: string }) | null {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: "string", default: "2" },
        output: { type: "string", short: "o", default: "card.img" },
        format: { type: "string", default: "meteor" },
        mib: { type: "string", default: "48" },
      },
    })
    const { output, format } = values
    const [minutes, mib] = [Number(values.minutes), Number(values.mib)]
    if (!(minutes > 0 && minutes <= 600 && mib >= 40 && mib <= 1024) || (format !== "meteor" && format !== "ddff")) return null
    return { minutes, mib, format, output }
  } catch {
    return null
  }
}

/** Writes the image that the arguments ask for. @returns the exit code */
export async function simulate(args: readonly string[], print: (line: string) => void): Promise<number> {
  const wanted = simulationOf(args)
  if (wanted === null) {
    print(`usage: ${USAGE}`)
    return 2
  }
  const card = await simulatedCard(wanted)
  writeFileSync(wanted.output, card)
  print(`${wanted.output}: ${(await logsOn(card)).join(", ")}, ${wanted.minutes} simulated minutes`)
  return 0
}
