import type { NewMetric } from "../formats/btsf/compose.js"
import { btsfDeviceHeader, type DeviceHeader } from "../formats/btsf/device.js"
import { GENERATED, hexDigits } from "./code.js"

/** Says in a log that it measures a card. */
export const BENCH = "sdbench"

const SECTOR = 512

/** A card's measurement as a btsf log: a row a sector, each of the sector before it. */
export function benchHead(): DeviceHeader {
  const metrics: NewMetric[] = [
    { identifier: "time", code: "L", unit: "ms", isTime: true, description: "when the write began" },
    { identifier: "took", code: "H", unit: "ms", name: BENCH, description: "how long it took" },
    { identifier: "mode", code: "B", description: "1 a single sector, 2 part of a stream, 0 none" },
  ]
  return btsfDeviceHeader(metrics, { least: SECTOR })
}

/** `generated/bench-head.ts`: the header that the bench copies onto the card, in flash. */
export function benchHeadSource(): string {
  return `${[
    GENERATED,
    "",
    "/** Header of the bench's log: whole sectors. Then a row a sector: time u32, took u16, mode u8. */",
    `export const HEAD = hex\`${hexDigits(benchHead().bytes)}\``,
  ].join("\n")}\n`
}
