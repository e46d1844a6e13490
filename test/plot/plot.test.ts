import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { inflateSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { UsageError } from "../../host/model/errors.js"
import type { Log, Selection } from "../../host/model/log.js"
import { braillePlot, dotsAcross } from "../../host/plot/braille.js"
import { extentOf, figureOf, runsOf } from "../../host/plot/figure.js"
import { withoutBookkeeping } from "../../host/plot/panels.js"
import { pngOf } from "../../host/plot/png.js"
import { plotWidth, svgPlot } from "../../host/plot/svg.js"
import { textWidth } from "../../host/text/width.js"
import { type Case, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const

function wave(n: number, every: number, gap: [number, number] = [0, 0]): { ticks: number[]; values: number[] } {
  const ticks = Array.from({ length: n }, (_, i) => i * every).filter((tick) => tick < gap[0] || tick >= gap[1])
  return { ticks, values: ticks.map((tick) => Math.sin(tick / 2000) * 40 + ((tick * 7919) % 13)) }
}

const fast = wave(6000, 10, [20_000, 26_000])
const slow = wave(60, 1000)
const drive: Case = {
  name: "drive <1>",
  start: 1_700_000_000_000_000_000n,
  groups: [
    {
      name: "imu",
      time: ms,
      ticks: fast.ticks,
      channels: [
        { name: "ax", type: "f64", unit: "m/s²", values: fast.values },
        { name: "ay", type: "f64", unit: "m/s²", values: fast.values.map((v) => -v / 2) },
      ],
    },
    { name: "temp", time: ms, ticks: slow.ticks, channels: [{ name: "temp", type: "f64", unit: "°C", values: slow.values }] },
    { name: "one", time: ms, ticks: [30_000], channels: [{ name: "one", type: "u8", values: [5] }] },
  ],
  annotations: [{ group: null, time: 12, tick: null, kind: "vertical", text: "start & go", data: null, y: null }],
}

async function picture(data: Case | Log, width = 600): Promise<string> {
  const log = "chunks" in data ? data : memoryLog(data)
  return svgPlot(await figureOf(log, { buckets: plotWidth(width) }), { width, panelHeight: 100 })
}

/** Compares with a committed file; FIELDLOG_UPDATE=1 writes it anew, to be looked at. */
function expectGolden(name: string, text: string): void {
  const path = join("test/plot/golden", name)
  if (process.env.FIELDLOG_UPDATE === "1" && process.env.CI !== "true") writeFileSync(path, text)
  expect(existsSync(path)).toBe(true)
  expect(text).toBe(readFileSync(path, "utf8"))
}

test("a figure with bands, a gap, dots, units and an annotation looks as it did", async () => {
  expectGolden("drive.svg", await picture(drive))
})

test("braille looks as it did", async () => {
  const figure = await figureOf(memoryLog(drive), { buckets: dotsAcross(80) })
  expectGolden("drive.txt", braillePlot(figure, { width: 80, lines: 6 }))
})

test("names with markup cannot break the picture", async () => {
  const svg = await picture({ ...drive, name: '</text><script>"&\u0000' })
  expect(svg).toContain("&lt;/text&gt;&lt;script&gt;&quot;&amp;\ufffd")
  expect(svg).not.toContain("<script>")
})

test("curves are cut where no sample came, and joined over the usual distance", async () => {
  const { panels } = await figureOf(memoryLog(drive), { buckets: 500 })
  const [imu, temp] = panels
  expect(runsOf(imu?.series[0] as never).map(([first, last]) => [Math.round(first / 5), Math.round(last / 5)])).toEqual([
    [0, 33],
    [43, 100],
  ])
  expect(runsOf(temp?.series[0] as never)).toHaveLength(1)
})

test("every sample lies inside its panel's extent", async () => {
  const { panels } = await figureOf(memoryLog(drive), { buckets: 100 })
  expect(extentOf(panels[0] as never)).toEqual({
    low: Math.min(...fast.values, ...fast.values.map((v) => -v / 2)),
    high: Math.max(...fast.values, ...fast.values.map((v) => -v / 2)),
  })
})

test("damage is marked where the rows around it stand in time", async () => {
  const inner = memoryLog({
    ...drive,
    issues: [{ kind: "bad", severity: "error", at: 20_000, length: 100, group: null, text: "100 bytes <lost>" }],
  })
  const log: Log = {
    ...inner,
    async *chunks(selection?: Selection) {
      // A row every 10 bytes, so byte 20,000 is row 2,000.
      for await (const chunk of inner.chunks(selection))
        yield { ...chunk, order: Float64Array.from({ length: chunk.rows }, (_, i) => (chunk.first + i) * 10) }
    },
  }
  const { damage } = await figureOf(log, { buckets: 100 })
  expect(damage).toMatchObject([{ from: (fast.ticks[1999] as number) / 1000, to: 26.1, text: "100 bytes <lost>" }])
  const svg = await picture(log)
  expect(svg).toContain("<title>100 bytes &lt;lost&gt;</title>")
  expect(svg).toContain("damage in the file")
})

test("a layout says panels, limits and title; a channel it lacks is an error", async () => {
  const layout = { title: "Report", panels: [{ title: "both", channels: ["ax", "temp"], min: -100, max: 100 }] }
  const figure = await figureOf(memoryLog(drive), { buckets: 50, layout })
  expect(figure).toMatchObject({
    title: "Report",
    panels: [{ title: "both", min: -100, max: 100, series: [{ name: "ax" }, { name: "temp" }] }],
  })
  await expect(figureOf(memoryLog(drive), { buckets: 50, layout: { panels: [{ channels: ["az"] }] } })).rejects.toThrow(/az/)
})

test("a log without numbers cannot be plotted", async () => {
  const text = { groups: [{ name: "t", time: ms, ticks: [0], channels: [{ name: "t", type: "text" as const, values: ["a"] }] }] }
  await expect(figureOf(memoryLog(text), { buckets: 50 })).rejects.toThrow(UsageError)
})

test("a legend takes as many lines as its names need, and names every curve", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `a-rather-long-channel-name-${i}`)
  const channels = names.map((name) => ({ name, type: "u8" as const, unit: "V", values: [1, 2] }))
  const svg = await picture({ groups: [{ name: "g", time: ms, ticks: [0, 1000], channels }] })
  const places = names.map((name) => {
    const found = new RegExp(`<text x="([\\d.]+)" y="([\\d.]+)"[^>]*>${name}</text>`).exec(svg)
    return { x: Number(found?.[1]), y: Number(found?.[2]) }
  })
  expect(new Set(places.map(({ y }) => y)).size).toBeGreaterThan(1)
  expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(8)
  expect(Math.max(...places.map(({ x }) => x))).toBeLessThan(480)
})

