import * as fc from "fast-check"
import { expect, test } from "vitest"
import { writeNdjson } from "../../host/exports/ndjson.js"
import type { WriteOptions } from "../../host/model/format.js"
import { type Case, MemoryOutput, memoryLog } from "../conformance/cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const

async function lines(data: Case, options: WriteOptions = {}): Promise<string[]> {
  const output = new MemoryOutput()
  await writeNdjson(memoryLog(data), output, options)
  return output.text().split("\n").slice(0, -1)
}

test("a row is group, tick, time and values by name", async () => {
  const channels = [
    { name: "ax", type: "i16" as const, calibration: { addition: 0, divisor: 100, multiplier: 1 }, values: [-50] },
    { name: "ay", type: "i16" as const, calibration: { addition: 0, divisor: 100, multiplier: 1 }, values: [25] },
  ]
  const data = { groups: [{ name: "imu", time: ms, ticks: [120], channels }] }
  expect(await lines(data)).toEqual(['{"group":"imu","tick":120,"time":0.12,"values":{"ax":-0.5,"ay":0.25}}'])
  expect(await lines(data, { raw: true })).toEqual(['{"group":"imu","tick":120,"time":0.12,"values":{"ax":-50,"ay":25}}'])
})

test("without a tick length there is no time", async () => {
  const group = {
    name: "s",
    time: { kind: "stamped", tick: 0 } as const,
    ticks: [7],
    channels: [{ name: "x", type: "u8" as const, values: [1] }],
  }
  expect(await lines({ groups: [group] })).toEqual(['{"group":"s","tick":7,"values":{"x":1}}'])
})

test("what JSON has no word for is a string, what is missing is null", async () => {
  const channels = [
    { name: "f", type: "f64" as const, values: [Number.NaN, Number.NEGATIVE_INFINITY, null, -0] },
    { name: "u", type: "u64" as const, values: [2n ** 53n, 2n ** 64n - 1n, 5n, null] },
    { name: "b", type: "bool" as const, values: [1, 0, null, 1] },
    { name: "x", type: "bytes" as const, values: [Uint8Array.of(0, 255), new Uint8Array(0), null, new Uint8Array(0)] },
    { name: "m", type: "mixed" as const, values: [{ a: [1n, "ü"] }, new Map([[1, 2]]), null, 3] },
  ]
  const rows = await lines({ groups: [{ name: "g", time: ms, ticks: [0, 1, 2, 3], channels }] })
  expect(rows.map((line) => line.slice(line.indexOf('"values":') + 9, -1))).toEqual([
    '{"f":"NaN","u":"9007199254740992","b":true,"x":"00ff","m":{"a":[1,"ü"]}}',
    '{"f":"-Infinity","u":"18446744073709551615","b":false,"x":"","m":{"1":2}}',
    '{"f":null,"u":5,"b":null,"x":null,"m":null}',
    '{"f":-0,"u":null,"b":true,"x":"","m":3}',
  ])
})

test("the tick of a naive clock is a date, a fixed rate's the sample number", async () => {
  const channels = [{ name: "c1", type: "f64" as const, values: [1.5] }]
  const time = { kind: "stamped", tick: 1e-9, naive: true } as const
  const ticks = [BigInt(Date.UTC(2020, 1, 29, 23, 59, 59)) * 1_000_000n + 120_000_000n]
  const naive = await lines({ groups: [{ name: "n/m/k", time, ticks, channels }] })
  expect(naive).toEqual(['{"group":"n/m/k","tick":"2020-02-29 23:59:59.12","time":1583020799.12,"values":{"c1":1.5}}'])
  const fixed = await lines({ groups: [{ name: "v", time: { kind: "fixed", rate: 1000, offset: 0.5 }, channels }] })
  expect(fixed).toEqual(['{"group":"v","tick":500,"time":0.5,"values":{"c1":1.5}}'])
})

test("every f64 is written shortest and reads back exactly", async () => {
  const number = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer().map((n) => n / 1000),
    fc.integer().map((n) => n * 0.1),
    fc.maxSafeInteger(),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(number, { minLength: 1, maxLength: 50 }), async (values) => {
      const channels = [{ name: "x", type: "f64" as const, values }]
      const rows = await lines({ groups: [{ name: "g", time: ms, ticks: values.map((_, i) => i), channels }] })
      for (const [i, value] of values.entries()) {
        const text = /"x":(.*)\}\}$/.exec(rows[i] ?? "")?.[1] ?? ""
        expect(text).toBe(Object.is(value, -0) ? "-0" : String(value))
      }
    }),
    { numRuns: 200 },
  )
})
