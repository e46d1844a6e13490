import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { recover } from "../../host/actions/rescue.js"
import { memorySource } from "../../host/bytes/source.js"
import { fileSource } from "../../host/io/file-source.js"
import { LogError } from "../../host/model/errors.js"
import type { FormatName, Group, Log } from "../../host/model/log.js"
import { formatNamed } from "../../host/registry/open.js"
import { Random } from "../generate/random.js"
import { DAMAGES, type Damage } from "./damages.js"
import { type KnownFile, knownFile, mainFile } from "./known-file.js"
import { type Clock, placesOf, type Rows, rowsOf, timesOf } from "./rows.js"

/** What `recover` made of the damages of one kind. */
export interface Recovered {
  readonly format: FormatName
  readonly damage: string
  /** Rows with a byte that was hurt, on average. */
  readonly hit: number
  /** Rows lost beyond those hit: on average, and most in one round. */
  readonly lost: number
  readonly mostLost: number
  /** Rows saved that the whole file does not have, beyond as many as were hit: most in one round. */
  readonly wrong: number
  /** Rounds with such rows and no hole reported. */
  readonly silent: number
  /** Rounds in which nothing was saved. */
  readonly refused: number
  /** What a refusal said, and its round. */
  readonly why: ReadonlyMap<string, number>
}

/** Rows of a known file: some ten sectors or blocks of every format. */
const ROWS = 1500
/** The second file's rows come some time later. */
const LATER = 10 * ROWS

/** Hurts a known log `rounds` times by each kind of damage, runs `recover`, and compares what is saved with what was written. */
export async function measure(format: FormatName, rounds: number, seed: number, kinds: readonly Damage[] = DAMAGES): Promise<Recovered[]> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-damage-"))
  try {
    const file = await knownFile(format, 0, ROWS, join(folder, "first"))
    const other = await knownFile(format, LATER, ROWS, join(folder, "second"))
    const bench = await Bench.of(format, file, other, folder)
    const results: Recovered[] = []
    for (const damage of kinds) results.push(await bench.rounds(damage, rounds, seed))
    return results
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function clockOf(log: Log): Promise<Clock> {
  for await (const chunk of log.chunks()) {
    const group = log.groups[chunk.group] as Group
    const tick = group.time.kind === "stamped" ? group.time.tick : 0
    return { zero: timesOf(log, group, chunk, tick)[0] as number, tick }
  }
  throw new Error("a known log has rows")
}

/** Two known files of a format, and what is in them. */
class Bench {
  private constructor(
    private readonly format: FormatName,
    private readonly file: KnownFile,
    private readonly other: KnownFile,
    private readonly folder: string,
    private readonly clock: Clock,
    private readonly places: readonly { key: number; at: number }[],
    private readonly later: Rows,
  ) {}

  static async of(format: FormatName, file: KnownFile, other: KnownFile, folder: string): Promise<Bench> {
    const { open } = formatNamed(format)
    const log = await open(memorySource(file.bytes, `known${file.extension}`), { spec: file.spec })
    const clock = await clockOf(log)
    const second = await open(memorySource(other.bytes, `other${file.extension}`), { spec: other.spec })
    const places = await placesOf(log, clock)
    const [whole, later] = [await rowsOf(log, clock), await rowsOf(second, clock)]
    for (const { wrong, right } of [whole, later]) {
      if (wrong > 0 || right.size % ROWS !== 0 || right.size === 0)
        throw new Error(`${format}: the sound file reads ${right.size} rows right, ${wrong} wrong`)
    }
    return new Bench(format, file, other, folder, clock, places, later)
  }

  async rounds(damage: Damage, rounds: number, seed: number): Promise<Recovered> {
    const sum = { hit: 0, lost: 0, mostLost: 0, wrong: 0, silent: 0, refused: 0 }
    const why = new Map<string, number>()
    for (let round = 0; round < rounds; round++) {
      const random = new Random(Math.imul(seed, 0x9e3779b1) ^ round)
      const { bytes, at } = damage.apply(this.file.bytes, this.other.bytes, random)
      const hit = this.hit(at)
      sum.hit += hit.size / rounds
      const found = await this.saved(bytes)
      if (typeof found === "string") {
        sum.refused++
        if (!why.has(found)) why.set(found, round)
        continue
      }
      const expected = this.places.map(({ key }) => key).concat(damage.joined === true ? [...this.later.right] : [])
      const lost = expected.filter((key) => !hit.has(key) && !found.right.has(key)).length
      const wrong = Math.max(0, found.wrong - hit.size)
      sum.lost += lost / rounds
      sum.mostLost = Math.max(sum.mostLost, lost)
      sum.wrong = Math.max(sum.wrong, wrong)
      if (wrong > 0 && found.holes === 0) sum.silent++
    }
    return { format: this.format, damage: damage.name, ...sum, why }
  }

  /** What `recover` saves; its words when it refuses. */
  private async saved(bytes: Uint8Array): Promise<(Rows & { holes: number }) | string> {
    const { file, format, folder, clock } = this
    const [input, place] = [join(folder, `hurt${file.extension}`), join(folder, "saved")]
    rmSync(place, { recursive: true, force: true })
    mkdirSync(place)
    writeFileSync(input, bytes)
    try {
      const { holes } = await recover(input, join(place, `saved${file.extension}`), {
        format,
        ...(file.spec === undefined ? {} : { spec: file.spec }),
      })
      const source = await fileSource(mainFile(place))
      const log = await formatNamed(format).open(source, { spec: file.spec })
      const rows = await rowsOf(log, clock)
      await log.close()
      return { ...rows, holes: holes.length }
    } catch (error) {
      if (error instanceof LogError) return error.message
      throw error
    }
  }

  /** The rows with a byte in one of the stretches. */
  private hit(stretches: readonly (readonly [from: number, to: number])[]): Set<number> {
    const { places, file } = this
    const keys = new Set<number>()
    for (const [i, { key, at }] of places.entries()) {
      let next = i + 1
      while (next < places.length && places[next]?.at === at) next++
      const end = places[next]?.at ?? file.bytes.length
      if (stretches.some(([from, to]) => (from === to ? at < from && from < end : at < to && from < end))) keys.add(key)
    }
    return keys
  }
}
