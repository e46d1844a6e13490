import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import { defaultSettings } from "../../shared/logger/settings.js"
import "@devicescript/gpio"
import { keepAwake } from "./board/awake.js"
import { BoardBus } from "./board/bus.js"
import { blinkOn, startLight } from "./board/light.js"
import { deviceClock } from "./clock.js"
import { PERIODS } from "./generated/plan.js"
import { simulatedSources } from "./generated/simulated-sources.js"
import { logger } from "./main.js"
import { BALLAST } from "./memory.js"

/**
 * The board's program with simulated sensors: for emulators of the chip, and for a bare board on a desk whose log is then compared
 * sample for sample. GP20 to ground logs ddff, GP21 to ground closes the file.
 */
pins.GP20.setMode(ds.GPIOMode.InputPullUp)
pins.GP21.setMode(ds.GPIOMode.InputPullUp)
startLight(pins.LED)
keepAwake()

const settings = defaultSettings(PERIODS)
settings.format = pins.GP20.value === 0 ? "ddff" : "meteor"
settings.fileBytes = 1048576

await logger({
  settings,
  flash: async () => "",
  slots: 16,
  hz: 12000000,
  bus: new BoardBus(pins.SD_MISO, pins.SD_MOSI, pins.SD_SCK, pins.SD_CS),
  clock: deviceClock,
  wallClocks: [],
  sources: simulatedSources,
  show: blinkOn,
  stopped: () => pins.GP21.value === 0,
  restart: () => ds.reboot(),
  random: () => (Math.random() * 4294967296) | 0,
  ballast: BALLAST,
})
