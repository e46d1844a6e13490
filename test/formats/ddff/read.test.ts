import { describe, expect, test } from "vitest"
import { crc16 } from "../../../host/bytes/crc16.js"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { BlockWriter } from "../../../host/formats/ddff/blocks/block-writer.js"
import { openDdff } from "../../../host/formats/ddff/read.js"
import { writeDdff } from "../../../host/formats/ddff/write.js"
import type { Log, Selection } from "../../../host/model/log.js"
import { writeImuGps } from "../../generate/imu-gps.js"
import { goldenBytes } from "./golden.js"
import { madeLog } from "./synthetic.js"

async function ticks(log: Log, selection: Selection = {}): Promise<number[][]> {
  const all = log.groups.map((): number[] => [])
  for await (const { group, ticks } of log.chunks(selection)) {
    all[group] ??= []
    for (const tick of ticks as Float64Array) all[group]?.push(tick)
  }
  return all
}

function imuGps(rows: number): Uint8Array {
  const sink = new MemorySink()
  writeImuGps(sink, rows)
  return sink.bytes().slice()
}

describe("windows", () => {
  test("no row is earlier than a row of the window before, though a GPS block spans many IMU blocks", async () => {
    const log = await openDdff(memorySource(imuGps(150_000)), {})
    let [window, latest, next] = [0, -1, -1]
    const rows = [0, 0]
    for await (const chunk of log.chunks()) {
      expect(chunk.window).toBeGreaterThanOrEqual(window)
      if (chunk.window > window) latest = next
      window = chunk.window
      expect(chunk.ticks?.[0]).toBeGreaterThanOrEqual(latest)
      next = Math.max(next, Number(chunk.ticks?.[chunk.rows - 1]))
      expect(chunk.first).toBe(rows[chunk.group])
      rows[chunk.group] = (rows[chunk.group] as number) + chunk.rows
    }
    expect(rows).toEqual([150_000, 15_000])
    expect(window).toBeGreaterThan(3)
    expect((await log.survey()).groups).toEqual([
      { rows: 150_000, first: 0, last: 1_499_990 },
      { rows: 15_000, first: 0, last: 1_499_900 },
    ])
  })

  test("file order tells where each record begins", async () => {
    const bytes = goldenBytes("cpp_base_64")
    const log = await openDdff(memorySource(bytes), {})
    for await (const { order, rows } of log.chunks({ order: "file" })) {
      for (let row = 0; row < rows; row++) expect(bytes[order?.[row] as number]).toBe(0x92)
    }
  })
})

describe("a time range", () => {
  const bytes = imuGps(130_000)

  test("gives exactly the rows of the range, start included, end not", async () => {
    const log = await openDdff(memorySource(bytes), { tick: 0.001 })
    const whole = await ticks(log)
    for (const [start, end] of [
      [0, 1],
      [1299.95, 1e9],
      [600, 600.01],
      [333.3, 777.7],
      [-5, 0.1],
      [5, 5],
    ] as const) {
      const wanted = whole.map((list) => list.filter((tick) => tick / 1000 >= start && tick / 1000 < end))
      expect(await ticks(log, { start, end })).toEqual(wanted)
    }
  })

  test("leaves blocks outside it unread", async () => {
    let read = 0
    const inner = memorySource(bytes)
    const source: Source = {
      ...inner,
      size: bytes.length,
      read: (at, length, into) =>
        inner.read(at, length, into).then((part) => {
          read += part.length
          return part
        }),
    }
    const log = await openDdff(source, { tick: 0.001 })
    read = 0
    expect((await ticks(log, { start: 1290 }))[0]?.length).toBe(1000)
    expect(read).toBeLessThan(bytes.length / 2)
  })

  test("decodes no more than the few blocks before it", async () => {
    const log = await openDdff(memorySource(bytes), { tick: 0.001 })
    // A reader that skipped counts its rows from the first that it saw.
    for await (const { first, ticks } of log.chunks({ groups: [0], start: 650, end: 650.5 })) {
      expect([ticks?.[0], ticks?.length]).toEqual([650_000, 50])
      expect(first).toBeLessThan(2000)
    }
  })
})

