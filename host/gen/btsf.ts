import { headSum } from "../../shared/btsf/head-sum.js"
import type { LoggedGroup } from "../../shared/channel-list.js"
import type { NewMetric } from "../formats/btsf/compose.js"
import { btsfDeviceHeader, type DeviceHeader } from "../formats/btsf/device.js"
import type { Code } from "../formats/btsf/row.js"
import { capital, GENERATED, list, stores } from "./code.js"

const CODES: Readonly<Record<string, Code>> = { u8: "B", i8: "b", u16: "H", i16: "h", u32: "L", i32: "l" }

/** The header of a btsf log of one group: the time in ms, then the group's raw values. What these mean stands in their description. */
export function btsfHead({ channels }: LoggedGroup): DeviceHeader {
  const metrics: NewMetric[] = channels.map(({ name, unit, type, calibration }) => {
    const code = CODES[type] as Code
    if (calibration === null) return { identifier: name, code, unit }
    const { addition, divisor, multiplier } = calibration
    return { identifier: name, code, description: `${unit} = (raw + ${addition}) / ${divisor} * ${multiplier}` }
  })
  const time: NewMetric = { identifier: "time", code: "L", unit: "ms", isTime: true }
  return btsfDeviceHeader([time, ...metrics])
}

/** The name of a group's header on the card, in eleven characters. @param group its place in the list */
export function headName(group: number): string {
  return `HEAD${String(group).padStart(2, "0")}  BTS`
}

/** `shared/btsf/put.ts`: the board's btsf encoders. */
export function btsfPut(groups: readonly LoggedGroup[]): string {
  const heads = groups.map(btsfHead)
  return `${[
    GENERATED,
    'import type { Sector } from "../card/ring.js"',
    'import type { Put } from "../encoder.js"',
    ...groups.map((group, g) => putGroup(group, heads[g] as DeviceHeader)),
    "",
    "/** Encoders in the order of the channel list. */",
    list(
      "export const PUT: Put[]",
      groups.map(({ name }) => `put${capital(name)}`),
    ),
    "",
    "/** Bytes of each group's row: a power of two. */",
    list(
      "export const SIZES: number[]",
      heads.map(({ structSize }) => String(structSize)),
    ),
    "",
    "/** Bytes of each group's file header, which the laptop writes onto the card, and the sum that tells it from any other. */",
    list(
      "export const HEAD_SIZES: number[]",
      heads.map(({ bytes }) => String(bytes.length)),
    ),
    list(
      "export const HEAD_SUMS: number[]",
      heads.map(({ bytes }) => String(headSum(Buffer.from(bytes)))),
    ),
  ].join("\n")}\n`
}

function putGroup(group: LoggedGroup, { fields, structSize }: DeviceHeader): string {
  const template = group.name.toUpperCase()
  // The tick comes with its bytes swapped, for the other formats have it big-endian.
  const body = ["t[0] = tick >> 24", "t[1] = tick >> 16", "t[2] = tick >> 8", "t[3] = tick"]
  for (const [i, { type }] of group.channels.entries()) {
    body.push(...stores("t", String(fields[i + 1]?.at), type, true, `values[${i}] as number`))
  }
  return [
    "",
    `const ${template} = Buffer.alloc(${structSize})`,
    "",
    `/** \`${group.name}\`: time u32, ${group.channels.map(({ name, type }) => `${name} ${type}`).join(", ")}. ${structSize} bytes. */`,
    `export function put${capital(group.name)}(sector: Sector, tick: number, values: number[]): void {`,
    `  const t = ${template}`,
    ...body.map((line) => `  ${line}`),
    `  sector.slot.blitAt(sector.at, t, 0, ${structSize})`,
    `  sector.at = sector.at + ${structSize}`,
    "}",
  ].join("\n")
}
