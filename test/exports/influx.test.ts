import { expect, test } from "vitest"
import { writeInflux } from "../../host/exports/influx.js"
import { type Case, cases, MemoryOutput } from "../conformance/cases.js"
import { caseLog } from "../conformance/expected.js"
import { parseLine } from "../conformance/line-protocol.js"

async function lines(data: Case): Promise<{ lines: string[]; losses: string[] }> {
  const output = new MemoryOutput()
  const losses = await writeInflux(caseLog(data), output, {})
  return { lines: output.text().split("\n").slice(0, -1), losses: losses.map(({ kind, count }) => `${kind} ${count}`) }
}

test("a line is measurement, tag, fields with their types and ns UTC", async () => {
  const { lines: out } = await lines(cases["two rates"] as Case)
  expect(parseLine(out[0] as string)).toEqual({
    measurement: "imu",
    tags: { log: "case" },
    fields: { ax: -3, ay: 74.25 },
    time: 1_700_000_000_123_456_789n,
  })
  expect(out[0]).toBe("imu,log=case ax=-3.00,ay=74.25 1700000000123456789")
})

test("integers of 64 bits, flags and text keep their values", async () => {
  const edges = (await lines(cases["64-bit edges"] as Case)).lines.map(parseLine)
  expect(edges.map(({ fields }) => fields.u64)).toEqual([0n, 1n, 2n ** 53n + 1n, 2n ** 64n - 1n])
  expect(edges.map(({ fields }) => fields.i64)).toEqual([-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n])
  expect(edges.map(({ fields }) => fields.flag)).toEqual([true, false, false, true])
  expect(edges.map(({ fields }) => fields.f64)).toEqual([Number.MIN_VALUE, Number.MAX_VALUE, 0.1, -1e-7])
  // A line end inside a quoted text belongs to it.
  const text = await writeText()
  expect(text).toContain('t="say \\"hi\\"\n"')
})

async function writeText(): Promise<string> {
  const output = new MemoryOutput()
  await writeInflux(caseLog(cases.text as Case), output, {})
  return output.text()
}

test("gaps have no field, and values InfluxDB refuses are counted", async () => {
  const gaps = (await lines(cases.gaps as Case)).lines.map(parseLine)
  expect(gaps.map(({ fields }) => Object.keys(fields).join())).toEqual(["a", "b", "a", "b", "a", "c", "c"])
  const nan = await lines(cases["not a number"] as Case)
  expect(nan.lines).toHaveLength(1)
  expect(nan.losses).toEqual(["values 6", "rows 3"])
})

test("names are escaped so that they read back", async () => {
  const [line] = (await lines(cases.unicode as Case)).lines.map(parseLine)
  expect(line?.measurement).toBe("Ωmeter 日本")
  expect(Object.keys(line?.fields ?? {})).toEqual(['größe, "x" [é] '])
})

test("no two values have the same measurement, field, tags and time, and a field has one type", async () => {
  const group = (type: "u8" | "u64" | "f64", values: (number | bigint)[]) => ({
    name: "current",
    time: { kind: "stamped", tick: 0.001 } as const,
    ticks: [5, 5, 6],
    channels: [{ name: "current", type, values }],
  })
  const data: Case = {
    name: "twice",
    start: 0n,
    groups: [group("u8", [1, 2, 3]), group("u64", [1n, 2n ** 64n - 1n, 2n]), group("f64", [1, 2, 3])],
  }
  const { lines: out, losses } = await lines(data)
  const points = out.map(parseLine).map(({ measurement, fields, time }) => ({ measurement, value: fields.current, time }))
  expect(new Set(points.map(({ measurement, time }) => `${measurement} ${time}`)).size).toBe(9)
  const kinds = (name: string) => out.filter((line) => line.startsWith(`${name},`)).map((line) => / current=[^ ]*?([iu]?) /.exec(line)?.[1])
  expect([kinds("current"), kinds("current-2"), kinds("current-3")]).toEqual([
    ["i", "i", "i"],
    ["u", "u", "u"],
    ["", "", ""],
  ])
  expect(points.filter(({ measurement }) => measurement === "current-2").map(({ value, time }) => [value, time])).toEqual([
    [1n, 5_000_000n],
    [2n ** 64n - 1n, 5_000_001n],
    [2n, 6_000_000n],
  ])
  expect(losses).toEqual(expect.arrayContaining(["form 3", "form 2"]))
})

test("rows after a clock that goes back keep their times, and overwrite nothing", async () => {
  const ticks = [100, 110, 50, 50, 110, 120, 40, 115]
  const channels = [{ name: "x", type: "u8" as const, values: ticks.map((_, i) => i) }]
  const data: Case = { name: "", start: 0n, groups: [{ name: "g", time: { kind: "stamped", tick: 1e-9 }, ticks, channels }] }
  const { lines: out, losses } = await lines(data)
  expect(new Set(out.map((line) => line.replace(/ x=\d+i/, ""))).size).toBe(8)
  expect(out).toEqual([
    "g x=0i 100",
    "g x=1i 110",
    "g,part=2 x=2i 50",
    "g,part=2 x=3i 51",
    "g x=4i 111",
    "g x=5i 120",
    "g,part=3 x=6i 40",
    "g,part=2 x=7i 115",
  ])
  expect(losses).toEqual(expect.arrayContaining(["form 2", "form 4"]))
})