test("one sample stands in the middle, and a channel without values says so", async () => {
  const channels = [
    { name: "a", type: "u8" as const, unit: "V", values: [5] },
    { name: "b", type: "u8" as const, unit: "A", values: [null] },
  ]
  const log = memoryLog({ groups: [{ name: "g", time: ms, ticks: [12_500], channels }] })
  const figure = await figureOf(log, { buckets: 100 })
  expect([figure.from, figure.to]).toEqual([12, 13])
  const svg = svgPlot(figure, { width: 600, panelHeight: 100 })
  expect(svg.match(/<circle/g)).toHaveLength(1)
  expect(svg.match(/no values/g)).toHaveLength(1)
})

test("annotations near one another stand below one another, as far as there is room", async () => {
  const at = (time: number) => ({ group: null, time, tick: null, kind: "text", text: `note at ${time}`, data: null, y: null }) as const
  const svg = await picture({ ...drive, annotations: [at(12), at(12.2), at(12.4), at(12.6), at(40)] })
  const heights = [...svg.matchAll(/y="([\d.]+)"[^>]*>note at/g)].map(([, y]) => Number(y))
  expect(heights).toHaveLength(4)
  expect(new Set(heights).size).toBe(3)
  expect(svg.match(/stroke-dasharray/g)).toHaveLength(5 * 3)
})

const pair = (name: string, unit: string, type: "f64" | "u8" = "f64") => ({ name, type, unit, values: [1, 2] })
const panelsShown = async (data: Case) =>
  (await figureOf(memoryLog(data), { buckets: 50 })).panels.map(({ title, series }) => [title, ...series.map(({ name }) => name)])

test("curves without a unit do not share a panel", async () => {
  const channels = [pair("a", ""), pair("b", ""), pair("c", "V"), pair("d", "V")]
  expect(await panelsShown({ groups: [{ name: "g", time: ms, ticks: [0, 1000], channels }] })).toEqual([
    ["a", "a"],
    ["b", "b"],
    ["", "c", "d"],
  ])
})

