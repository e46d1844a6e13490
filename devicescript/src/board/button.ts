import * as ds from "@devicescript/core"
import "@devicescript/gpio"

const LOOK_MS = 20
/** Looks that must agree: contacts bounce for some milliseconds. */
const LOOKS = 3

let pressed = false

/** True while the person wants the file closed: one press closes it, the next begins a new one. */
export function closeWanted(): boolean {
  return pressed
}

/** Starts the fiber that looks at the button, which goes from the pin to ground. */
export function startButton(pin: ds.InputPin): void {
  pin.setMode(ds.GPIOMode.InputPullUp)
  look.start(pin)
}

async function look(pin: ds.InputPin): Promise<void> {
  let down = false
  let looks = 0
  for (;;) {
    await ds.sleep(LOOK_MS)
    if ((pin.value === 0) === down) looks = 0
    else looks = looks + 1
    if (looks < LOOKS) continue
    looks = 0
    down = !down
    if (down) pressed = !pressed
  }
}
