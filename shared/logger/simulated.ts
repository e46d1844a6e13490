/**
 * Simulated sensors: integers only, the same values from the same time on the board and on Node, so that a test can
 * say what every logged sample must be.
 */

/** Wave shapes as numbers, for the plan. */
export const WAVES = ["sine", "triangle", "saw", "square"]

/**
 * The raw value of a simulated channel.
 * @param wave index into `WAVES`
 * @param seed tells channels with equal settings apart
 * @param t ms since the log's start
 */
export function simulate(
  wave: number,
  periodMs: number,
  amplitude: number,
  offset: number,
  noise: number,
  seed: number,
  t: number,
): number {
  const phase = Math.floor(((t - Math.floor(t / periodMs) * periodMs) * 65536) / periodMs)
  let y = 32767
  if (wave === 0) {
    // A parabola a half wave: within 6 % of a sine and exact in integers.
    const x = phase & 32767
    y = (x * (32768 - x)) >> 13
    if (phase > 32767) y = -y
  } else if (wave === 1) y = phase < 32768 ? phase * 2 - 32768 : 98304 - phase * 2
  else if (wave === 2) y = phase - 32768
  else if (phase > 32767) y = -32767
  let h = Math.imul(t, 1103515245) ^ Math.imul(seed, 747796405)
  h = Math.imul(h ^ (h >>> 15), 739982445)
  h = Math.imul(h ^ (h >>> 12), 695872825)
  return offset + ((y * amplitude) >> 15) + (((h >>> 16) * (2 * noise + 1)) >>> 16) - noise
}
