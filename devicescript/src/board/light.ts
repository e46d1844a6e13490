import * as ds from "@devicescript/core"
import "@devicescript/gpio"

let blinks = 1

/** Says by the light how it goes: so many blinks every two seconds. */
export function blinkOn(state: string): void {
  console.log(state)
  if (state === "logging") blinks = 1
  else if (state === "absent" || state === "timeout" || state === "changed") blinks = 2
  else if (state === "full" || state === "root-full") blinks = 3
  else if (state === "protected") blinks = 4
  else if (state === "starting" || state === "closed") blinks = 0
  else blinks = 5
}

/** Starts the fiber that blinks. Dark: not started yet, or closed and safe to take out. */
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
    await ds.sleep(2000 - n * 250)
  }
}
