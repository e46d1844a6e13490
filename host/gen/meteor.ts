import { SLOT_END } from "../../shared/card/ring.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { fileHeader, frameHeader, SIGNATURE, TYPE_COMPOSITE, TYPE_PAD, TYPE_TOPIC } from "../../shared/meteor/layout.js"
import { SCALARS } from "../logger/scalars.js"
import { topicId } from "../logger/spec.js"
import { generated, putRecord, stores } from "./code.js"
import { type RowCode, sharedSectorRows, VALUES } from "./rows.js"

/** A pad frame closes a sector, so the last row leaves room for its header. */
const ROWS_END = SLOT_END - frameHeader.size

/** Bytes of a group's frame: header and packed values. */
function frameSize(group: LoggedGroup): number {
  return frameHeader.size + group.channels.reduce((sum, channel) => sum + SCALARS[channel.type].size, 0)
}

/** `shared/meteor/put.ts`: the board's Meteor encoder. */
export function meteorPut(groups: readonly LoggedGroup[]): string {
  const rows = groups.map(rowCode)
  return generated([
    'import { FULL, NO_SECTOR, type Sector } from "../card/ring.js"',
    'import type { PutRows, Turner } from "../logger/encoder.js"',
    "",
    `export const FILE_HEADER_SIZE = ${fileHeader.size}`,
    `export const FRAME_HEADER_SIZE = ${frameHeader.size}`,
    `export const TYPE_PAD = ${TYPE_PAD}`,
    "",
    putRecord(fileHeader, "putFileHeader", { signature: Uint8Array.from(SIGNATURE), version: 2 }),
    "",
    putRecord(frameHeader, "putFrameHeader", {}),
    "",
    ...sharedSectorRows(groups, rows, ROWS_END),
  ])
}

function rowCode(group: LoggedGroup): RowCode {
  const size = frameSize(group)
  const lone = group.channels.length === 1
  const bytes = new Uint8Array(size)
  bytes[4] = lone ? TYPE_TOPIC : TYPE_COMPOSITE
  bytes[5] = lone ? topicId(group, 0) : group.id
  bytes[6] = size - frameHeader.size
  const channels = group.channels.map(({ name, type }) => `${name} ${type}`).join(", ")
  return {
    what: `${lone ? "Topic" : "Composite"} ${bytes[5]} \`${group.name}\`: ${channels}`,
    bytes,
    stores(t, at) {
      const lines = [`${t}.setAt(${at}, "i32", tick)`]
      let place = at + frameHeader.size
      group.channels.forEach(({ type }, i) => {
        lines.push(...stores(t, String(place), type, true, `${VALUES}[${i}] as number`))
        place += SCALARS[type].size
      })
      return lines
    },
  }
}
