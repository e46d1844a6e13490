import type { ClockSource, LoggedGroup } from "../../shared/logger/channel-list.js"

/** A board, as far as a channel list can be at odds with it. */
interface ListBoard {
  readonly archId: string
  readonly pins: Readonly<Record<string, number>>
}

/** What the drivers in devicescript/src/sensors take, and how many channels they fill; `pins` one a pin. A user's own drivers are not here. */
const DRIVERS: Readonly<Record<string, { readonly takes: "pins" | "address" | "nothing" | "status"; readonly channels: number }>> = {
  analog: { takes: "pins", channels: 0 },
  digital: { takes: "pins", channels: 0 },
  pulses: { takes: "pins", channels: 0 },
  mpu6050: { takes: "address", channels: 6 },
  lsm6ds: { takes: "address", channels: 6 },
  sht30: { takes: "address", channels: 2 },
  bme680: { takes: "address", channels: 12 },
  "chip-temperature": { takes: "nothing", channels: 1 },
  health: { takes: "status", channels: 4 },
}
const TAKES = { pins: "one list of pins", address: '"bus" and an address', nothing: "nothing", status: '"status"' } as const

/** Labels of pins that the logger itself uses. */
const OWN_PINS = ["SD_MISO", "SD_MOSI", "SD_SCK", "SD_CS", "LED", "BTN"]
/** Addresses that I2C leaves to devices: UM10204, 3.1.12. */
const FIRST_ADDRESS = 0x08
const LAST_ADDRESS = 0x77
/** The clock chip DS3231 has only this one. */
const CLOCK_ADDRESS = 0x68

/**
 * What the board cannot run of a channel list: one sentence a fault.
 * @param drivers files of devicescript/src/sensors, without their endings
 */
export function boardFaults(
  groups: readonly LoggedGroup[],
  clocks: readonly ClockSource[],
  board: ListBoard,
  drivers: readonly string[],
): string[] {
  const faults: string[] = []
  const pinUsers = new Map<string, string>()
  const addressUsers = new Map<number, string>()
  if (clocks.includes("ds3231")) addressUsers.set(CLOCK_ADDRESS, "the clock chip")
  for (const { name, source, channels } of groups) {
    const known = DRIVERS[source.driver]
    if (!drivers.includes(source.driver)) faults.push(`${name}: no driver ${source.driver} in devicescript/src/sensors`)
    if (known !== undefined && !fits(source, known.takes)) {
      faults.push(`${name}: the driver ${source.driver} takes ${TAKES[known.takes]}`)
      continue
    }
    if (known !== undefined && known.channels > 0 && known.channels !== channels.length)
      faults.push(`${name}: the driver ${source.driver} fills ${known.channels} channels, the group has ${channels.length}`)
    for (const pin of source.with.flatMap((argument) => (typeof argument === "object" ? argument : []))) {
      const fault = pinFault(pin, source.driver, board) ?? usedTwice(pinUsers, pin, name, `pin ${pin}`)
      if (fault !== null) faults.push(`${name}: ${fault}`)
    }
    if (!source.with.includes("bus")) continue
    for (const address of source.with.filter((argument) => typeof argument === "number")) {
      const shown = `address 0x${address.toString(16)}`
      const inRange = Number.isInteger(address) && address >= FIRST_ADDRESS && address <= LAST_ADDRESS
      const fault = inRange ? usedTwice(addressUsers, address, name, shown) : `${shown}, expected 0x08 to 0x77`
      if (fault !== null) faults.push(`${name}: ${fault}`)
    }
  }
  return faults
}

function fits({ with: given }: LoggedGroup["source"], takes: keyof typeof TAKES): boolean {
  const [first, second] = given
  if (takes === "nothing") return given.length === 0
  if (takes === "status") return given.length === 1 && first === "status"
  if (takes === "pins") return given.length === 1 && typeof first === "object" && first.length > 0
  return given.length === 2 && first === "bus" && typeof second === "number"
}

function pinFault(pin: string, driver: string, { archId, pins }: ListBoard): string | null {
  const gpio = pins[pin]
  if (gpio === undefined) return `the board has no pin ${pin}; it has ${free(pins).join(", ")}`
  if (OWN_PINS.includes(pin)) return `pin ${pin} is the logger's own`
  // RP2040 datasheet, 4.9: the converter's inputs are GPIO 26 to 29.
  if (driver === "analog" && archId === "rp2040" && (gpio < 26 || gpio > 29)) return `pin ${pin} is no analog input`
  return null
}

function free(pins: ListBoard["pins"]): string[] {
  return Object.keys(pins).filter((pin) => !OWN_PINS.includes(pin))
}

/** Notes who uses something; a sentence when somebody does already. */
function usedTwice<T>(users: Map<T, string>, what: T, name: string, shown: string): string | null {
  const other = users.get(what)
  users.set(what, name)
  return other === undefined ? null : `${shown} is used by ${other}, too`
}
