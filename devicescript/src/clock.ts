import * as ds from "@devicescript/core"
import type { Clock } from "../../shared/card/bus.js"

/**
 * The machine's time. `now` stands still until the fiber yields. Both are the machine's own functions: a function around them would cost an
 * activation each time, and what is allocated has to be collected.
 */
export const deviceClock: Clock = { now: ds.millis, sleep: ds.sleep }
