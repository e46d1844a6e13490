import { DeviceClock } from "../clock.js"
import { PERIODS } from "../generated/plan.js"
import { simulatedSources } from "../generated/simulated-sources.js"
import type { Machine } from "../machine.js"
import { SimulatorBus } from "./bus.js"
import { ask, tell } from "./natives.js"

/** The simulator: the host is the card, says what to do, and hears how it goes. */
export function simulatorMachine(): Machine {
  return {
    settings: {
      format: ask("ddff") === 1 ? "ddff" : "meteor",
      flushMs: ask("flushMs"),
      fileBytes: ask("fileBytes"),
      fileMs: ask("fileMs"),
      overwrite: ask("overwrite") === 1,
      start: "",
      periods: PERIODS,
    },
    slots: 16,
    hz: 10000000,
    bus: new SimulatorBus(),
    clock: new DeviceClock(),
    sources: simulatedSources,
    show: (state) => tell(`state ${state}`, 0),
    stopped: () => ask("stop") === 1,
    random: () => (Math.random() * 4294967296) | 0,
    ballast: ask("ballast"),
  }
}
