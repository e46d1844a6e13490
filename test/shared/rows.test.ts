import "../../host/bytes/device-buffer.js"
import { expect, test } from "vitest"
import { Ring, SLOT_DATA, SLOT_END } from "../../shared/card/ring.js"
import { TYPE_PAD, TYPE_TOPIC } from "../../shared/meteor/layout.js"
import { encoderOf, METEOR_LONE, METEOR_TEN } from "../device/programs/kinds.js"
import { random } from "../sim/device/random.js"

const GROUPS = 61

test("rows of any groups of a part lie in the sectors as they were given, and those that find no room are counted", () => {
  const next = random(11)
  const ring = new Ring(6)
  const encoder = encoderOf(false, ring)
  /** `tick:group` of each row; its first value is its group. */
  const stored: string[] = []
  const given: string[] = []
  let lost = 0
  const drain = (): void => {
    for (; ring.waiting > 0; ring.release()) stored.push(...rowsOf(ring.first().slot))
  }
  for (let tick = 0; tick < 1500; tick++) {
    const kind = next() < 0.5 ? METEOR_LONE : METEOR_TEN
    // All of them, hardly any, or about half.
    const share = [1, 0.05, 0.5][Math.floor(next() * 3)] as number
    const chosen = Array.from({ length: GROUPS }, (_, g) => g >= kind.from && g < kind.from + kind.groups && next() < share)
    const values = chosen.map((_, g) => new Array<number>(10).fill(g))
    const rows = chosen.flatMap((yes, group) => (yes ? [`${tick}:${group}`] : []))
    const missing = encoder.put(2 * kind.part + (share === 1 ? 0 : 1), chosen, values, swap(tick), tick)
    // The ring is full at times: then the last ones of a turn have no place.
    given.push(...rows.slice(0, rows.length - missing))
    lost += missing
    if (next() < 0.15) drain()
  }
  encoder.flush(1500, 0)
  drain()
  expect(lost).toBeGreaterThan(100)
  expect(stored.length).toBe(given.length)
  expect(stored.findIndex((row, i) => row !== given[i])).toBe(-1)
})

/** Rows of a sector: its frames but the pads. */
function rowsOf(slot: Buffer): string[] {
  const rows: string[] = []
  for (let at = SLOT_DATA; at < SLOT_END; at += 7 + (slot[at + 6] as number)) {
    const type = slot[at + 4]
    if (type !== TYPE_PAD)
      rows.push(`${slot.readUInt32BE(at)}:${type === TYPE_TOPIC ? slot.readInt32LE(at + 7) : slot.readInt16LE(at + 7)}`)
  }
  return rows
}

function swap(tick: number): number {
  return (tick << 24) | ((tick & 0xff00) << 8) | ((tick >> 8) & 0xff00) | (tick >>> 24)
}