test("curves of very different size do not share a panel: none is pressed flat", async () => {
  const ticks = Array.from({ length: 50 }, (_, i) => i * 100)
  const lone = (name: string, unit: string, from: number, to: number) => ({
    name,
    time: ms,
    ticks,
    channels: [{ name, type: "f64" as const, unit, values: ticks.map((_, i) => from + ((to - from) * i) / 49) }],
  })
  const place = [lone("lat", "°", 48.1, 48.2), lone("lon", "°", 11.5, 11.6)].map(({ channels }) => channels[0] as never)
  const log = memoryLog({
    groups: [
      { name: "gps", time: ms, ticks, channels: place },
      lone("pack", "V", 300, 350),
      lone("cell", "V", 3.9, 4.1),
      lone("other", "V", 3.8, 4.2),
      lone("off", "V", 0, 0),
    ],
  })
  const { panels } = await figureOf(log, { buckets: 100 })
  expect(panels.map(({ series }) => series.map(({ name }) => name))).toEqual([["lat"], ["lon"], ["pack", "off"], ["cell", "other"]])
})

test("a legend names the group where names repeat", async () => {
  const group = (name: string) => ({ name, time: ms, ticks: [0, 1000], channels: [pair("speed", "m/s")] })
  expect(await panelsShown({ groups: [group("run 1"), group("run 2")] })).toEqual([["", "run 1.speed", "run 2.speed"]])
  expect(await panelsShown({ groups: [group("run"), group("run")] })).toEqual([["", "run.speed", "run.speed-2"]])
})

test("whole numbers are drawn in steps, measured ones in lines", async () => {
  const of = (type: "f64" | "u8") => picture({ groups: [{ name: "g", time: ms, ticks: [0, 1000], channels: [pair("a", "V", type)] }] })
  expect(await of("u8")).toMatch(/d="M[\d. ]+H[\d.]+V[\d.]+"/)
  expect(await of("f64")).toMatch(/d="M[\d. ]+L[\d. ]+"/)
})

