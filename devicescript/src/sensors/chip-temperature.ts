import * as ds from "@devicescript/core"
import { mcuTemperature } from "@devicescript/runtime"
import type { Source } from "../source.js"

/** The microcontroller's temperature in whole degrees. The firmware needs milliseconds for it, so a fiber asks ahead. */
export function chipTemperature(): Source {
  let latest = -32768
  const watch = async () => {
    for (;;) {
      latest = Math.round(await mcuTemperature())
      await ds.sleep(500)
    }
  }
  return {
    start: async () => {
      watch.start()
    },
    read: (values) => {
      values[0] = latest
      return latest !== -32768
    },
  }
}
