import { findings } from "../../host/actions/check.js"
import type { Sink } from "../../host/bytes/sink.js"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { readSettings, settingsFindings } from "../../host/logger/settings.js"
import { LimitError, LogError } from "../../host/model/errors.js"
import type { Output } from "../../host/model/format.js"
import type { Log } from "../../host/model/log.js"
import { formatFor, openSource } from "../../host/registry/open.js"
import { targets } from "../../host/registry/targets.js"
import { computed } from "../../host/sensors/computed.js"
import { overview } from "../../host/summary/overview.js"
import { stats } from "../../host/summary/stats.js"
import { Random } from "../generate/random.js"
import { mutated } from "./mutate.js"
import type { Seed } from "./seeds.js"

/** One input: which good file it comes from, and what has become of it. */
export interface Trial extends Seed {
  readonly seed: number
  readonly number: number
}

/** Input `number` of a run depends on the seed and the number alone. */
export function trialOf(seeds: readonly Seed[], seed: number, number: number): Trial {
  const own = new Random(Math.imul(seed, 0x85ebca6b) ^ number).pick(seeds)
  const others = seeds.filter(({ name }) => name.split(".").at(-1) === own.name.split(".").at(-1)).map(({ bytes }) => bytes)
  return { name: own.name, bytes: mutated([own.bytes, ...others.slice(0, 3)], seed, number), seed, number }
}

/**
 * Reads an input by whatever reader it is for, checks, recovers and repairs it, and writes it to two targets, by turns.
 * @throws anything but a LogError: that is a fault
 */
export async function readAndWrite({ name, bytes, number }: Trial): Promise<void> {
  if (name === "LOGGER.CFG") {
    await refused(async () => settingsFindings(bytes))
    await refused(async () => readSettings(bytes))
    return
  }
  const source = () => memorySource(bytes, name)
  if (name.endsWith(".img")) {
    await refused(() => openImage(source()))
    return
  }
  const all = targets()
  for (const target of [all[number % all.length], all[(number >> 3) % all.length]]) {
    await refused(() => withLog(bytes, name, async (log) => void (await target?.write(log, nowhere(), {}))))
  }
  await refused(() => withLog(bytes, name, async (log) => void (await stats(log))))
  await refused(() => withLog(bytes, name, async (log) => void (await overview(log))))
  await refused(async () => {
    const format = await formatFor(source(), {})
    for await (const _ of findings(source(), format, {}));
    await refused(async () => format.recover?.(source(), nowhere(), {}))
    await refused(async () => format.repair?.(source(), nowhere(), {}))
  })
}

/** The disk is full after so many bytes: a log that says that it lasts for days fills any grid. */
const DISK = 64e6

/** An output whose bytes are only counted. */
function nowhere(): Output {
  let free = DISK
  return {
    name: "out",
    sink(): Sink {
      let size = 0
      return {
        get size() {
          return size
        },
        write({ length }) {
          size += length
          free -= length
          if (free < 0) throw new LimitError("the disk is full")
        },
        patch() {},
        close() {},
        abort() {},
      }
    },
  }
}

async function withLog(bytes: Uint8Array, name: string, use: (log: Log) => Promise<void>): Promise<void> {
  const log = computed(await openSource(memorySource(bytes, name)))
  try {
    await use(log)
  } finally {
    await log.close()
  }
}

async function refused(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof LogError)) throw error
  }
}
