import type { ClockSource, LoggedGroup } from "../../shared/logger/channel-list.js"
import { partsOf } from "../../shared/logger/parts.js"
import { WAVES } from "../../shared/logger/simulated.js"
import { generated, list } from "./code.js"

/** `generated/plan.ts`: what the sampler needs of the channel list. */
export function devicePlan(groups: readonly LoggedGroup[]): string {
  return generated([
    "",
    "/** Names of the groups, in the order of the channel list. */",
    list("export const NAMES: string[]", groups, ({ name }) => JSON.stringify(name)),
    "",
    "/** ms between two rows of each group, unless the card's settings say otherwise. */",
    list("export const PERIODS: number[]", groups, ({ rate }) => 1000 / rate),
    "",
    "/** The part of the channel list that a group belongs to: see PutRows in shared/logger/encoder.ts. */",
    list("export const PARTS: number[]", groups, (_, place) => partsOf(groups).findIndex((places) => places.includes(place))),
    "",
    "/** Channels of each group. */",
    list("export const WIDTHS: number[]", groups, ({ channels }) => channels.length),
    ...batteryPlan(groups),
  ])
}

/** The supply's group, and how LOGGER.CFG's volts become its raw value. */
function batteryPlan(groups: readonly LoggedGroup[]): string[] {
  const index = groups.findIndex((group) => group.battery)
  const { addition, divisor, multiplier } = groups[index]?.channels[0]?.calibration ?? { addition: 0, divisor: 1, multiplier: 1 }
  return [
    "",
    "/** Place of the group that measures the supply, -1 for none. */",
    `export const BATTERY = ${index}`,
    "/** Its raw value is volts times this, plus BATTERY_ZERO. */",
    `export const BATTERY_SCALE = ${divisor / multiplier}`,
    `export const BATTERY_ZERO = ${addition === 0 ? 0 : -addition}`,
  ]
}

/** `generated/simulated-sources.ts`: a source a group for the simulator. */
export function simulatedSources(groups: readonly LoggedGroup[]): string {
  const items = groups.map((group) => {
    if (group.source.driver === "health") return "health(status)"
    const waves = group.channels.map((_, i) => `[${waveArguments(group, i).join(", ")}]`)
    return `simulated([${waves.join(", ")}])`
  })
  return sources(["simulated", ...(items.includes("health(status)") ? ["health"] : [])], "simulatedSources", items, false)
}

/** Arguments of `simulate` before the time, for channel `i` of a group. */
export function waveArguments(group: LoggedGroup, i: number): [number, number, number, number, number, number] {
  const simulated = group.channels[i]?.simulated
  if (simulated === undefined || simulated === null) throw new RangeError(`${group.name}: channel ${i} is not simulated`)
  const { wave, periodMs, amplitude, offset, noise } = simulated
  return [WAVES.indexOf(wave), periodMs, amplitude, offset, noise, group.id * 16 + i]
}

/** `generated/board-sources.ts`: a source a group for the board. */
export function boardSources(groups: readonly LoggedGroup[]): string {
  const drivers = [...new Set(groups.map((group) => group.source.driver))].sort()
  const items = groups.map(({ source }) => `${camelCase(source.driver)}(${source.with.map(argument).join(", ")})`)
  return sources(
    drivers,
    "boardSources",
    items,
    items.some((item) => item.includes("pins.")),
  )
}

function argument(value: LoggedGroup["source"]["with"][number]): string {
  return typeof value === "object" ? `[${value.map((pin) => `pins.${pin}`).join(", ")}]` : String(value)
}

/** `chip-temperature` to `chipTemperature`. */
function camelCase(file: string): string {
  return file.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function sources(drivers: string[], name: string, items: string[], pins: boolean): string {
  const bus = items.some((item) => /\bbus\b/.test(item))
  const status = items.some((item) => item.includes("status"))
  // The board calls its own with both, whatever the list.
  const board = name === "boardSources"
  const parameters = board ? `${bus ? "bus" : "_bus"}: I2cBus, ${status ? "status" : "_status"}: Status` : status ? "status: Status" : ""
  const imports = [
    ...(pins ? ['import { pins } from "@dsboard/fieldlog_pico"'] : []),
    ...(board ? ['import type { I2cBus } from "../sensors/i2c.js"'] : []),
    ...drivers.map((file) => `import { ${camelCase(file)} } from "../sensors/${file}.js"`),
    'import type { Source } from "../source.js"',
    ...(board || status ? ['import type { Status } from "../status.js"'] : []),
  ].sort(byOrigin)
  const body = items.map((item) => `    ${item},`)
  return generated([
    ...imports,
    "",
    "/** Sources in the order of the channel list. */",
    `export function ${name}(${parameters}): Source[] {`,
    "  return [",
    ...body,
    "  ]",
    "}",
  ])
}

/** `generated/board-clocks.ts`: the clocks that the board asks for the time of day. */
export function boardClocks(clocks: readonly ClockSource[]): string {
  const items = clocks.map((clock) => (clock === "ds3231" ? "ds3231(bus)" : `httpDate(${JSON.stringify(clock.http)})`))
  const chip = clocks.includes("ds3231")
  return generated([
    ...(chip ? ['import { ds3231 } from "../clocks/ds3231.js"'] : []),
    ...(items.length > Number(chip) ? ['import { httpDate } from "../clocks/http-date.js"'] : []),
    'import type { WallClock } from "../machine.js"',
    'import type { I2cBus } from "../sensors/i2c.js"',
    "",
    "/** Clocks in the order in which they are asked. */",
    `export function boardClocks(${chip ? "bus" : "_bus"}: I2cBus): WallClock[] {`,
    `  return [${items.join(", ")}]`,
    "}",
  ])
}

/** Packages before paths, as the linter has it. */
function byOrigin(a: string, b: string): number {
  const key = (line: string): string =>
    line
      .slice(line.indexOf('from "') + 6)
      .replace("@", "!")
      .replace(".", "~")
  return key(a) < key(b) ? -1 : 1
}
