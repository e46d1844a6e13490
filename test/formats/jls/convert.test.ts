import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { annotateJls } from "../../../host/formats/jls/annotate.js"
import { appendTo } from "../../../host/formats/jls/append.js"
import { jls } from "../../../host/formats/jls/index.js"
import { type JlsLog, openJls } from "../../../host/formats/jls/read.js"
import type { Annotation, Channel, Chunk, Group, Log, Loss, Ticks, Values } from "../../../host/model/log.js"
import { instantsOf, rowTimes } from "../../../host/model/time.js"
import { stats } from "../../../host/summary/stats.js"
import { View } from "../../../host/views/view.js"
import { goldenBytes } from "./golden.js"
import { callsOf, replay } from "./replay.js"
import { readAll } from "./samples.js"

const folder = mkdtempSync(join(tmpdir(), "fieldlog-jls-"))
afterAll(() => rmSync(folder, { recursive: true }))

/** A log of one chunk a group. */
interface Table {
  group: Group
  ticks: Ticks | null
  columns: Values[]
  missing?: (Uint8Array | null)[]
}

function logOf(tables: readonly Table[], start: bigint | null, annotations: Annotation[] = []): Log {
  const groups = tables.map(({ group }) => group)
  const rows = tables.map(({ columns }) => columns[0]?.length ?? 0)
  return {
    ...{ format: "meteor", variant: "version 2", name: "run", start, groups, annotations, utc: [], userData: [], issues: [] },
    async survey() {
      const found = tables.map(({ ticks }, i) => ({
        rows: rows[i] ?? 0,
        first: ticks?.[0] ?? 0,
        last: ticks?.at(-1) ?? (rows[i] ?? 1) - 1,
      }))
      return { groups: found, duration: null }
    },
    async *chunks(): AsyncGenerator<Chunk> {
      for (const [group, { ticks, columns, missing }] of tables.entries()) {
        yield {
          group,
          first: 0,
          rows: rows[group] ?? 0,
          window: 0,
          ticks,
          columns,
          missing: missing ?? columns.map(() => null),
          order: null,
        }
      }
    },
    async close() {},
  }
}

function channel(name: string, type: Channel["type"], rest: Partial<Channel> = {}): Channel {
  return { name, unit: "V", type, calibration: null, notes: {}, ...rest }
}

async function written(log: Log, options = {}): Promise<{ log: JlsLog; losses: Loss[] }> {
  const sink = new MemorySink()
  const losses = (await jls.write?.(log, { name: "x.jls", sink: () => sink }, options)) ?? []
  return { log: await openJls(memorySource(sink.bytes())), losses }
}

async function columnsOf(log: JlsLog): Promise<Record<string, { values: unknown[]; missing: number[] | null; times: number[] }>> {
  const columns = await readAll(log)
  const times = new Map<number, number[]>()
  for await (const chunk of log.chunks()) {
    const own = times.get(chunk.group) ?? []
    times.set(chunk.group, [...own, ...rowTimes(log.groups[chunk.group] as Group, chunk)])
  }
  return Object.fromEntries(
    log.groups.map((group, g) => {
      const { values, missing } = columns.get(group.id) as NonNullable<ReturnType<typeof columns.get>>
      return [group.name, { values: [...values], missing: missing === null ? null : [...missing], times: times.get(g) ?? [] }]
    }),
  )
}

const START = 1_700_000_000_123_456_789n

