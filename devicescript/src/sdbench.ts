import { pins } from "@dsboard/fieldlog_pico"
import { defaultSettings } from "../../shared/logger/settings.js"
import { sdBench } from "./bench.js"
import { keepAwake } from "./board/awake.js"
import { BoardBus } from "./board/bus.js"
import { closeWanted, startButton } from "./board/button.js"
import { blinkOn, startLight } from "./board/light.js"
import { deviceClock } from "./clock.js"
import { PERIODS } from "./generated/plan.js"

/** Measures the card instead of logging: blinks once every two seconds meanwhile, and is steady when done. The button ends it early. */
startLight(pins.LED)
startButton(pins.BTN)
keepAwake()

await sdBench({
  settings: defaultSettings(PERIODS),
  slots: 0,
  hz: 10000000,
  bus: new BoardBus(pins.SD_MISO, pins.SD_MOSI, pins.SD_SCK, pins.SD_CS),
  clock: deviceClock,
  flash: async () => "",
  wallClocks: [],
  sources: () => [],
  show: blinkOn,
  stopped: closeWanted,
  restart: () => {},
  random: () => 0,
  ballast: 0,
})
