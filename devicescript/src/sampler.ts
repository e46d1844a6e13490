import type { Clock } from "../../shared/card/bus.js"
import type { Encoder } from "../../shared/logger/encoder.js"
import { PARTS } from "./generated/plan.js"
import type { Sensing } from "./sensing.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** The sampler looks after its rates at least so often, ms. */
const LONGEST_WAIT = 1000

/** Groups of one rate: they share their ticks. */
export interface Rate {
  /** ms between two rows. */
  period: number
  /** When the next row is due, by the machine's clock. */
  due: number
  /** Their places in the channel list. */
  places: number[]
  /** How their rows are put when all have one: for each part of the list that they are in, see PutRows in shared/logger/encoder.ts. */
  all: number[]
  /** And how when some have none. */
  some: number[]
  /** One a group of the whole list: it has a row now. */
  given: boolean[]
}

/** The rates in use, the fastest first. @param periods ms between two rows of each group; 0 for a group that is off @param start time of tick 0 */
export function ratesOf(periods: number[], start: number): Rate[] {
  const rates: Rate[] = []
  for (let i = 0; i < periods.length; i++) {
    const period = periods[i] as number
    if (period === 0 || periods.indexOf(period) < i) continue
    const rate: Rate = { period, due: start, places: [], all: [], some: [], given: [] }
    for (let k = 0; k < periods.length; k++) {
      rate.given.push(false)
      if (periods[k] !== period) continue
      rate.places.push(k)
      const part = PARTS[k] as number
      if (rate.some.indexOf(2 * part + 1) >= 0) continue
      rate.some.push(2 * part + 1)
      rate.all.push(hasWhole(part, periods, period) ? 2 * part : 2 * part + 1)
    }
    rates.push(rate)
    for (let at = rates.length - 1; at > 0 && (rates[at - 1] as Rate).period > period; at--) {
      rates[at] = rates[at - 1] as Rate
      rates[at - 1] = rate
    }
  }
  return rates
}

/** True when all groups of a part have this period. */
function hasWhole(part: number, periods: number[], period: number): boolean {
  for (let k = 0; k < periods.length; k++) {
    if (PARTS[k] === part) if (periods[k] !== period) return false
  }
  return true
}

/**
 * Samples all groups at absolute deadlines, for ever. One fiber for all rates: where several are due together, the fastest is the most
 * punctual, and all get the same tick.
 * @param start time of tick 0
 */
export async function sample(sensing: Sensing, encoder: Encoder, status: Status, clock: Clock, start: number): Promise<void> {
  const rates = ratesOf(sensing.periods, start)
  const asked = sensing.asked
  const values = sensing.values
  status.due = start
  for (;;) {
    const wait = status.due - clock.now()
    // Late: the others come first all the same, or card and timers would never get their turn.
    await clock.sleep(wait > 1 ? wait : 1)
    const now = clock.now()
    let next = now + LONGEST_WAIT
    for (let r = 0; r < rates.length; r++) {
      const rate = rates[r] as Rate
      let due = rate.due
      if (now >= due) {
        const places = rate.places
        const given = rate.given
        let missed = 0
        // On the way to a sensor no call but its own: each allocates, and may have to wait for garbage to be collected.
        for (let i = 0; i < places.length; i++) {
          const place = places[i] as number
          const source = asked[place] as Source
          const got = source.read(values[place] as number[], now - start)
          given[place] = got
          if (!got) {
            sensing.misses[place] = (sensing.misses[place] as number) + 1
            missed = missed + 1
          }
        }
        let dropped = missed
        if (!status.paused) dropped = dropped + store(rate, missed, values, encoder, now - start)
        due = due + rate.period
        if (now - due >= rate.period) {
          const turns = Math.floor((now - due) / rate.period)
          due = due + turns * rate.period
          dropped = dropped + turns * places.length
        }
        rate.due = due
        if (dropped > 0 && !status.paused) status.dropped = status.dropped + dropped
      }
      if (due < next) next = due
    }
    status.due = next
  }
}

/** Stores what the sensors gave. @param missed how many gave nothing @param now ms since tick 0 @returns rows that found no room */
function store(rate: Rate, missed: number, values: number[][], encoder: Encoder, now: number): number {
  const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
  const put = missed === 0 ? rate.all : rate.some
  let lost = 0
  for (let i = 0; i < put.length; i++) lost = lost + encoder.put(put[i] as number, rate.given, values, tick, now)
  return lost
}
