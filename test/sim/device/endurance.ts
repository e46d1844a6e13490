import { memoryDisk } from "../card/disk.js"
import { logsOn, TEN_AT_100_HZ, tinyCard } from "./cards.js"
import { RATES } from "./list.js"
import { random } from "./random.js"
import { compareSeries, type Series } from "./recording.js"
import { inNode } from "./trial.js"

/** Long runs of the logger's program in Node. */

/** A run, told by what is on the card afterwards. */
export interface Endured extends Series {
  readonly files: number
  /** Sectors that the card took. */
  readonly sectors: number
  /** Numbers in the names of the files that are left, in the folder's order. */
  readonly numbers: readonly number[]
}

/**
 * Ten channels at 100 Hz on a card that keeps the logger waiting for up to half a second at every 32nd sector.
 * @param ms simulated time
 */
export async function endureBusyCard(format: "meteor" | "ddff", ms: number): Promise<Endured> {
  const next = random(500)
  // A card's size is told in units of 1024 sectors.
  const sectors = 1024 * Math.ceil(16 + ms / 40_000)
  const image = await tinyCard({ "LOGGER  CFG": TEN_AT_100_HZ }, sectors)
  const busy = (n: number) => (n % 32 === 17 ? Math.floor(next() * 500_000) : 800)
  const logger = await inNode(memoryDisk(image), { format, fileBytes: 1 << 20, card: { busy } })
  await logger.run(ms)
  logger.close()
  await logger.run(ms + 5000)
  return outcome(image, logger.card.blocks)
}

/**
 * The channel list at its own rates, a new file each hour, the oldest overwritten on a small card. Of each hour only the first seconds
 * are run; then the clock leaps, as if the program had not got a turn.
 */
export async function endureHours(format: "meteor" | "ddff", hours: number): Promise<Endured> {
  const image = await tinyCard({}, 4096)
  const options = { format, fileBytes: 65_536, fileMs: 3_600_000, overwrite: true, card: { busy: () => 100 } } as const
  const logger = await inNode(memoryDisk(image), options)
  for (let hour = 0; hour < hours; hour++) {
    await logger.run(hour * 3_600_000 + 1500)
    if (hour < hours - 1) logger.jump(3_600_000 - 1500)
  }
  logger.close()
  await logger.run((hours - 1) * 3_600_000 + 5000)
  return outcome(image, logger.card.blocks)
}

async function outcome(image: Buffer, sectors: number): Promise<Endured> {
  const logs = await logsOn(image)
  const numbers = logs.map((path) => Number(path.slice(4, 9)))
  return { ...(await compareSeries(image, logs, sectors > 0 ? ratesOf(image) : {})), files: logs.length, sectors, numbers }
}

/** The rates that the card's settings ask for. */
function ratesOf(image: Buffer): Readonly<Record<string, number>> {
  return image.includes(TEN_AT_100_HZ) ? RATES : {}
}
