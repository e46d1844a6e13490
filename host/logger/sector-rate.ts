import { Ring } from "../../shared/card/ring.js"
import { groups } from "../../shared/channels.js"
import { partsOf } from "../../shared/logger/parts.js"
import type { Settings } from "../../shared/logger/settings.js"
import { LOG_FORMATS, logFormat } from "./log-formats.js"
import { readSettings } from "./settings.js"

/** The writer on the board looks for old sectors so often, ms. */
const LOOK_MS = 10
/** The encoders are run for so many rows, but for at least and at most so long. */
const ROWS = 50_000
const LEAST_MS = 60_000
const MOST_MS = 1_000_000

/**
 * Sectors a second that the logger writes with these settings: counted by running the board's own encoders over a stretch of
 * made-up time, since how full a sector gets depends on all groups and on the flush interval.
 */
export function sectorRate({ format, flushMs, periods }: Settings): number {
  const ring = new Ring(periods.length + 4)
  const encoder = logFormat(format).encoder(ring)
  const rowsPerMs = periods.reduce((sum, period) => sum + (period > 0 ? 1 / period : 0), 0)
  if (rowsPerMs === 0) return 0
  const length = Math.min(MOST_MS, Math.max(LEAST_MS, ROWS / rowsPerMs))
  const values = groups.map(({ channels }) => channels.map(() => 0))
  const due = periods.map((period) => (period > 0 ? 0 : Number.POSITIVE_INFINITY))
  let sectors = 0
  const drain = (): void => {
    for (; ring.waiting > 0; sectors++) ring.release()
  }
  const given = groups.map(() => false)
  const parts = partsOf(groups)
  for (let now = 0; now < length; now += LOOK_MS) {
    for (let g = 0; g < groups.length; g++) {
      const part = parts.findIndex((places) => places.includes(g))
      given[g] = true
      for (; (due[g] as number) < now + LOOK_MS; due[g] = (due[g] as number) + (periods[g] as number)) {
        encoder.put(2 * part + 1, given, values, 0, now)
        drain()
      }
      given[g] = false
    }
    encoder.flush(now, flushMs)
    drain()
  }
  return (sectors / length) * 1000
}

/** Sectors a second of the whole channel list with the program's own settings, for each format that holds all its groups. */
export function channelListRates(): Readonly<Record<string, number>> {
  const settings = readSettings(new Uint8Array(0))
  const whole = Object.keys(LOG_FORMATS).filter((format) => !logFormat(format).oneGroup)
  return Object.fromEntries(whole.map((format) => [format, sectorRate({ ...settings, format })]))
}
