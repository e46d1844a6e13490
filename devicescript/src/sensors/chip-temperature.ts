import * as ds from "@devicescript/core"
import { mcuTemperature } from "@devicescript/runtime"
import type { Source } from "../source.js"

/** The microcontroller's temperature in whole degrees. The firmware needs milliseconds for it, so a fiber asks ahead. */
export function chipTemperature(): Source {
  let latest = -1000
  const watch = async () => {
    for (;;) {
      latest = Math.round(await mcuTemperature())
      await ds.sleep(500)
    }
  }
  watch.start()
  return {
    start: async () => {
      for (let n = 0; latest === -1000 && n < 100; n++) await ds.sleep(10)
    },
    read: (values) => {
      values[0] = latest
      return latest !== -1000
    },
  }
}
