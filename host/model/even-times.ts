import type { TimeBase } from "./log.js"

type EvenBase = Extract<TimeBase, { readonly kind: "fixed" }>

/**
 * Times of rows that come evenly: row n is at `shift + (first + n * step) / per` seconds. `first` and `step` are whole where that says
 * the same to half a ns, and `shift` is 0 then: the division is the only rounding, so equal instants of two groups are equal numbers.
 */
interface EvenTimes {
  readonly shift: number
  readonly first: number
  readonly step: number
  readonly per: number
}

const NS = 1e9
/** Instants that are nearer than this, in seconds, are one. */
const SAME_INSTANT = 0.5e-9

/** The times of a fixed rate, as whole samples or whole ns where either holds them. */
export function evenTimes({ rate, offset }: EvenBase): EvenTimes {
  const samples = Math.round(offset * rate)
  if (holds(samples, rate, offset)) return { shift: 0, first: samples, step: 1, per: rate }
  const [first, step] = [Math.round(offset * NS), Math.round(NS / rate)]
  if (step * rate === NS && holds(first, NS, offset)) return { shift: 0, first, step, per: NS }
  return { shift: offset, first: 0, step: 1, per: rate }
}

/** True where `whole / per` is `time`; beyond 2^52 whole numbers cannot be counted on. */
function holds(whole: number, per: number, time: number): boolean {
  return Math.abs(whole) < 2 ** 52 && Math.abs(whole / per - time) < SAME_INSTANT
}

/** Seconds from the log's start of row `n`. */
export function evenTime({ shift, first, step, per }: EvenTimes, n: number): number {
  return shift + (first + n * step) / per
}
