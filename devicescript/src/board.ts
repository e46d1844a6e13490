import * as ds from "@devicescript/core"
import { pins } from "@dsboard/fieldlog_pico"
import { defaultSettings } from "../../shared/logger/settings.js"
import { keepAwake } from "./board/awake.js"
import { BoardBus } from "./board/bus.js"
import { closeWanted, startButton } from "./board/button.js"
import { flashSettings } from "./board/flash.js"
import { blinkOn, startLight } from "./board/light.js"
import { deviceClock } from "./clock.js"
import { boardClocks } from "./generated/board-clocks.js"
import { boardSources } from "./generated/board-sources.js"
import { PERIODS } from "./generated/plan.js"
import { logger } from "./main.js"
import { BALLAST } from "./memory.js"
import { BoardI2c } from "./sensors/i2c.js"

/** The logger on a Raspberry Pi Pico: the wiring is in boards/fieldlog_pico.md. */
const i2c = new BoardI2c()
startLight(pins.LED)
startButton(pins.BTN)
keepAwake()

await logger({
  settings: defaultSettings(PERIODS),
  flash: flashSettings,
  slots: 16,
  hz: 10000000,
  bus: new BoardBus(pins.SD_MISO, pins.SD_MOSI, pins.SD_SCK, pins.SD_CS),
  clock: deviceClock,
  wallClocks: boardClocks(i2c),
  sources: (status) => boardSources(i2c, status),
  show: blinkOn,
  stopped: closeWanted,
  restart: () => ds.reboot(),
  random: () => (Math.random() * 4294967296) | 0,
  ballast: BALLAST,
})
