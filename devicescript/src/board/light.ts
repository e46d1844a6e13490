import * as ds from "@devicescript/core"
import "@devicescript/gpio"

/** The light does not blink: it is on. */
const STEADY = -1

let blinks = 0

/** Says by the light how it goes: so many blinks every two seconds, steady for "closed", dark otherwise. */
export function blinkOn(state: string): void {
  console.log(state)
  if (state === "logging") blinks = 1
  else if (state === "absent" || state === "timeout" || state === "changed") blinks = 2
  else if (state === "full" || state === "root-full") blinks = 3
  else if (state === "protected") blinks = 4
  else if (state === "closed") blinks = STEADY
  else if (state === "starting" || state === "low") blinks = 0
  else if (state === "exfat" || state === "fat16" || state === "gpt" || state === "not-fat32" || state === "no-partition") blinks = 6
  else blinks = 5
}

/** Starts the fiber that blinks. */
export function startLight(led: ds.OutputPin): void {
  blink.start(led)
}

async function blink(led: ds.OutputPin): Promise<void> {
  for (;;) {
    const n = blinks
    for (let i = 0; i < n; i++) {
      led.setMode(ds.GPIOMode.OutputHigh)
      await ds.sleep(80)
      led.setMode(ds.GPIOMode.OutputLow)
      await ds.sleep(170)
    }
    led.setMode(n === STEADY ? ds.GPIOMode.OutputHigh : ds.GPIOMode.OutputLow)
    await ds.sleep(n === STEADY ? 250 : 2000 - n * 250)
  }
}
