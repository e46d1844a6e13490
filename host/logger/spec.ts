import { createHash } from "node:crypto"
import type { LoggedChannel, LoggedGroup } from "../../shared/logger/channel-list.js"
import { markOf } from "../../shared/meteor/mark.js"
import { SCALARS } from "./scalars.js"

/**
 * `shared/LOGSPEC.JSN`: the Meteor specification as the reference tool reads it, and beside it what a ddff log of the
 * logger does not carry: seconds per tick, units and calibrations. First comes a word for the channel list, by which the board
 * tells the specification of its own program from another's.
 */
export function logSpec(groups: readonly LoggedGroup[]): string {
  const composites = groups.filter((group) => group.channels.length > 1)
  const parts = [
    `"tickSeconds":0.001,"start":null`,
    `"topics":[\n${lines(groups.flatMap(topics))}]`,
    `"composites":[\n${lines(composites.map(composite))}]`,
    `"channels":{\n${groups.map((group) => `"${group.name}":${JSON.stringify(calibrations(group))}`).join(",\n")}}`,
  ].join(",\n")
  const word = markOf(createHash("sha256").update(parts).digest("hex"))
  return `{"fieldlog":"${word}",\n${parts}}\n`
}

/** Meteor's number of a topic: the group's id and the channel's place give it, so that other groups' edits do not move it. */
export function topicId(group: LoggedGroup, channel: number): number {
  return group.id * 16 + channel
}

/** A list with one item a line: a person reads it on the card, too. */
function lines(items: readonly unknown[]): string {
  return items.map((item) => JSON.stringify(item)).join(",\n")
}

function topics(group: LoggedGroup): unknown[] {
  return group.channels.map((channel, i) => ({ id: topicId(group, i), key: channel.name, unit: channel.unit, data: data(channel) }))
}

function composite({ id, name, channels }: LoggedGroup): unknown {
  return { id, name, topics: channels.map((channel) => ({ key: channel.name, length: SCALARS[channel.type].size })) }
}

function calibrations({ channels }: LoggedGroup): unknown {
  return Object.fromEntries(channels.map(({ name, unit, calibration }) => [name, { unit, calibration }]))
}

function data({ type, calibration }: LoggedChannel): Record<string, unknown> {
  const kind = type.startsWith("i") ? "signed-number" : "unsigned-number"
  return calibration === null ? { type: kind } : { type: kind, ...calibration }
}
