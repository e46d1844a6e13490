import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { SCALARS } from "../logger/scalars.js"

/** What is wrong with a channel list: one sentence a fault, empty when both formats can carry it. `boardFaults` asks the board. */
export function channelFaults(groups: readonly LoggedGroup[]): string[] {
  const faults: string[] = []
  if (groups.length === 0 || groups.length > 15) faults.push(`${groups.length} groups, expected 1 to 15`)
  repeated(groups.map((group) => String(group.id))).map((id) => faults.push(`group id ${id} is used twice`))
  repeated(groups.map((group) => group.name)).map((name) => faults.push(`group name ${name} is used twice`))
  const names = groups.flatMap((group) => group.channels.map((channel) => channel.name))
  repeated(names).map((name) => faults.push(`channel name ${name} is used twice`))
  if (groups.filter((group) => group.battery).length > 1) faults.push("more than one battery")
  for (const group of groups) groupFaults(group, faults)
  return faults
}

/** Names that mean something else in LOGGER.CFG. */
const RESERVED = ["format", "name", "flush", "file", "rotate", "full", "start", "crc", "low"]

function groupFaults(group: LoggedGroup, faults: string[]): void {
  const { name, channels } = group
  if (!Number.isInteger(group.id) || group.id < 1 || group.id > 15) faults.push(`${name}: id ${group.id}, expected 1 to 15`)
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) faults.push(`${name}: a group name is a lower-case letter, then letters and digits`)
  if (RESERVED.includes(name)) faults.push(`${name}: is the name of a setting in LOGGER.CFG`)
  if (!(group.rate > 0 && group.rate <= 1000)) faults.push(`${name}: rate ${group.rate} Hz, expected more than 0 and at most 1000`)
  // msgpack arrays of more than 15 entries cannot be replayed by ddff's own reader.
  if (channels.length < 1 || channels.length > 15) faults.push(`${name}: ${channels.length} channels, expected 1 to 15`)
  const [only] = channels
  if (channels.length === 1 && only?.name !== name) faults.push(`${name}: a group of one channel is named like its channel`)
  const { source, battery } = group
  for (const argument of source.with)
    if (typeof argument === "object" && argument.length !== channels.length)
      faults.push(`${name}: ${argument.length} pins for ${channels.length} channels`)
  if (battery && channels[0]?.unit !== "V") faults.push(`${name}: a battery is measured in V`)
  for (const { name: channel, type, calibration, simulated } of channels) {
    const where = `${name}.${channel}`
    if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(channel)) faults.push(`${where}: a channel name is a letter, then letters, digits, _ and -`)
    if (calibration !== null && !Object.values(calibration).every(Number.isFinite))
      faults.push(`${where}: a calibration's numbers are finite`)
    if (calibration !== null && !(calibration.divisor !== 0 && calibration.multiplier !== 0))
      faults.push(`${where}: divisor and multiplier must not be 0`)
    if (simulated === null) {
      if (source.driver !== "health") faults.push(`${where}: needs a simulated wave`)
      continue
    }
    const { low, high } = SCALARS[type]
    const swing = Math.abs(simulated.amplitude) + simulated.noise
    if (simulated.offset - swing < low || simulated.offset + swing > high)
      faults.push(`${where}: the simulated wave leaves ${low} to ${high}`)
    if (!(simulated.periodMs >= 2)) faults.push(`${where}: a wave's period is at least 2 ms`)
    if (simulated.amplitude > 32767 || simulated.noise > 32767) faults.push(`${where}: amplitude and noise are at most 32767`)
  }
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))]
}
