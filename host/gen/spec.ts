import type { LoggedChannel, LoggedGroup } from "../../shared/channel-list.js"
import { topicId } from "./meteor.js"
import { SCALARS } from "./scalars.js"

/**
 * `shared/LOGSPEC.JSN`: the Meteor specification as the reference tool reads it, and beside it what a ddff log of the
 * logger does not carry: seconds per tick, units and calibrations.
 */
export function logSpec(groups: readonly LoggedGroup[]): string {
  const composites = groups.filter((group) => group.channels.length > 1)
  const spec = {
    topics: groups.flatMap((group) =>
      group.channels.map((channel, i) => ({ id: topicId(group, i), key: channel.name, unit: channel.unit, data: data(channel) })),
    ),
    composites: composites.map(({ id, name, channels }) => ({
      id,
      name,
      topics: channels.map((channel) => ({ key: channel.name, length: SCALARS[channel.type].size })),
    })),
    tickSeconds: 0.001,
    start: null,
    channels: Object.fromEntries(
      groups.map((group) => [
        group.name,
        Object.fromEntries(group.channels.map(({ name, unit, calibration }) => [name, { unit, calibration }])),
      ]),
    ),
  }
  return `${JSON.stringify(spec, null, 2)}\n`
}

function data({ type, calibration }: LoggedChannel): Record<string, unknown> {
  const kind = type.startsWith("i") ? "signed-number" : "unsigned-number"
  return calibration === null ? { type: kind } : { type: kind, ...calibration }
}
