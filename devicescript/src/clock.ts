import * as ds from "@devicescript/core"
import type { Clock } from "../../shared/card/bus.js"

/** The machine's time. `now` stands still until the fiber yields. */
export class DeviceClock implements Clock {
  now(): number {
    return ds.millis()
  }

  async sleep(ms: number): Promise<void> {
    await ds.sleep(ms)
  }
}
