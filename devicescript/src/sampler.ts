import type { Clock } from "../../shared/card/bus.js"
import type { Encoder } from "../../shared/encoder.js"
import { PARTS } from "./generated/plan.js"
import type { Sensing } from "./sensing.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** Groups of one rate: they share their ticks. */
export interface Rate {
  /** ms between two rows. */
  period: number
  /** Their places in the channel list. */
  places: number[]
  /** The parts of the list that they are in. */
  parts: number[]
  /** One a group of the whole list: it has a row now. */
  given: boolean[]
}

/** The rates in use, each with its groups. @param periods ms between two rows of each group; 0 for a group that is off */
export function ratesOf(periods: number[]): Rate[] {
  const rates: Rate[] = []
  for (let i = 0; i < periods.length; i++) {
    const period = periods[i] as number
    const places: number[] = []
    const parts: number[] = []
    const given: boolean[] = []
    for (let k = 0; k < periods.length; k++) {
      given.push(false)
      if (periods[k] !== period) continue
      places.push(k)
      const part = PARTS[k] as number
      if (parts.indexOf(part) < 0) parts.push(part)
    }
    if (period > 0 && places[0] === i) rates.push({ period, places, parts, given })
  }
  return rates
}

/** Starts a fiber for each rate. @param start time of tick 0 */
export function startSamplers(sensing: Sensing, encoder: Encoder, status: Status, clock: Clock, start: number): void {
  const rates = ratesOf(sensing.periods)
  for (let i = 0; i < rates.length; i++) sample.start(rates[i] as Rate, sensing, encoder, status, clock, start)
}

/** Samples the groups of one rate at absolute deadlines, for ever. */
async function sample(rate: Rate, sensing: Sensing, encoder: Encoder, status: Status, clock: Clock, start: number): Promise<void> {
  const period = rate.period
  let due = start
  for (;;) {
    const wait = due - clock.now()
    // Late: the others come first all the same, or card and timers would never get their turn.
    await clock.sleep(wait > 1 ? wait : 1)
    const now = clock.now() - start
    takeRows(rate, sensing, encoder, status, now)
    due = due + period
    const behind = now + start - due
    if (behind >= period) {
      const missed = Math.floor(behind / period)
      if (!status.paused) status.dropped = status.dropped + missed * rate.places.length
      due = due + missed * period
    }
  }
}

/** One turn: asks the sensors, then stores what they gave. No wait, and no call but one a sensor. @param now ms since tick 0 */
export function takeRows(rate: Rate, sensing: Sensing, encoder: Encoder, status: Status, now: number): void {
  const places = rate.places
  const given = rate.given
  const asked = sensing.asked
  const values = sensing.values
  const n = places.length
  let dropped = 0
  for (let i = 0; i < n; i++) {
    const g = places[i] as number
    const source = asked[g] as Source
    if (source.read(values[g] as number[], now)) given[g] = true
    else {
      given[g] = false
      sensing.misses[g] = (sensing.misses[g] as number) + 1
      dropped = dropped + 1
    }
  }
  if (status.paused) return
  const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
  const parts = rate.parts
  for (let i = 0; i < parts.length; i++) dropped = dropped + encoder.put(parts[i] as number, given, values, tick, now)
  if (dropped > 0) status.dropped = status.dropped + dropped
}