describe("any log becomes a JLS file", () => {
  test("groups with a whole rate keep rate, raw values, units and their distance in time", async () => {
    const fixed = (rate: number, offset: number) => ({ kind: "fixed", rate, offset }) as const
    const tables: Table[] = [
      {
        group: { name: "a", id: 1, time: fixed(100, 0), channels: [channel("x", "i16"), channel("y", "f32")] },
        ticks: null,
        columns: [Int16Array.of(1, -2, 3), Float32Array.of(0.5, 1, 2)],
      },
      {
        group: { name: "b", id: 2, time: fixed(10, 0.3), channels: [channel("z", "bool")] },
        ticks: null,
        columns: [Uint8Array.of(1, 0, 1, 1)],
      },
    ]
    const { log, losses } = await written(logOf(tables, START))
    expect(losses).toEqual([])
    expect(log.start).toBe(START)
    expect(log.groups.map(({ channels }) => [channels[0]?.name, channels[0]?.unit, channels[0]?.type])).toEqual([
      ["x", "V", "i16"],
      ["y", "V", "f32"],
      ["z", "V", "u1"],
    ])
    const { x, y, z } = await columnsOf(log)
    expect(x?.values).toEqual([1, -2, 3])
    expect(y?.values).toEqual([0.5, 1, 2])
    expect(z?.values).toEqual([1, 0, 1, 1])
    expect(z?.times[0]).toBeCloseTo(0.3, 8)
  })

  test("rows with stamps keep their values, and their times by UTC pairs", async () => {
    const stamps = Float64Array.of(0, 10, 20, 30, 41, 500, 510, 520, 10_000)
    const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick: 0.001 }, channels: [channel("x", "u32"), channel("y", "f64")] }
    const columns = [Uint32Array.from(stamps, (_, i) => i), Float64Array.from(stamps, Math.sqrt)]
    const { log, losses } = await written(logOf([{ group, ticks: stamps, columns }], START))
    expect(losses).toEqual([])
    const { x, y } = await columnsOf(log)
    expect(x?.values).toEqual([...stamps.keys()])
    expect(y?.values).toEqual([...stamps].map(Math.sqrt))
    expect(x?.times).toEqual([...stamps].map((stamp) => stamp / 1000))
    expect(y?.times).toEqual(x?.times)
    expect(log.utc.length).toBeLessThan(2 * stamps.length)
  })

  test("uneven rows come back exact to the ns, at any tick", async () => {
    const random = generator(7)
    for (const [tick, most] of [
      [0.001, 40],
      [1e-6, 5_000_000],
      [1e-9, 2_000_000_000],
    ] as const) {
      let at = 12_345
      const stamps = Float64Array.from({ length: 3000 }, (_, i) => (at += i % 100 < 50 ? most : 1 + random(most)))
      const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick }, channels: [channel("x", "u16")] }
      const table = { group, ticks: stamps, columns: [Uint16Array.from(stamps, (_, i) => i)] }
      const { log, losses } = await written(logOf([table], START))
      expect(losses).toEqual([])
      const ns: bigint[] = []
      for await (const chunk of log.chunks()) ns.push(...instantsOf(log, log.groups[0] as Group, chunk))
      expect(ns).toEqual([...stamps].map((stamp) => START + BigInt(Math.round(stamp * tick * 1e9))))
    }
  })

  test("rows that go back in time are told, and stamps that would need too many pairs", async () => {
    const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick: 0.001 }, channels: [channel("x", "u16")] }
    const back = Float64Array.of(0, 10, 20, 5, 15, 30, 40)
    const { losses } = await written(logOf([{ group, ticks: back, columns: [new Uint16Array(7)] }], START))
    expect(losses).toMatchObject([{ kind: "values", count: 2, text: expect.stringContaining("time goes back") }])
    const random = generator(3)
    let at = 0
    const jittery = Float64Array.from({ length: 100_000 }, () => (at += 5 + random(11)))
    const { log, losses: many } = await written(logOf([{ group, ticks: jittery, columns: [new Uint16Array(100_000)] }], START))
    expect(many).toMatchObject([{ kind: "form", text: expect.stringContaining("exact to half a tick") }])
    const times: number[] = []
    for await (const chunk of log.chunks()) times.push(...rowTimes(log.groups[0] as Group, chunk))
    expect(Math.max(...times.map((time, i) => Math.abs(time - ((jittery[i] as number) - (jittery[0] as number)) / 1000)))).toBeLessThan(
      0.00051,
    )
  })

  test("uneven rows: ranges, statistics and remarks go by their times, and a copy keeps them", async () => {
    const stamps = Float64Array.from({ length: 100 }, (_, i) => (i < 50 ? i * 100 : 4900 + (i - 49) * 1000))
    const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick: 0.001 }, channels: [channel("x", "i16")] }
    const { log } = await written(logOf([{ group, ticks: stamps, columns: [Int16Array.from(stamps, (_, i) => i)] }], START))
    const rowsOf = async (range: { start?: number; end?: number }) => {
      const found: number[] = []
      for await (const chunk of log.chunks(range)) found.push(...(chunk.columns[0] as Int16Array))
      return found
    }
    expect(await rowsOf({ start: 4.9, end: 8 })).toEqual([49, 50, 51, 52])
    expect(await rowsOf({ end: 0.05 })).toEqual([0])
    expect(await rowsOf({ start: 54 })).toEqual([99])
    expect((await stats(log))[0]).toMatchObject({ rows: 100, count: 100, first: 0, last: 99, mean: 49.5 })
    expect((await stats(log, { start: 4.9, end: 8 }))[0]).toMatchObject({ rows: 4, first: 49, last: 52, mean: 50.5 })
    expect([...(await log.reduce(0, 0, 0, 55, 11)).count]).toEqual([50, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    const { log: copy } = await written(log)
    expect((await columnsOf(copy)).x).toEqual((await columnsOf(log)).x)
    expect(copy.contents.utc).toEqual(log.contents.utc)
    const { log: cut } = await written(new View(log, { range: { start: 4.9, end: 8 } }))
    expect((await columnsOf(cut)).x?.values).toEqual([49, 50, 51, 52])
    expect((await columnsOf(cut)).x?.times).toEqual([0, 1, 2, 3])
  })

  test("rows at an even pace need two pairs a signal, however many they are", async () => {
    const stamps = Float64Array.from({ length: 5000 }, (_, i) => i * 20)
    const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick: 0.001 }, channels: [channel("x", "u16")] }
    const { log } = await written(logOf([{ group, ticks: stamps, columns: [Uint16Array.from(stamps, (_, i) => i)] }], START))
    expect(log.utc).toHaveLength(2)
    expect(log.groups[0]?.time).toMatchObject({ rate: 50 })
  })

  test("rows with stamps are put on a grid where a rate is asked for", async () => {
    const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick: 0.001 }, channels: [channel("x", "f32")] }
    const table = { group, ticks: Float64Array.of(0, 250, 500, 1000), columns: [Float32Array.of(1, 2, 3, 5)] }
    const { log, losses } = await written(logOf([table], START), { rate: "4", fill: "linear" })
    expect(losses.some(({ text }) => text.includes("resampled at 4 Hz"))).toBe(true)
    expect((await columnsOf(log)).x?.values).toEqual([1, 2, 3, 4, 5])
    await expect(written(logOf([table], START), { rate: "0.5" })).rejects.toThrow("whole Hz")
  })

  test("calibration by powers of two is fixed point, any other is applied and told", async () => {
    const time = { kind: "fixed", rate: 1, offset: 0 } as const
    const channels = [
      channel("q", "i16", { calibration: { addition: 0, divisor: 256, multiplier: 1 } }),
      channel("c", "i16", { calibration: { addition: 1, divisor: 10, multiplier: 1 } }),
    ]
    const { log, losses } = await written(
      logOf(
        [{ group: { name: "g", id: 1, time, channels }, ticks: null, columns: [Int16Array.of(128, -256), Int16Array.of(9, 19)] }],
        null,
      ),
    )
    expect(log.groups[0]?.channels[0]?.calibration).toEqual({ addition: 0, divisor: 256, multiplier: 1 })
    const { q, c } = await columnsOf(log)
    expect(q?.values).toEqual([128, -256])
    expect(c?.values).toEqual([1, 2])
    expect(losses.map(({ text }) => text)).toEqual(["c: physical values are stored, as JLS has no calibration"])
    expect((await log.reduce(0, 0, 0, 2, 1)).mean).toEqual(Float64Array.of(-0.25))
  })

  test("missing integers are marked gaps, missing floats are NaN, wide integers stay exact", async () => {
    const time = { kind: "fixed", rate: 1, offset: 0 } as const
    const channels = [channel("i", "i32"), channel("f", "f32"), channel("w", "u48"), channel("b", "i64")]
    const columns = [
      Int32Array.of(1, 0, 0, 4),
      Float32Array.of(1, 0, 0, 4),
      Float64Array.of(2 ** 47, 1, 2, 3),
      BigInt64Array.of(-(2n ** 62n), 1n, 2n, 3n),
    ]
    const gone = Uint8Array.of(0, 1, 1, 0)
    const { log } = await written(
      logOf([{ group: { name: "g", id: 1, time, channels }, ticks: null, columns, missing: [gone, gone, null, null] }], START),
    )
    const found = await columnsOf(log)
    expect(found.i).toMatchObject({ values: [1, 0, 0, 4], missing: [0, 1, 1, 0] })
    expect(found.f?.values).toEqual([1, Number.NaN, Number.NaN, 4])
    expect(found.w?.values).toEqual([2n ** 47n, 1n, 2n, 3n])
    expect(found.b?.values).toEqual([-(2n ** 62n), 1n, 2n, 3n])
  })

  test("text becomes the remarks of a signal without rate, annotations find their signal or the whole file", async () => {
    const group: Group = { name: "g", id: 1, time: { kind: "stamped", tick: 1 }, channels: [channel("say", "text")] }
    const plain = { tick: null, data: null, y: null, kind: "text" } as const
    const log = logOf([{ group, ticks: Float64Array.of(1, 2), columns: [["one", "two"]] }], START, [
      { ...plain, group: null, time: 1.5, text: "both" },
    ])
    const back = (await written(log)).log
    expect(back.groups).toEqual([])
    expect(back.contents.structure.signals.map(({ def }) => def.name)).toEqual(["global_annotation_signal", "say"])
    expect(back.annotations.map(({ text, time }) => [text, time])).toEqual([
      ["both", 0.5],
      ["one", 0],
      ["two", 1],
    ])
  })

  test("more channels than the format has room for are one clear error", async () => {
    const channels = Array.from({ length: 300 }, (_, i) => channel(`c${i}`, "u8"))
    const time = { kind: "fixed", rate: 1, offset: 0 } as const
    const log = logOf([{ group: { name: "g", id: 1, time, channels }, ticks: null, columns: channels.map(() => Uint8Array.of(1)) }], null)
    await expect(written(log)).rejects.toThrow("holds 255 signals")
  })
})

