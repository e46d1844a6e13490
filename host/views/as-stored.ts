import type { Channel, Group, Log, Loss, Selection } from "../model/log.js"
import { counting } from "../model/losses.js"
import { View } from "./view.js"

/** The note that the unit of a calibrated channel becomes. */
const UNIT = "calibrated unit"

/**
 * A log without its calibrations, for targets that write plain values: what a sensor stored is in no unit. The unit of a calibrated
 * channel and how its values are computed stand among its notes instead, for targets that keep those.
 */
export function asStored(log: Log): Log {
  const plain: Group[] = []
  const groups = (): readonly Group[] => {
    for (const group of log.groups.slice(plain.length)) plain.push({ ...group, channels: group.channels.map(uncalibrated) })
    return plain
  }
  const rows = {
    get groups() {
      return groups()
    },
    chunks: (selection?: Selection) => log.chunks(selection),
    survey: (selection?: Pick<Selection, "signal" | "progress">) => log.survey(selection),
  }
  return new View(log, { rows })
}

function uncalibrated(channel: Channel): Channel {
  const { calibration, unit, notes } = channel
  if (calibration === null) return channel
  const { addition, divisor, multiplier } = calibration
  const how = { calibration: `(stored + ${addition}) / ${divisor} * ${multiplier}`, ...(unit === "" ? {} : { [UNIT]: unit }) }
  return { ...channel, unit: "", calibration: null, notes: { ...notes, ...how } }
}

/** The units that stored values do not have, of a log that `asStored` gave. */
export function unitLosses({ groups }: Log): Loss[] {
  const count = groups.flatMap(({ channels }) => channels.filter(({ notes }) => notes[UNIT] !== undefined)).length
  const text = `${count === 1 ? "1 unit" : `${count} units`} left out: the values are as stored, not calibrated`
  return counting({ kind: "form", count, text })
}
