import type { Case, CaseChannel, CaseGroup } from "./memory.js"

export * from "./memory.js"

const ms = { kind: "stamped", tick: 0.001 } as const
const START = 1_700_000_000_123_456_789n

function range<T>(n: number, make: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => make(i))
}

function ramp(name: string, every: number, n: number, channels: readonly CaseChannel[]): CaseGroup {
  return { name, time: ms, ticks: range(n, (i) => i * every), channels }
}

/** Logs as data: what every reader and every writer has to get right, or to name as a loss. */
export const cases: Readonly<Record<string, Case>> = {
  "no samples": { start: START, groups: [{ name: "empty", time: ms, ticks: [], channels: [{ name: "x", type: "u8", values: [] }] }] },
  "one sample": {
    start: START,
    groups: [{ name: "one", time: ms, ticks: [0], channels: [{ name: "x", type: "i16", unit: "V", values: [-1] }] }],
  },
  "two rates": {
    start: START,
    groups: [
      ramp("imu", 10, 25, [
        {
          name: "ax",
          type: "i16",
          unit: "g",
          calibration: { addition: 0, divisor: 100, multiplier: 1 },
          values: range(25, (i) => i * 37 - 300),
        },
        { name: "ay", type: "i16", unit: "g", calibration: { addition: -3, divisor: 8, multiplier: 2 }, values: range(25, (i) => 300 - i) },
      ]),
      ramp("temp", 40, 7, [{ name: "t", type: "f32", unit: "°C", values: range(7, (i) => Math.fround(20.1 + i / 7)) }]),
    ],
  },
  "fixed rates": {
    start: START,
    groups: [
      {
        name: "current",
        time: { kind: "fixed", rate: 2000, offset: 0 },
        channels: [{ name: "i", type: "f32", unit: "A", values: range(40, (i) => Math.fround(Math.sin(i))) }],
      },
      {
        name: "state",
        time: { kind: "fixed", rate: 1000, offset: 0.25 },
        channels: [{ name: "s", type: "u4", values: range(20, (i) => i % 16) }],
      },
    ],
  },
  gaps: {
    start: START,
    groups: [
      ramp("g", 10, 6, [
        { name: "a", type: "u16", values: [1, null, 3, null, null, 6] },
        { name: "b", type: "f64", values: [null, 0.5, null, null, 2.25, null] },
      ]),
      { name: "late", time: ms, ticks: [500_000, 500_010], channels: [{ name: "c", type: "u8", values: [7, 8] }] },
    ],
  },
  wrap: {
    start: START,
    groups: [
      {
        name: "w",
        time: ms,
        ticks: [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 5],
        channels: [{ name: "x", type: "u32", values: [2 ** 32 - 1, 0, 5] }],
      },
    ],
  },
  "256 channels": {
    start: START,
    groups: [
      ramp(
        "many",
        1,
        4,
        range(256, (c) => ({ name: `c${c}`, type: "u8" as const, values: range(4, (i) => (c + i) % 256) })),
      ),
    ],
  },
  "64-bit edges": {
    start: START,
    groups: [
      ramp("edges", 1, 4, [
        { name: "u64", type: "u64", values: [0n, 1n, 2n ** 53n + 1n, 2n ** 64n - 1n] },
        { name: "i64", type: "i64", values: [-(2n ** 63n), -1n, 0n, 2n ** 63n - 1n] },
        { name: "u32", type: "u32", values: [0, 2 ** 31, 2 ** 32 - 1, 1] },
        { name: "i32", type: "i32", values: [-(2 ** 31), -1, 0, 2 ** 31 - 1] },
        { name: "i8", type: "i8", values: [-128, -1, 0, 127] },
        { name: "i24", type: "i24", values: [-(2 ** 23), -1, 0, 2 ** 23 - 1] },
        { name: "u40", type: "u40", values: [0, 1, 2 ** 32, 2 ** 40 - 1] },
        { name: "f64", type: "f64", values: [Number.MIN_VALUE, Number.MAX_VALUE, 0.1, -1e-7] },
        { name: "f32", type: "f32", values: [Math.fround(1e-45), Math.fround(3.4e38), Math.fround(0.1), -0.5] },
        { name: "flag", type: "bool", values: [1, 0, 0, 1] },
      ]),
    ],
  },
  "not a number": {
    start: START,
    groups: [
      ramp("n", 1, 4, [
        { name: "d", type: "f64", values: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5] },
        { name: "f", type: "f32", values: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5] },
      ]),
    ],
  },
  unicode: {
    start: START,
    groups: [ramp("Ωmeter 日本", 10, 2, [{ name: 'größe, "x" [é]\n', type: "f64", unit: "µΩ", values: [1, 2] }])],
  },
  "clashing names": {
    start: START,
    groups: [
      ramp("a", 10, 2, [{ name: "x", type: "u8", values: [1, 2] }]),
      ramp("b", 10, 2, [
        { name: "x", type: "u8", values: [3, 4] },
        { name: "time", type: "u8", values: [5, 6] },
      ]),
    ],
  },
  text: {
    start: START,
    groups: [
      ramp("notes", 10, 4, [
        { name: "t", type: "text", values: ["", "a,b", 'say "hi"\n', null] },
        { name: "b", type: "bytes", values: [Uint8Array.of(0, 255, 10), new Uint8Array(0), Uint8Array.of(1), null] },
        { name: "m", type: "mixed", values: [{ a: [1, "ü"] }, [null, true], 3.5, null] },
        { name: "n", type: "u8", values: [1, 2, 3, 4] },
      ]),
    ],
  },
  annotations: {
    start: START,
    groups: [ramp("g", 10, 2, [{ name: "x", type: "u8", unit: "V", values: [1, 2] }])],
    annotations: [
      { group: 0, time: 0.005, tick: 5, kind: "text", text: "here: größe", data: null, y: null },
      { group: null, time: null, tick: null, kind: "user", text: "", data: Uint8Array.of(1, 2, 3), y: null },
    ],
    utc: [{ group: 0, tick: 0n, utc: START }],
    userData: [{ meta: 1, kind: "json", data: new TextEncoder().encode("{}") }],
  },
  "equal times": {
    start: START,
    groups: [{ name: "g", time: ms, ticks: [5, 5, 5, 6], channels: [{ name: "x", type: "u8", values: [1, 2, 3, 4] }] }],
  },
  "clock goes back": {
    start: START,
    groups: [{ name: "g", time: ms, ticks: [100, 110, 50, 60], channels: [{ name: "x", type: "u8", values: [1, 2, 3, 4] }] }],
  },
  "no tick length": {
    start: null,
    groups: [
      { name: "s", time: { kind: "stamped", tick: 0 }, ticks: [100, 200], channels: [{ name: "x", type: "f64", values: [0.1, 0.2] }] },
    ],
  },
  "ns ticks": {
    start: 0n,
    groups: [
      {
        name: "ns",
        time: { kind: "stamped", tick: 1e-9 },
        ticks: [1_700_000_000_000_000_000n, 1_700_000_000_500_000_000n],
        channels: [{ name: "x", type: "f64", values: [1, 2] }],
      },
    ],
  },
}
