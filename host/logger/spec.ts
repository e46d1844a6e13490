import { createHash } from "node:crypto"
import type { LoggedChannel, LoggedGroup } from "../../shared/logger/channel-list.js"
import { GENERATED, hexDigits } from "../gen/code.js"
import { topicId } from "../gen/meteor.js"
import { SCALARS } from "./scalars.js"

/**
 * `shared/LOGSPEC.JSN`: the Meteor specification as the reference tool reads it, and beside it what a ddff log of the
 * logger does not carry: seconds per tick, units and calibrations. First comes a word for the channel list, by which the board
 * tells the specification of its own program from another's: SPEC_MARK bytes of the file.
 */
export function logSpec(groups: readonly LoggedGroup[]): string {
  const composites = groups.filter((group) => group.channels.length > 1)
  const parts = [
    `"tickSeconds":0.001,"start":null`,
    `"topics":[\n${lines(groups.flatMap(topics))}]`,
    `"composites":[\n${lines(composites.map(composite))}]`,
    `"channels":{\n${groups.map((group) => `"${group.name}":${JSON.stringify(calibrations(group))}`).join(",\n")}}`,
  ].join(",\n")
  const word = createHash("sha256").update(parts).digest("hex").slice(0, 8)
  return `{"fieldlog":"${word}",\n${parts}}\n`
}

/** Bytes of `{"fieldlog":"` and of the word with it. */
const SPEC_SIGN = 13
const SPEC_MARK = 21

/** `generated/log-spec.ts`: the same for the board to write, in flash. */
export function logSpecSource(groups: readonly LoggedGroup[]): string {
  return `${[
    GENERATED,
    "",
    "/** Bytes at the start of a specification that fieldlog wrote, and with the word for the channel list. */",
    `export const SPEC_SIGN = ${SPEC_SIGN}`,
    `export const SPEC_MARK = ${SPEC_MARK}`,
    "/** LOGSPEC.JSN of this program. */",
    `export const SPEC = hex\`${hexDigits(new TextEncoder().encode(logSpec(groups)))}\``,
  ].join("\n")}\n`
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