describe("a growing file", () => {
  test("gives every row once, also those in blocks that are written again", async () => {
    const sink = new MemorySink()
    const blocks = new BlockWriter(sink, 64)
    blocks.open(0)
    blocks.open(1)
    let tick = 0
    const write = (rows: number) => {
      for (let i = 0; i < rows; i++) {
        blocks.record(0, Uint8Array.of(0x92, 0xcd, tick >> 8, tick & 255, 0x91, i))
        if (tick++ % 5 === 0) blocks.record(1, Uint8Array.of(0x92, 0xcd, tick >> 8, tick & 255, 0x91, i))
      }
      blocks.close(0)
      blocks.close(1)
      blocks.flush()
    }
    write(3)
    let bytes = sink.bytes().slice()
    const source: Source = {
      name: "growing.ddff",
      get size() {
        return bytes.length
      },
      read: (at, length, into) => memorySource(bytes).read(at, length, into),
      refresh: async () => (bytes = sink.bytes().slice()).length,
      close: async () => {},
    }
    const log = await openDdff(source, {})
    const steps = [1, 2, 40, 1, 7, 100]
    const follow = async () => {
      const rows = steps.shift()
      if (rows === undefined) return false
      write(rows)
      await source.refresh()
      return true
    }
    expect((await ticks(log, { follow }))[0]).toEqual([...Array(tick).keys()])
    expect(log.issues).toEqual([])
  })
})

/** A file as the logger writes it: eight bytes behind each block's fill hold session and number. */
async function stamped(rows: number, session: number): Promise<Uint8Array> {
  const sink = new MemorySink()
  const list = Array.from({ length: rows }, (_, i) => i)
  const log = madeLog([
    { name: "g", channels: [{ name: "v", type: "f32" }], ticks: list.map((i) => i * 10), columns: [list.map((i) => i + session)] },
  ])
  await writeDdff(log, { name: "x", sink: () => sink }, { block: 504, variant: "inventory" })
  const plain = sink.bytes()
  const bytes = new Uint8Array((plain.length / 504) * 512)
  const view = new DataView(bytes.buffer)
  for (let at = 0, n = 0; at < bytes.length; at += 512, n++) {
    bytes.set(plain.subarray(n * 504, n * 504 + 504), at)
    const next = view.getBigInt64(at)
    if (next < 1_000_000_000n) view.setBigInt64(at, (next / 504n) * 512n)
    view.setUint32(at + 12, 512)
    view.setUint32(at + 504, session)
    view.setUint32(at + 508, n)
    view.setUint16(at + 8, crc16(bytes, at + 10, at + 512))
  }
  return bytes
}

describe("stamped blocks", () => {
  test("blocks of an earlier recording in the same sectors are told apart and left out", async () => {
    const [old, now] = [await stamped(2000, 1111), await stamped(300, 2222)]
    const reused = Uint8Array.from(old)
    reused.set(now)
    const log = await openDdff(memorySource(reused), {})
    expect((await ticks(log))[0]?.length).toBe(300)
    expect(log.variant).toBe("inventory, block 512, stamped")
    expect(log.issues.map(({ kind, severity, at }) => `${severity} ${kind} ${at}`)).toEqual([`note stale-block ${now.length}`])
  })

  test("a block full to its end has no stamp and is not taken for one", async () => {
    expect((await openDdff(memorySource(goldenBytes("template_device_a")), {})).variant).toBe("tagged, block 512")
  })
})

describe("the side file", () => {
  test("gives tick, start, units and calibration", async () => {
    const spec = {
      tickSeconds: 0.01,
      start: "2024-05-01T12:00:00Z",
      channels: { imu: { ax: { unit: "m/s2", calibration: { addition: 1, divisor: 2, multiplier: 3 } } } },
    }
    const log = await openDdff(memorySource(goldenBytes("template_device_a")), { spec })
    expect(log.start).toBe(1714564800000000000n)
    expect(log.groups[0]?.time).toEqual({ kind: "stamped", tick: 0.01 })
    expect(log.groups[0]?.channels[0]).toMatchObject({ name: "ax", unit: "m/s2", calibration: { addition: 1, divisor: 2, multiplier: 3 } })
  })

  test("of another shape changes nothing", async () => {
    for (const spec of [null, 5, [], { channels: 7, tickSeconds: -1, start: "yesterday" }, { channels: { imu: [] } }]) {
      const log = await openDdff(memorySource(goldenBytes("template_device_a")), { spec })
      expect([log.start, log.groups[0]?.time]).toEqual([null, { kind: "stamped", tick: 0 }])
    }
  })
})
