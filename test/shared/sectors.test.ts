import { decodeMulti } from "@msgpack/msgpack"
import { expect, test } from "vitest"
import "../../host/bytes/device-buffer.js"
import { PARTS } from "../../devicescript/src/generated/plan.js"
import { readRecord } from "../../host/bytes/layout.js"
import { inventory } from "../../host/gen/ddff.js"
import { Ring, SLOT_DATA, SLOT_END } from "../../shared/card/ring.js"
import { groups } from "../../shared/channels.js"
import { DdffBlocks } from "../../shared/ddff/blocks.js"
import { blockHeader, blockStamp, CHAIN_END } from "../../shared/ddff/layout.js"
import { INVENTORY_OBJECTS } from "../../shared/ddff/put.js"
import type { Encoder, LogInfo } from "../../shared/logger/encoder.js"
import { fileHeader, frameHeader } from "../../shared/meteor/layout.js"
import { MeteorSectors } from "../../shared/meteor/sectors.js"
import { random } from "../sim/device/random.js"

const SESSION = 0xa1b2c3d4
const INFO: LogInfo = { session: SESSION, number: 12, name: "car-7", start: "2026-03-09 13:08:09" }

test("every Meteor sector is a whole number of frames that follow one another in time, and no row is lost", () => {
  const { sectors, rows } = record((ring) => new MeteorSectors(ring))
  const view = at(sectors[0] as Buffer)
  expect(readRecord(fileHeader, view, 0)).toMatchObject({ version: 2, day: 9, month: 2, year: 26, timeOfDay: 47_289_000, nameLength: 20 })
  expect(sectors[0]?.subarray(22, 42).toString()).toBe("a1b2c3d4-00012-car-7")
  let last = 0
  let found = 0
  for (const [n, sector] of sectors.entries()) {
    let place = n === 0 ? 42 : 0
    while (place < 512) {
      const frame = readRecord(frameHeader, at(sector), place)
      expect([0, 1, 2]).toContain(frame.type)
      if (frame.type === 0) expect(sector.subarray(place + 7, place + 7 + frame.length).every((byte) => byte === 0)).toBe(true)
      expect(frame.timestamp).toBeGreaterThanOrEqual(last)
      last = frame.timestamp
      if (frame.type === 1 || frame.type === 2) found++
      place += 7 + frame.length
    }
    expect(place).toBe(512)
  }
  expect(found).toBe(rows)
})

test("every ddff block has a sound CRC, its number, its stamp and whole records, and no row is lost", () => {
  const { sectors, rows } = record((ring) => new DdffBlocks(ring))
  const numbers = new Map<number, number>()
  const payloads = new Map<number, Buffer[]>()
  for (const [n, sector] of sectors.entries()) {
    const header = readRecord(blockHeader, at(sector), 0)
    expect(header.crc).toBe(crc(sector.subarray(10)))
    const linked = n < INVENTORY_OBJECTS.length - 1
    expect([header.nextOffset, header.blockSize]).toEqual([linked ? BigInt(512 * (n + 1)) : CHAIN_END, 512])
    expect(header.fill).toBeLessThanOrEqual(504)
    expect(header.blockNumber).toBe(numbers.get(header.streamId) ?? 0)
    numbers.set(header.streamId, header.blockNumber + 1)
    expect(readRecord(blockStamp, at(sector), 504)).toEqual({ session: SESSION, sequence: n })
    const payload = sector.subarray(28, header.fill)
    if (header.streamId >= 2) for (const record of decodeMulti(payload)) expect(record).toHaveLength(3)
    payloads.set(header.streamId, [...(payloads.get(header.streamId) ?? []), payload])
  }
  const stream = (id: number): unknown[] => [...decodeMulti(Buffer.concat(payloads.get(id) ?? []))]
  expect(stream(0)).toEqual(inventory(groups).map(({ key, id, label }) => [key, id, label]))
  const [tag] = stream(1) as [unknown[]]
  const firsts = groups.map((_, i) => 512 * sectors.findIndex((sector) => readRecord(blockHeader, at(sector), 0).streamId === i + 2))
  expect(tag).toEqual([firsts, groups.map(() => 28), 0, 0, 0xffffffff, "2026-03-09 13:08:09", "LOG00012-car-7", ""])
  expect(groups.reduce((sum, _, i) => sum + stream(i + 2).length, 0)).toBe(rows)
})

test("a row that finds no slot is refused, and the slots that are open are sealed by a flush", () => {
  const ring = new Ring(3)
  const encoder = new DdffBlocks(ring)
  const values = groups.map(({ channels }) => channels.map(() => 0))
  expect([...new Set<number>(PARTS)].map((part) => encoder.put(2 * part, [true, true, true, true, true], values, 0, 10))).toEqual([0, 0, 2])
  encoder.flush(509, 500)
  expect(ring.waiting).toBe(0)
  encoder.flush(510, 500)
  expect([ring.waiting, ring.high, ring.spare]).toEqual([3, 3, 0])
  ring.release()
  expect(encoder.put(2 * (PARTS[4] as number) + 1, [false, false, false, false, true], values, 0, 600)).toBe(0)
  expect(encoder.put(2 * (PARTS[1] as number) + 1, [false, true, false, false, true], values, 0, 600)).toBe(1)
})

/** Records random rows through a ring of eight slots; flushes now and then. */
function record(make: (ring: Ring) => Encoder): { sectors: Buffer[]; rows: number } {
  const next = random(7)
  const ring = new Ring(8)
  const encoder = make(ring)
  const sectors: Buffer[] = []
  const slot = Buffer.alloc(528)
  while (encoder.lead(slot, sectors.length, INFO)) sectors.push(Buffer.from(slot.subarray(SLOT_DATA, SLOT_END)))
  encoder.begin()
  const drain = (): void => {
    while (ring.waiting > 0) {
      encoder.finish(ring.first(), SESSION, sectors.length)
      sectors.push(Buffer.from(ring.first().slot.subarray(SLOT_DATA, SLOT_END)))
      ring.release()
    }
  }
  let rows = 0
  for (let tick = 0; tick < 20_000; tick += Math.floor(next() * 20)) {
    const group = Math.floor(next() * next() * groups.length)
    const given = groups.map((_, g) => g === group)
    const values = groups.map(({ channels }) => channels.map(() => Math.floor(next() * 256)))
    const swapped = (tick << 24) | ((tick & 0xff00) << 8) | ((tick >> 8) & 0xff00) | (tick >>> 24)
    expect(encoder.put(2 * (PARTS[group] as number) + 1, given, values, swapped, tick)).toBe(0)
    rows++
    if (next() < 0.02) encoder.flush(tick, 500)
    drain()
  }
  encoder.flush(20_000, 0)
  drain()
  return { sectors, rows }
}

function at(sector: Buffer): DataView {
  return new DataView(sector.buffer, sector.byteOffset, sector.length)
}

/** CRC-16/CCITT-FALSE bit by bit. */
function crc(bytes: Uint8Array): number {
  let c = 0xffff
  for (const byte of bytes) {
    c ^= byte << 8
    for (let bit = 0; bit < 8; bit++) c = (c & 0x8000) === 0 ? (c << 1) & 0xffff : ((c << 1) ^ 0x1021) & 0xffff
  }
  return c
}
