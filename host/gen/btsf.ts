import { headSum } from "../../shared/btsf/head-sum.js"
import { SLOT_END } from "../../shared/card/ring.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import type { DeviceHeader } from "../formats/btsf/api.js"
import { btsfHead } from "../logger/heads.js"
import { generated, list, stores } from "./code.js"
import { type RowCode, sharedSectorRows, VALUES } from "./rows.js"

/** `shared/btsf/put.ts`: the board's btsf encoder. */
export function btsfPut(groups: readonly LoggedGroup[]): string {
  const heads = groups.map(btsfHead)
  const rows = groups.map((group, g) => rowCode(group, heads[g] as DeviceHeader))
  return generated([
    'import { FULL, NO_SECTOR, type Sector } from "../card/ring.js"',
    'import type { PutRows, Turner } from "../logger/encoder.js"',
    "",
    ...sharedSectorRows(groups, rows, SLOT_END),
    "",
    "/** Bytes of each group's file header, which the laptop writes onto the card, and the sum that tells it from any other. */",
    list("export const HEAD_SIZES: number[]", heads, ({ bytes }) => bytes.length),
    list("export const HEAD_SUMS: number[]", heads, ({ bytes }) => headSum(Buffer.from(bytes))),
  ])
}

function rowCode(group: LoggedGroup, { fields, structSize }: DeviceHeader): RowCode {
  return {
    what: `\`${group.name}\`: time u32, ${group.channels.map(({ name, type }) => `${name} ${type}`).join(", ")}`,
    bytes: new Uint8Array(structSize),
    stores(t, at) {
      // The tick comes with its bytes swapped, for the other formats have it big-endian.
      const lines = [24, 16, 8].map((shift, i) => `${t}[${at + i}] = tick >> ${shift}`).concat(`${t}[${at + 3}] = tick`)
      for (const [i, { type }] of group.channels.entries())
        lines.push(...stores(t, String(at + (fields[i + 1]?.at ?? 0)), type, true, `${VALUES}[${i}] as number`))
      return lines
    },
  }
}
