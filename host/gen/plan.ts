import type { GroupSource, LoggedGroup } from "../../shared/channels.js"
import { WAVES } from "../../shared/simulated.js"
import { GENERATED, list } from "./code.js"

/** `generated/plan.ts`: what the sampler needs of the channel list. */
export function devicePlan(groups: readonly LoggedGroup[]): string {
  return `${[
    GENERATED,
    "",
    "/** Names of the groups, in the order of the channel list. */",
    list(
      "export const NAMES: string[]",
      groups.map((group) => JSON.stringify(group.name)),
    ),
    "",
    "/** ms between two rows of each group, unless the card's settings say otherwise. */",
    list(
      "export const PERIODS: number[]",
      groups.map((group) => String(1000 / group.rate)),
    ),
    "",
    "/** Channels of each group. */",
    list(
      "export const WIDTHS: number[]",
      groups.map((group) => String(group.channels.length)),
    ),
  ].join("\n")}\n`
}

/** `generated/simulated-sources.ts`: a source a group for the simulator. */
export function simulatedSources(groups: readonly LoggedGroup[]): string {
  const items = groups.map((group) => {
    if (group.source.kind === "logger") return "health(status)"
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
  const drivers = [...new Set(groups.map((group) => DRIVERS[group.source.kind].file))].sort()
  const items = groups.map(({ source }) => DRIVERS[source.kind].call(source))
  return sources(
    drivers,
    "boardSources",
    items,
    items.some((item) => item.includes("pins.")),
  )
}

/** How each kind of source is made; the function has the file's name in camel case. */
const DRIVERS: Record<GroupSource["kind"], { file: string; call: (source: GroupSource) => string }> = {
  analog: {
    file: "analog",
    call: (source) => `analog([${source.kind === "analog" ? source.pins.map((pin) => `pins.${pin}`).join(", ") : ""}])`,
  },
  mpu6050: { file: "mpu6050", call: (source) => `mpu6050(i2c, ${source.kind === "mpu6050" ? source.address : 0})` },
  chipTemperature: { file: "chip-temperature", call: () => "chipTemperature()" },
  logger: { file: "health", call: () => "health(status)" },
}

function sources(drivers: string[], name: string, items: string[], pins: boolean): string {
  const i2c = items.some((item) => item.includes("i2c"))
  const status = items.some((item) => item.includes("status"))
  const parameters = [...(i2c ? ["i2c: I2cBus"] : []), ...(status ? ["status: Status"] : [])].join(", ")
  const imports = [
    ...(pins ? ['import { pins } from "@dsboard/fieldlog_pico"'] : []),
    ...(i2c ? ['import type { I2cBus } from "../sensors/i2c.js"'] : []),
    ...drivers.map((file) => `import { ${file.replace(/-(.)/g, (_, c: string) => c.toUpperCase())} } from "../sensors/${file}.js"`),
    'import type { Source } from "../source.js"',
    ...(status ? ['import type { Status } from "../status.js"'] : []),
  ].sort(byOrigin)
  const body = items.map((item) => `    ${item},`)
  return `${[
    GENERATED,
    ...imports,
    "",
    "/** Sources in the order of the channel list. */",
    `export function ${name}(${parameters}): Source[] {`,
    "  return [",
    ...body,
    "  ]",
    "}",
  ].join("\n")}\n`
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
