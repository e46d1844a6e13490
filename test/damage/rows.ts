import type { Chunk, Group, Log } from "../../host/model/log.js"
import { rowTimes } from "../../host/model/time.js"

/** Seconds from one row to the next. */
export const STEP_S = 0.01
/** A row may stand this much beside its time, as a part of `STEP_S`. */
const BESIDE = 1e-3
/** Numbers of a known log's channels. */
export const CHANNELS = [0, 1]

/** The value of channel `c` in row `n`: 0 to 9999, without a pattern that damage could copy. */
export function wholeValue(n: number, c: number): number {
  return (Math.imul(n * CHANNELS.length + c + 1, 0x9e3779b1) >>> 8) % 10_000
}

/** The rows of a file of which each row is known. In JLS each sample is a row of its own, as it is a group there. */
export interface Rows {
  /** The right ones, each by a number of its own. */
  readonly right: ReadonlySet<number>
  /** Rows whose values are not those of their time, or that came before. */
  readonly wrong: number
}

/** How the sound file tells time. */
export interface Clock {
  /** Time of row 0: see `timesOf`. */
  readonly zero: number
  /** Seconds per tick, for a damaged file that does not say it any more; 0 where none does. */
  readonly tick: number
}

/** Reads all rows of a log that began as a `knownFile`. @param clock of the sound file */
export async function rowsOf(log: Log, clock: Clock): Promise<Rows> {
  const right = new Set<number>()
  let wrong = 0
  await eachRow(log, clock, (key, verdict) => {
    if (verdict === "wrong" || (verdict === "right" && right.has(key))) wrong++
    else if (verdict === "right") right.add(key)
  })
  return { right, wrong }
}

/** Where each row begins in a sound file, in file order. */
export async function placesOf(log: Log, clock: Clock): Promise<{ key: number; at: number }[]> {
  const places: { key: number; at: number }[] = []
  await eachRow(log, clock, (key, _, at) => places.push({ key, at }))
  return places.sort((a, b) => a.at - b.at)
}

/** Calls back for each row: its number, what it is (`part`: values are missing, the others right), and where it begins in the file. */
async function eachRow(
  log: Log,
  { zero, tick }: Clock,
  row: (key: number, verdict: "right" | "wrong" | "part", at: number) => void,
): Promise<void> {
  for await (const chunk of log.chunks({ order: "file" })) {
    const group = log.groups[chunk.group]
    if (group === undefined) throw new Error("a chunk is of a group of its log")
    const times = timesOf(log, group, chunk, tick)
    const numbers = channelNumbers(group)
    for (let i = 0; i < chunk.rows; i++) {
      const steps = ((times[i] as number) - zero) / STEP_S
      const n = Math.round(steps)
      const known = numbers.filter((number) => number >= 0)
      // A signal whose definition is lost has neither its name nor its type: its samples are not those that were written.
      if (known.length === 0) {
        row(-1, "part", chunk.order?.[i] ?? -1)
        continue
      }
      // A row of several channels has one key, whichever of their names damage took.
      const key = n * CHANNELS.length + (group.channels.length > 1 ? 0 : Math.min(...known))
      row(key, Math.abs(steps - n) > BESIDE ? "wrong" : verdictOf(chunk, numbers, i, n), chunk.order?.[i] ?? -1)
    }
  }
}

function verdictOf(chunk: Chunk, numbers: readonly number[], i: number, n: number): "right" | "wrong" | "part" {
  let part = false
  for (const [c, number] of numbers.entries()) {
    if (number < 0) continue
    const text = chunk.columns[c]?.[i]
    if (typeof text === "string") return text === CHANNELS.map((each) => wholeValue(n, each)).join(" ") ? "right" : "wrong"
    const value = Number(chunk.columns[c]?.[i])
    if (chunk.missing[c]?.[i] === 1 || Number.isNaN(value)) part = true
    else if (value !== wholeValue(n, number)) return "wrong"
  }
  return part ? "part" : "right"
}

/**
 * Seconds of each row: from the log's start, or in JLS, where the two of a pair may start at any sample, from 1970.
 * @param tick seconds, where the file does not say
 */
export function timesOf(log: Log, group: Group, chunk: Chunk, tick: number): Float64Array {
  const unknown = group.time.kind === "stamped" && group.time.tick === 0
  const times = rowTimes(unknown ? { ...group, time: { kind: "stamped", tick } } : group, chunk)
  const start = log.format === "jls" ? Number(log.start ?? 0n) / 1e9 : 0
  return start === 0 ? times : times.map((time) => start + time)
}

/** The numbers of a known log's channels, -1 for the time: by their names, or by their places where the format or the damage took those. */
function channelNumbers({ channels }: Group): number[] {
  const named = channels.map(({ name }) => CHANNELS.indexOf(Number(/^v(\d)/.exec(name)?.[1] ?? -1)))
  if (named.some((number) => number >= 0)) return named
  // A libarray file with a damaged line may be read as text.
  const first = channels.findIndex(({ name }) => /^c\d$|^text$/.test(name))
  return channels.map((_, c) => (first < 0 || c < first || c - first >= CHANNELS.length ? -1 : c - first))
}
