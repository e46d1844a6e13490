import { expect, test, vi } from "vitest"
import "../../host/bytes/device-buffer.js"
import { PARTS } from "../../devicescript/src/generated/plan.js"
import { writeRecord } from "../../host/bytes/layout.js"
import { SCALARS } from "../../host/logger/scalars.js"
import { NO_SECTOR, type Sector } from "../../shared/card/ring.js"
import { groups } from "../../shared/channels.js"
import { PUT as ddffPut } from "../../shared/ddff/put.js"
import type { Layout } from "../../shared/layout.js"
import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import type { PutRows } from "../../shared/logger/encoder.js"
import { frameHeader } from "../../shared/meteor/layout.js"
import { PUT as meteorPut } from "../../shared/meteor/put.js"
import { bytecode } from "../sim/device/build.js"
import { random } from "../sim/device/random.js"
import { startVm } from "../sim/device/vm.js"

// The first use of a program builds it, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 240_000 })

const ROWS = 12_000

test("the generated encoders give the table encoder's bytes, in the machine and in Node, on 12,000 random rows", async () => {
  const next = random(20_261)
  let row = { format: 0, group: groups[0] as LoggedGroup, tick: 0, values: [] as number[] }
  let asked = false
  let compared = 0
  let done = false
  const vm = await startVm(bytecode("test/device/programs/encoders.ts"), {
    ask: () => ROWS,
    tell() {
      done = true
    },
    exchange(bytes) {
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      asked = !asked
      if (asked) {
        row = randomRow(next)
        const index = groups.indexOf(row.group)
        for (const [i, value] of [row.format, index, swap(row.tick), ...row.values].entries()) view.setFloat64(8 * i, value, true)
        return
      }
      const expected = row.format === 0 ? meteorFrame(row) : ddffRecord(row)
      const got = Buffer.from(bytes.subarray(2, 2 + expected.length))
      const node = inNode(row)
      if (!got.equals(expected) || !node.slot.subarray(2, 2 + expected.length).equals(expected)) {
        expect({ row, machine: got.toString("hex") }).toEqual({ row, machine: expected.toString("hex") })
        expect(node.slot.subarray(2, 2 + expected.length).toString("hex")).toBe(expected.toString("hex"))
      }
      if (row.format === 1) {
        expect(node.at).toBe(2 + expected.length)
        expect([view.getUint16(514, true), view.getUint16(516, true)]).toEqual([node.sum, node.summed])
        expect(node.sum).toBe(crcBytewise(expected.subarray(0, expected.length & ~3)))
      }
      compared++
    },
  })
  vm.run(60_000)
  vm.stop()
  expect(done).toBe(true)
  expect(compared).toBe(ROWS)
})

interface Row {
  format: number
  group: LoggedGroup
  tick: number
  values: number[]
}

function randomRow(next: () => number): Row {
  const group = groups[Math.floor(next() * groups.length)] as LoggedGroup
  const values = group.channels.map(({ type }) => {
    const { low, high } = SCALARS[type]
    const dice = next()
    if (dice < 0.1) return low
    if (dice < 0.2) return high
    return Math.floor(low + next() * (high - low + 1))
  })
  return { format: next() < 0.5 ? 0 : 1, group, tick: Math.floor(next() * 2 ** 32), values }
}

function inNode({ format, group, tick, values }: Row) {
  const sector: Sector = { slot: Buffer.alloc(528), at: 2, since: 0, sum: 0, summed: 2 }
  const given = groups.map((each) => each === group)
  const sectors = groups.map(() => sector)
  const place = groups.indexOf(group)
  const put = (format === 0 ? meteorPut : ddffPut)[2 * (PARTS[place] as number) + 1] as PutRows
  const lost = put(
    { turn: () => NO_SECTOR },
    sectors,
    given,
    groups.map(() => values),
    swap(tick),
    tick,
  )
  expect(lost).toBe(0)
  return sector
}

/** The frame written from a table that is made here, without the generator. */
function meteorFrame({ group, tick, values }: Row): Buffer {
  const composite = group.channels.length > 1
  const fields: Record<string, { at: number; type: "u8"; unit: string; doc: string }> = {}
  let size = 0
  for (const { name, type } of group.channels) {
    fields[name] = { at: size, type: type as "u8", unit: "", doc: "value" }
    size += SCALARS[type].size
  }
  const payload: Layout = { name: group.name, source: "test", endian: "le", size, fields }
  const bytes = Buffer.alloc(frameHeader.size + size)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const id = composite ? group.id : group.id * 16
  writeRecord(frameHeader, view, 0, { timestamp: tick, type: composite ? 2 : 1, id, length: size })
  const named = Object.fromEntries(group.channels.map(({ name }, i) => [name, values[i] as number]))
  writeRecord(payload, view, frameHeader.size, named as never)
  return bytes
}

/** The record as MessagePack's own tables have it, every number at its type's full width. */
function ddffRecord({ group, tick, values }: Row): Buffer {
  const number = (mark: number, size: number, value: number): Buffer => {
    const bytes = Buffer.alloc(1 + size)
    bytes[0] = mark
    if (value < 0) bytes.writeIntBE(value, 1, size)
    else bytes.writeUIntBE(value, 1, size)
    return bytes
  }
  const members = group.channels.map(({ type }, i) => number(SCALARS[type].msgpack, SCALARS[type].size, values[i] as number))
  const head = [Buffer.of(0x93), number(0xce, 4, tick), Buffer.of(0), Buffer.of(0x90 | group.channels.length)]
  return Buffer.concat([...head, ...members])
}

/** CRC-16/CCITT-FALSE's remainder from state 0, bit by bit, byte-swapped as the board keeps it. */
function crcBytewise(bytes: Uint8Array): number {
  let c = 0
  for (const byte of bytes) {
    c ^= byte << 8
    for (let bit = 0; bit < 8; bit++) c = (c & 0x8000) === 0 ? (c << 1) & 0xffff : ((c << 1) ^ 0x1021) & 0xffff
  }
  return (c >> 8) | ((c & 255) << 8)
}

function swap(tick: number): number {
  return (tick << 24) | ((tick & 0xff00) << 8) | ((tick >> 8) & 0xff00) | (tick >>> 24)
}
