import type { LoggedGroup } from "../../shared/channel-list.js"
import {
  fileHeader,
  frameHeader,
  SIGNATURE,
  sectorStamp,
  TYPE_COMPOSITE,
  TYPE_PAD,
  TYPE_STAMP,
  TYPE_TOPIC,
} from "../../shared/meteor/layout.js"
import { capital, GENERATED, hexDigits, list, putRecord, stores } from "./code.js"
import { SCALARS } from "./scalars.js"

/** Meteor's number of a topic: the group's id and the channel's place give it, so that other groups' edits do not move it. */
export function topicId(group: LoggedGroup, channel: number): number {
  return group.id * 16 + channel
}

/** Bytes of a group's frame: header and packed values. */
export function frameSize(group: LoggedGroup): number {
  return frameHeader.size + group.channels.reduce((sum, channel) => sum + SCALARS[channel.type].size, 0)
}

/** `shared/meteor/put.ts`: the board's Meteor encoders. */
export function meteorPut(groups: readonly LoggedGroup[]): string {
  const names = groups.map((group) => `put${capital(group.name)}`)
  return `${[
    GENERATED,
    'import type { Sector } from "../card/ring.js"',
    'import type { Put } from "../encoder.js"',
    "",
    `export const FILE_HEADER_SIZE = ${fileHeader.size}`,
    `export const FRAME_HEADER_SIZE = ${frameHeader.size}`,
    `export const STAMP_SIZE = ${sectorStamp.size}`,
    `export const TYPE_PAD = ${TYPE_PAD}`,
    `export const TYPE_STAMP = ${TYPE_STAMP}`,
    "",
    putRecord(fileHeader, "putFileHeader", { signature: Uint8Array.from(SIGNATURE), version: 2 }),
    "",
    putRecord(frameHeader, "putFrameHeader", {}),
    "",
    putRecord(sectorStamp, "putStamp", {}),
    ...groups.map(putGroup),
    "",
    "/** Encoders in the order of the channel list. */",
    list("export const PUT: Put[]", names),
    "",
    "/** Bytes of each group's frame. */",
    list(
      "export const SIZES: number[]",
      groups.map((group) => String(frameSize(group))),
    ),
  ].join("\n")}\n`
}

function putGroup(group: LoggedGroup): string {
  const template = group.name.toUpperCase()
  const size = frameSize(group)
  const lone = group.channels.length === 1
  const header = new Uint8Array(size)
  header[4] = lone ? TYPE_TOPIC : TYPE_COMPOSITE
  header[5] = lone ? topicId(group, 0) : group.id
  header[6] = size - frameHeader.size
  const body = ['t.setAt(0, "i32", tick)']
  let at: number = frameHeader.size
  group.channels.forEach(({ type }, i) => {
    body.push(...stores("t", String(at), type, true, `values[${i}] as number`))
    at += SCALARS[type].size
  })
  return [
    "",
    `const ${template} = Buffer.from(hex\`${hexDigits(header)}\`)`,
    "",
    `/** ${lone ? "Topic" : "Composite"} ${header[5]} \`${group.name}\`: ${group.channels.map(({ name, type }) => `${name} ${type}`).join(", ")}. ${size} bytes. */`,
    `export function put${capital(group.name)}(sector: Sector, tick: number, values: number[]): void {`,
    `  const t = ${template}`,
    ...body.map((line) => `  ${line}`),
    "  const at = sector.at",
    `  sector.slot.blitAt(at, t, 0, ${size})`,
    `  sector.at = at + ${size}`,
    "}",
  ].join("\n")
}
