import * as ds from "@devicescript/core"
import "@devicescript/gpio"
import { nothing, type Source } from "../source.js"

/** How often the pins are looked at, ms. The samplers take up to 5 ms at a time, so a level must last that long. */
const LOOK_MS = 2

/**
 * Pulses counted since the start, at pins that are pulled up; a pulse is counted at its rising edge. One pin a channel.
 * No interrupt reaches the program, so a fiber looks: good for 50 pulses a second (a square wave has 10 ms a level then), not for more.
 */
export function pulses(pins: ds.InputPin[]): Source {
  const counts: number[] = []
  for (let i = 0; i < pins.length; i++) {
    pins[i].setMode(ds.GPIOMode.InputPullUp)
    counts.push(0)
  }
  count.start(pins, counts)
  return {
    start: nothing,
    read: (values) => {
      for (let i = 0; i < counts.length; i++) values[i] = counts[i]
      return true
    },
  }
}

async function count(pins: ds.InputPin[], counts: number[]): Promise<void> {
  const before: number[] = []
  for (let i = 0; i < pins.length; i++) before.push(1)
  for (;;) {
    for (let i = 0; i < pins.length; i++) {
      const now = pins[i].value as number
      if (now > before[i]) counts[i] = counts[i] + 1
      before[i] = now
    }
    await ds.sleep(LOOK_MS)
  }
}
