import type { Channel, Chunk, Group, Log } from "../../host/model/log.js"

const WINDOW = 65_536

/** A log in memory: groups of channels at 100 Hz, each group at its own ms; 16-bit integers in hundredths, or floats. */
export function signals(groups: number, channels: number, rows: number, type: "f64" | "f32" | "i16"): { log: Log; chunks: Chunk[] } {
  const calibration = type === "i16" ? { addition: 0, divisor: 100, multiplier: 1 } : null
  const all = Array.from({ length: groups }, (_, g): Group => {
    const list = Array.from({ length: channels }, (_, c): Channel => ({ name: `c${g}_${c}`, unit: "V", type, calibration, notes: {} }))
    return { name: `g${g}`, id: g, time: { kind: "stamped", tick: 0.001 }, channels: list }
  })
  const chunks: Chunk[] = []
  for (let first = 0; first < rows; first += WINDOW) {
    for (let group = 0; group < groups; group++) {
      const n = Math.min(WINDOW, rows - first)
      const ticks = Float64Array.from({ length: n }, (_, i) => (first + i) * 10 + (group % 7))
      const columns = Array.from({ length: channels }, (_, c) => column(type, n, first, c))
      chunks.push({ group, first, rows: n, window: first / WINDOW, ticks, columns, missing: columns.map(() => null), order: null })
    }
  }
  const last = (rows - 1) * 10
  const log: Log = {
    format: "meteor",
    variant: "bench",
    name: "bench",
    start: 0n,
    groups: all,
    annotations: [],
    utc: [],
    userData: [],
    issues: [],
    survey: async () => ({ groups: all.map(() => ({ rows, first: 0, last })), duration: last / 1000 }),
    async *chunks() {
      yield* chunks
    },
    async close() {},
  }
  return { log, chunks }
}

function column(type: "f64" | "f32" | "i16", n: number, first: number, c: number): Float64Array | Float32Array | Int16Array {
  const values = type === "f64" ? new Float64Array(n) : type === "f32" ? new Float32Array(n) : new Int16Array(n)
  for (let i = 0; i < n; i++)
    values[i] = type === "i16" ? (((first + i) * 7 + c * 13) % 30_000) - 15_000 : Math.sin((first + i) * 0.001 * (c + 1))
  return values
}