test("bands lie below lines, the widest at the back, all in full colour", async () => {
  const dense = wave(6000, 10)
  const channels = [
    { name: "narrow", type: "f64" as const, unit: "V", values: dense.values.map((v) => v / 10) },
    { name: "wide", type: "f64" as const, unit: "V", values: dense.values },
  ]
  const sparse = { name: "sparse", type: "f64" as const, unit: "V", values: slow.values }
  const svg = await picture({
    groups: [
      { name: "a", time: ms, ticks: dense.ticks, channels },
      { name: "b", time: ms, ticks: slow.ticks, channels: [sparse] },
    ],
  })
  const fills = [...svg.matchAll(/<path d="[^"]*" fill="([^"]+)"/g)].map(([, fill]) => fill)
  expect(fills).toEqual(["#d55e00", "#0072b2", "none"])
  expect(svg).not.toContain("fill-opacity")
})

test("a step without samples cuts a curve of many samples a step", async () => {
  const times = wave(60_000, 1, [30_000, 30_240])
  const log = memoryLog({
    groups: [{ name: "g", time: ms, ticks: times.ticks, channels: [{ name: "a", type: "f64", unit: "V", values: times.values }] }],
  })
  const { panels } = await figureOf(log, { buckets: 500 })
  expect(runsOf(panels[0]?.series[0] as never)).toHaveLength(2)
})

test("the logger's counters, a record's span and a time column are left out, unless nothing else is there", () => {
  const group = (name: string, ...names: string[]) => ({
    name,
    id: 0,
    time: ms,
    channels: names.map((each) => ({
      name: each,
      unit: "",
      type: "u32" as const,
      calibration: null,
      notes: each === "t" ? { is_time: "true" } : ({} as Record<string, string>),
    })),
  })
  expect(withoutBookkeeping([group("imu", "span", "ax", "t"), group("logger", "dropped", "waiting")])).toEqual(["imu.ax"])
  expect(withoutBookkeeping([group("imu", "ax")])).toBeUndefined()
  expect(withoutBookkeeping([group("logger", "dropped")])).toBeUndefined()
})

test("groups without time share an axis of rows", async () => {
  const group = (name: string, rows: number) => {
    const channels = [{ name, type: "f64" as const, unit: "V", values: new Array(rows).fill(1) }]
    return { name, time: { kind: "stamped", tick: 0 } as const, ticks: Array.from({ length: rows }, (_, i) => i), channels }
  }
  const { panels, to } = await figureOf(memoryLog({ groups: [group("short", 10), group("long", 100)] }), { buckets: 100 })
  expect(to).toBe(100)
  expect(panels[0]?.series[0]?.data.count.slice(0, 12).join("")).toBe("111111111100")
})

test("in a terminal no line is wider than the terminal, wide letters count as two, and curves have colours", async () => {
  const name = "電圧".repeat(30)
  const channels = [pair("a", "V"), pair(name, "V"), pair("b\u001b[2J\u202e", "V")]
  const figure = await figureOf(memoryLog({ name, groups: [{ name: "g", time: ms, ticks: [0, 1000], channels }] }), { buckets: 100 })
  for (const width of [40, 80, 200]) {
    const text = braillePlot(figure, { width, lines: 4 })
    expect(Math.max(...text.split("\n").map(textWidth))).toBeLessThanOrEqual(width)
    expect(text).toContain("b\\x1b[2J\\u202e")
  }
  const painted = braillePlot(figure, { width: 80, lines: 4 }, (colour, text) => `<${colour}>${text}</>`)
  expect(painted).toContain("<blue>■ a</>")
  expect(painted).toMatch(/<green>[\u2800-\u28ff ]+<\/>/)
})

describe("PNG", () => {
  test("shows the drawn range: ink where the curve is, none where the gap is, and text", async () => {
    const svg = await picture(drive)
    const { width, height, at } = readPng((await pngOf(svg, 1)).png)
    expect([width, height]).toEqual([600, Number(/height="(\d+)"/.exec(svg)?.[1])])
    const isBlue = (x: number, y: number) => {
      const [r, g, b] = at(x, y)
      return b - r > 40 && b > g
    }
    const column = (time: number) => Math.round(78 + (time / 60) * 500)
    const inked = (time: number) => Array.from({ length: 100 }, (_, i) => isBlue(column(time), 70 + i)).filter(Boolean).length
    expect(inked(10)).toBeGreaterThan(3)
    expect(inked(50)).toBeGreaterThan(3)
    expect(inked(23)).toBe(0)
    const dark = Array.from({ length: 200 * 20 }, (_, i) => at(78 + (i % 200), 8 + Math.floor(i / 200))).filter(([r]) => r < 90)
    expect(dark.length).toBeGreaterThan(100)
  })

  test("letters that no font has are told: boxes stand for them", async () => {
    const named = (name: string) => picture({ ...drive, name, groups: drive.groups.slice(1) })
    expect((await pngOf(await named("Ωµ° Ж é"), 1)).lacking).toEqual([])
    // Unassigned in Unicode, so that no machine has it; the letters of our own font are there.
    expect((await pngOf(await named("a\u05ffb\u{3fffd}"), 1)).lacking).toEqual(["\u05ff", "\u{3fffd}"])
  })
})

/** 8-bit RGBA PNG, decoded by the published rules. */
function readPng(png: Uint8Array): { width: number; height: number; at: (x: number, y: number) => [number, number, number] } {
  const bytes = Buffer.from(png)
  const width = bytes.readUInt32BE(16)
  const height = bytes.readUInt32BE(20)
  expect([bytes[24], bytes[25]]).toEqual([8, 6])
  const parts: Buffer[] = []
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    if (bytes.toString("latin1", at + 4, at + 8) === "IDAT") parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at)))
  }
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * 4
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]
    for (let i = 0; i < stride; i++) {
      const left = i >= 4 ? (out[y * stride + i - 4] as number) : 0
      const up = y > 0 ? (out[(y - 1) * stride + i] as number) : 0
      const corner = i >= 4 && y > 0 ? (out[(y - 1) * stride + i - 4] as number) : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter as number] as number
      out[y * stride + i] = ((raw[y * (stride + 1) + 1 + i] as number) + guess) & 0xff
    }
  }
  return {
    width,
    height,
    at: (x, y) => [out[y * stride + x * 4], out[y * stride + x * 4 + 1], out[y * stride + x * 4 + 2]] as [number, number, number],
  }
}

function paeth(a: number, b: number, c: number): number {
  const p = a + b - c
  const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)]
  if (pa <= pb && pa <= pc) return a
  return pb <= pc ? b : c
}
