import * as ds from "@devicescript/core"
import "@devicescript/gpio"
import { nothing, type Source } from "../source.js"

/** Analog inputs: 0 to 65520, twelve bits left-aligned, one conversion each (24 us on an RP2040). */
export function analog(pins: ds.InputPin[]): Source {
  for (let i = 0; i < pins.length; i++) pins[i].setMode(ds.GPIOMode.AnalogIn)
  return {
    start: nothing,
    read: (values) => {
      for (let i = 0; i < pins.length; i++) values[i] = (pins[i].value as number) * 65536
      return true
    },
  }
}