describe("a JLS file through the model", () => {
  test.each(["multi", "annotations", "utc", "offset", "user_data", "fixed_point", "gaps"])(
    "%s is the same file again",
    { tags: "slow" },
    async (name) => {
      const calls = callsOf(name)
      const before = await openJls(memorySource(replay(calls, {})))
      const { log, losses } = await written(before)
      expect(losses).toEqual([])
      expect(log.contents.structure.sources).toEqual(before.contents.structure.sources)
      expect(log.contents.structure.signals.map(({ def }) => def)).toEqual(before.contents.structure.signals.map(({ def }) => def))
      expect(await readAll(log)).toEqual(await readAll(before))
      for (const part of ["utc", "annotations", "userData"] as const) expect(log.contents[part]).toEqual(before.contents[part])
    },
  )

  test("a time range keeps sample ids, UTC and the annotations within", async () => {
    const before = await openJls(memorySource(goldenBytes("multi", "file.jls") as Uint8Array))
    const { log } = await written(new View(before, { range: { start: 2, end: 4 } }))
    const [a, b] = [await columnsOf(before), await columnsOf(log)]
    for (const group of before.groups) {
      const rate = group.time.kind === "fixed" ? group.time.rate : 0
      expect(b[group.name]?.values).toEqual(a[group.name]?.values.slice(2 * rate, 4 * rate))
      const at = log.groups.findIndex(({ id }) => id === group.id)
      expect(log.signals[at]?.fsr.map.first).toBe(2 * rate)
    }
    expect(Number((log.start ?? 0n) - (before.start ?? 0n))).toBeCloseTo(2e9, -3)
    expect(log.annotations.map(({ text }) => text)).toEqual(
      before.annotations.filter(({ time }) => time !== null && time >= 2 && time < 4).map(({ text }) => text),
    )
  })

  test("annotations are added, edited and removed, the rest stays as it is", async () => {
    const path = join(folder, "a.jls")
    writeFileSync(path, goldenBytes("annotations", "file.jls") as Uint8Array)
    const before = await openJls(memorySource(readFileSync(path)))
    const [first, second] = before.annotations.filter(({ group }) => group === 0) as [Annotation, Annotation]
    const index = (annotation: Annotation) => before.annotations.indexOf(annotation)
    const added: Annotation = { group: 0, time: 0.5, tick: null, kind: "vertical", text: "mark", data: null, y: 2.5 }
    await annotateJls(path, [
      { kind: "add", annotation: added },
      { kind: "edit", index: index(second), annotation: { ...second, text: "new" } },
      { kind: "remove", index: index(first) },
    ])
    const after = await openJls(memorySource(readFileSync(path)))
    const texts = (log: Log) =>
      log.annotations.map(({ group, time, kind, text, y }) => JSON.stringify({ group, time, kind, text, y })).sort()
    const expected = before.annotations
      .filter((annotation) => annotation !== first)
      .map((annotation) => (annotation === second ? { ...second, text: "new" } : annotation))
    expect(texts(after)).toEqual(texts({ ...before, annotations: [...expected, { ...added, tick: 500 }] } as unknown as Log))
    expect(await readAll(after)).toEqual(await readAll(before))
    await expect(annotateJls(path, [{ kind: "remove", index: 9999 }])).rejects.toThrow("annotation 9999")
  })

  test("going on with a closed file gives the bytes of one recording", async () => {
    const calls = callsOf("dtype_f32").filter(({ op }) => op !== "close")
    const whole = replay([...calls, { op: "close" }], {})
    const half = replay([...calls.slice(0, -1), { op: "close" }], {})
    const last = calls.at(-1) as unknown as { sample_id: number; length: number; gen: never }
    const sink = new MemorySink()
    const writer = await appendTo(await openJls(memorySource(half)), sink)
    expect(writer.nextSample(1)).toBe(last.sample_id)
    const log = await openJls(memorySource(whole))
    const fsr = (log.signals[0] as JlsLog["signals"][number]).fsr
    writer.fsr(1, last.sample_id, (await fsr.samples(last.sample_id, last.sample_id + last.length)).values)
    writer.close()
    expect(Buffer.compare(sink.bytes(), whole)).toBe(0)
  })
})

/** xorshift32. */
function generator(seed: number): (below: number) => number {
  let x = seed | 0 || 1
  return (below) => {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    return (x >>> 0) % below
  }
}
