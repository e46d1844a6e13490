import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { type DeviceHeader, deviceHeader, type NewMetric } from "../formats/btsf/api.js"

const CODES: Readonly<Record<string, NewMetric["code"]>> = { u8: "B", i8: "b", u16: "H", i16: "h", u32: "L", i32: "l" }

/** The header of a btsf log of one group: the time in ms, then the group's raw values. Each description says how to calibrate them. */
export function btsfHead({ channels }: LoggedGroup): DeviceHeader {
  const metrics: NewMetric[] = channels.map(({ name, unit, type, calibration }) => {
    const code = CODES[type] as NewMetric["code"]
    if (calibration === null) return { identifier: name, code, unit }
    const { addition, divisor, multiplier } = calibration
    return { identifier: name, code, description: `${unit} = (raw + ${addition}) / ${divisor} * ${multiplier}` }
  })
  const time: NewMetric = { identifier: "time", code: "L", unit: "ms", isTime: true }
  return deviceHeader([time, ...metrics])
}

/** The file name of a group's header on the card, as the 11 bytes of a FAT folder entry. @param group its place in the channel list */
export function headName(group: number): string {
  return `HEAD${String(group).padStart(2, "0")}  BTS`
}

/** Marks a log as the measurement of a card. */
export const BENCH = "sdbench"

const SECTOR = 512

/** The header of a card's measurement as a btsf log: a row for each sector, which tells of the sector before it. */
export function benchHead(): DeviceHeader {
  const metrics: NewMetric[] = [
    { identifier: "time", code: "L", unit: "ms", isTime: true, description: "when the write began" },
    { identifier: "took", code: "H", unit: "ms", name: BENCH, description: "how long it took" },
    { identifier: "mode", code: "B", description: "1 a single sector, 2 part of a stream, 0 none" },
  ]
  return deviceHeader(metrics, { least: SECTOR })
}
