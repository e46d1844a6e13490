import { BATTERY, BATTERY_SCALE, BATTERY_ZERO } from "./generated/plan.js"
import type { Machine } from "./machine.js"
import type { Sensing } from "./sensing.js"
import type { Status } from "./status.js"

const LOOK_MS = 50
/** The supply must be low for half a second, in two samples at least: a starter motor's first dip shall not close the file. */
const LOW_MS = 450
/** It must be back for five seconds, and by this much, before a new file is begun. */
const BACK_MS = 4950
const BACK = 1.03
/**
 * 48 days. The firmware keeps the times at which fibers wake in 32 bits of milliseconds and compares them as they are: where these end,
 * after 49.7 days, no wait of any program ends any more. Only a reset of the board sets its clock back.
 */
export const LONGEST_RUN_MS = 4147200000

/**
 * Pauses the logging while the person wants it, and while the supply is too low to finish a write safely; ends it for a restart when
 * the board's clock has run as far as it may.
 */
export async function watch(machine: Machine, sensing: Sensing, status: Status): Promise<void> {
  const volts = BATTERY < 0 ? 0 : machine.settings.lowVolts
  const supply = sensing.values[BATTERY < 0 ? 0 : BATTERY] as number[]
  let since = -1
  for (;;) {
    await machine.clock.sleep(LOOK_MS)
    const now = machine.clock.now()
    const raw = supply[0] as number
    // 0 is a supply that has not been measured since the last look: nothing runs without one.
    if (volts > 0 && raw > 0) {
      supply[0] = 0
      const limit = (status.low ? volts * BACK : volts) * BATTERY_SCALE + BATTERY_ZERO
      if (raw < limit === status.low) since = -1
      else if (since < 0) since = now
      else if (now - since >= (status.low ? BACK_MS : LOW_MS)) {
        status.low = !status.low
        since = -1
      }
    }
    if (now >= LONGEST_RUN_MS) status.over = true
    status.paused = status.low || status.over || machine.stopped()
  }
}
