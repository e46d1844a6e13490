import { PARTS } from "../../../devicescript/src/generated/plan.js"
import { Ring } from "../../../shared/card/ring.js"
import { DdffBlocks } from "../../../shared/ddff/blocks.js"
import { STREAMS } from "../../../shared/ddff/put.js"
import type { Encoder, LogInfo } from "../../../shared/logger/encoder.js"
import { MeteorSectors } from "../../../shared/meteor/sectors.js"

/** Lines of hexadecimal digits: the leading sector and a sealed one of both formats. The same on the machine and on Node. */
export function sectorLines(): string[] {
  const lines: string[] = []
  const meteor = new Ring(4)
  sectors(meteor, new MeteorSectors(meteor), lines)
  const ddff = new Ring(8)
  sectors(ddff, new DdffBlocks(ddff), lines)
  return lines
}

function sectors(ring: Ring, encoder: Encoder, lines: string[]): void {
  const info: LogInfo = { session: 0x1a2b3c4d, number: 7, name: "car-7", start: "2026-11-21 01:02:03" }
  const slot = Buffer.alloc(528)
  encoder.lead(slot, 0, info)
  print(slot, lines)
  const given: boolean[] = []
  const values: number[][] = []
  for (let i = 0; i < STREAMS; i++) {
    given.push(true)
    values.push([1, 2, 3, 4, 5, 6])
  }
  for (let i = 0; i < PARTS.length; i++)
    if (PARTS.indexOf(PARTS[i] as number) === i) encoder.put(2 * (PARTS[i] as number), given, values, 0x05000000, 5)
  encoder.flush(600, 500)
  encoder.finish(ring.first(), info.session, 3)
  print(ring.first().slot, lines)
}

function print(slot: Buffer, lines: string[]): void {
  const digits = slot.toString("hex")
  for (let at = 0; at < digits.length; at = at + 66) lines.push(digits.slice(at, at + 66))
}
