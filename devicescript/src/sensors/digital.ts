import * as ds from "@devicescript/core"
import "@devicescript/gpio"
import { nothing, type Source } from "../source.js"

/** Levels at pins that are pulled up: 1 high, 0 low. One pin a channel. */
export function digital(pins: ds.InputPin[]): Source {
  for (let i = 0; i < pins.length; i++) pins[i].setMode(ds.GPIOMode.InputPullUp)
  return {
    start: nothing,
    read: (values) => {
      for (let i = 0; i < pins.length; i++) values[i] = pins[i].value as number
      return true
    },
  }
}
