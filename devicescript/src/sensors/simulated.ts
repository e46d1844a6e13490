import { simulate } from "../../../shared/logger/simulated.js"
import { nothing, type Source } from "../source.js"

/** Waves and noise. Each channel: wave, period, amplitude, offset, noise, seed. */
export function simulated(channels: number[][]): Source {
  return {
    start: nothing,
    read: (values, now) => {
      for (let i = 0; i < channels.length; i++) {
        const c = channels[i] as number[]
        values[i] = simulate(c[0] as number, c[1] as number, c[2] as number, c[3] as number, c[4] as number, c[5] as number, now)
      }
      return true
    },
  }
}
