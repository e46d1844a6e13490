import type { Channel } from "../model/log.js"
import { isInteger } from "../model/wire.js"

/** Most decimals that a fixed-point cell gets. */
const MOST = 12
/** The note of a channel that was computed from another: decimals that tell something. */
const COMPUTED = "computed-digits"

/** A channel's notes for what is computed from it, so that text shows `more` decimals than the channel itself has, and no further noise. */
export function computedNotes(channel: Channel, more: number): Channel["notes"] {
  const digits = channelDigits(channel)
  return digits < 0 ? channel.notes : { ...channel.notes, [COMPUTED]: String(Math.min(MOST, digits + more)) }
}

/** Notes of a computed channel of which text shows so many decimals. */
export function digitsNote(digits: number): Channel["notes"] {
  return { [COMPUTED]: String(digits) }
}

/**
 * Decimals that show every raw step of an integer channel and no more: 2 for steps of 0.01, 0 for whole numbers.
 * A step that is no decimal fraction (1/3) gets one more than its size asks for, so neighbours stay apart.
 * @returns -1 for channels whose numbers have no step: floating point, text
 */
export function channelDigits(channel: Channel): number {
  if (channel.type === "f64" && channel.notes[COMPUTED] !== undefined) return Number(channel.notes[COMPUTED])
  if (!isInteger(channel.type)) return -1
  const { calibration } = channel
  if (calibration === null) return 0
  const step = Math.abs(calibration.multiplier / calibration.divisor)
  return stepDigits(step, calibration.addition)
}

/** Decimals of the multiples of `step`, of which the first lies at `shift` steps; -1 when there is no sound step. */
export function stepDigits(step: number, shift = 0): number {
  if (!Number.isFinite(step) || step === 0) return -1
  for (let digits = 0; digits <= MOST; digits++) if (isWhole(step * 10 ** digits) && isWhole(shift * step * 10 ** digits)) return digits
  const digits = Math.max(0, Math.ceil(-Math.log10(step))) + 1
  return digits <= MOST ? digits : -1
}

/** Decimals of times that lie `step` seconds apart: where the step is no decimal fraction, enough to tell a hundredth of it. */
export function timeStepDigits(step: number): number {
  const digits = stepDigits(step)
  return digits < 0 || isWhole(step * 10 ** digits) ? digits : Math.min(MOST, digits + 1)
}

function isWhole(x: number): boolean {
  const whole = Math.round(x)
  return Math.abs(x - whole) <= Math.min(Math.abs(x) * 1e-12, 1e-3)
}
