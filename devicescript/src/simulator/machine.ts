import { defaultSettings } from "../../../shared/logger/settings.js"
import { deviceClock } from "../clock.js"
import { PERIODS } from "../generated/plan.js"
import { simulatedSources } from "../generated/simulated-sources.js"
import type { Machine } from "../machine.js"
import { SimulatorBus } from "./bus.js"
import { ask, tell } from "./natives.js"

/** The simulator: the host is the card, says what to do, and hears how it goes. */
export function simulatorMachine(): Machine {
  const settings = defaultSettings(PERIODS)
  settings.format = ask("ddff") === 1 ? "ddff" : "meteor"
  settings.flushMs = ask("flushMs")
  settings.fileBytes = ask("fileBytes")
  settings.fileMs = ask("fileMs")
  settings.overwrite = ask("overwrite") === 1
  return {
    settings,
    flash: async () => "",
    slots: 16,
    hz: 10000000,
    bus: new SimulatorBus(),
    clock: deviceClock,
    wallClocks: [],
    sources: simulatedSources,
    show: (state) => tell(`state ${state}`, 0),
    stopped: () => ask("stop") === 1,
    restart: () => tell("restart", 0),
    random: () => (Math.random() * 4294967296) | 0,
    ballast: ask("ballast"),
  }
}
