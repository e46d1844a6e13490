import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import { keepAwake } from "../../../devicescript/src/board/awake.js"
import { BoardBus } from "../../../devicescript/src/board/bus.js"
import { blinkOn, startLight } from "../../../devicescript/src/board/light.js"
import { deviceClock } from "../../../devicescript/src/clock.js"
import { PERIODS } from "../../../devicescript/src/generated/plan.js"
import { simulatedSources } from "../../../devicescript/src/generated/simulated-sources.js"
import { logger } from "../../../devicescript/src/main.js"
import { BALLAST } from "../../../devicescript/src/memory.js"
import { nothing, type Source } from "../../../devicescript/src/source.js"
import type { Status } from "../../../devicescript/src/status.js"
import { defaultSettings } from "../../../shared/logger/settings.js"

/** The whole logger with its own channel list; the fastest group's sensor is a pin: GP2 changes each time it is asked. */
let high = false
const edge: Source = {
  start: nothing,
  read: (values) => {
    high = !high
    pins.GP2.setMode(high ? ds.GPIOMode.OutputHigh : ds.GPIOMode.OutputLow)
    values[0] = high ? 1 : 0
    return true
  },
}

startLight(pins.LED)
keepAwake()

await logger({
  settings: defaultSettings(PERIODS),
  flash: async () => "",
  slots: 16,
  hz: 12000000,
  bus: new BoardBus(pins.SD_MISO, pins.SD_MOSI, pins.SD_SCK, pins.SD_CS),
  clock: deviceClock,
  wallClocks: [],
  sources: (status: Status) => {
    const sources = simulatedSources(status)
    sources[0] = edge
    return sources
  },
  show: blinkOn,
  stopped: () => false,
  random: () => 1,
  restart: () => {},
  ballast: BALLAST,
})
