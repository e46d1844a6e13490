import type { Channel, Group } from "../../../model/log.js"
import { isFloat } from "../../../model/wire.js"
import type { TopicSpec } from "../head/spec.js"
import { type MeteorChannel, type MeteorOrigin, ORIGIN } from "../rows/groups.js"
import { sameCalibration } from "./topic-plan.js"

/**
 * Where a group's channels come from if all of them are a Meteor log's as it has them, and of one kind of frame.
 * @returns null for a group of another source, or one whose values were computed
 */
export function originsOf({ channels }: Group): readonly [MeteorOrigin, ...MeteorOrigin[]] | null {
  const origins = channels.map(originOf)
  const [first] = origins
  if (first === undefined || first === null || (first.composite === null && channels.length > 1)) return null
  const isOne = origins.every((each) => each !== null && each.header === first.header && each.composite === first.composite)
  return isOne ? (origins as [MeteorOrigin, ...MeteorOrigin[]]) : null
}

function originOf(channel: Channel): MeteorOrigin | null {
  const { [ORIGIN]: origin, type, calibration } = channel as Channel & Partial<MeteorChannel>
  return origin !== undefined && !isFloat(type) && sameCalibration(calibration, origin.topic?.calibration ?? null) ? origin : null
}

/** The one log that all groups come from, as it has them; null where there is none, or several. */
export function soleOrigin(groups: readonly Group[]): MeteorOrigin | null {
  const origins = groups.map(originsOf)
  const first = origins[0]?.[0] ?? null
  return origins.every((own) => own !== null && own[0].header === first?.header) ? first : null
}

/** A topic that no specification names. */
export function bareTopic(id: number, key: string): TopicSpec {
  return { id, key, name: null, unit: "", decimalPlaces: null, signed: false, calibration: null, length: null }
}
