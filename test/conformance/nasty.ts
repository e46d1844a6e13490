import type { Case } from "./cases.js"

const ms = { kind: "stamped", tick: 0.001 } as const
const { fround } = Math

/** A log of all that has gone wrong on a way out: equal names, characters beyond 16 bits, epoch times, 64 bits, NaN, equal stamps, gaps, no rows, bytes. */
export const nasty: Case = {
  name: "run 🏁",
  start: 1_700_000_000_123_456_789n,
  groups: [
    {
      name: "current",
      time: ms,
      ticks: [0, 10, 20, 30],
      channels: [
        {
          name: "current",
          type: "f64",
          unit: "A",
          notes: { source: "JS220-001" },
          values: [1.5, Number.NaN, Number.POSITIVE_INFINITY, -0.1],
        },
      ],
    },
    {
      name: "current",
      time: ms,
      ticks: [0, 10, 20, 30],
      channels: [{ name: "current", type: "f32", unit: "A", notes: { source: "JS220-002" }, values: [fround(0.1), Number.NaN, 2, 3] }],
    },
    {
      name: "lap 🏁",
      time: ms,
      ticks: [5, 5, 6, 40],
      channels: [
        { name: "x", type: "u64", values: [0n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n] },
        { name: "x", type: "i64", values: [-(2n ** 63n), -1n, 2n ** 53n + 1n, 2n ** 63n - 1n] },
        { name: "X", type: "u8", values: [1, 2, 3, 4] },
        { name: "driver 🏎", type: "text", values: ["🏁 ü\n", "", 'a,"b"', "日本"] },
        { name: "bytes", type: "bytes", values: [Uint8Array.of(1, 0), new Uint8Array(0), Uint8Array.of(0), Uint8Array.of(255, 0, 10)] },
        { name: "id", type: "bytes", values: [1, 2, 3, 0].map((n) => Uint8Array.of(n, 0)) },
        { name: "time", type: "f64", unit: "s", values: [1.7e9 + 0.25, 1.7e9 + 0.5, 1.7e9 + 1, 1.7e9 + 40.125] },
        { name: "epoch", type: "u32", unit: "s", values: [1_700_000_000, 1_700_000_001, 2 ** 32 - 1, 0] },
      ],
    },
    { name: "empty", time: ms, ticks: [], channels: [{ name: "none", type: "u8", values: [] }] },
    { name: "gaps", time: ms, ticks: [1, 2, 3], channels: [{ name: "gap", type: "u16", values: [1, null, 65_535] }] },
  ],
}
