/** @module-tag slow */

import { readFileSync, writeFileSync } from "node:fs"
import { expect, test } from "vitest"
import { LogError } from "../../host/model/errors.js"
import type { Target } from "../../host/model/format.js"
import type { Loss } from "../../host/model/log.js"
import { targets, exports as ways } from "../../host/registry/targets.js"
import { type Case, cases, MemoryOutput } from "./cases.js"
import { caseLog } from "./expected.js"

const PAGE = "docs/targets.md"
const ms = { kind: "stamped", tick: 0.001 } as const
const START = 1_700_000_000_000_000_000n

function one(channel: Case["groups"][number]["channels"][number], rest: Partial<Case> = {}): Case {
  return { start: START, groups: [{ name: "g", time: ms, ticks: channel.values.map((_, i) => i * 10), channels: [channel] }], ...rest }
}

const plain = { name: "x", type: "u8", values: [1, 2, 3] } as const

/** What a log may hold, each as the smallest log that holds it. */
const features: Readonly<Record<string, Case>> = {
  integers: one(plain),
  "64-bit integers": one({ name: "x", type: "u64", values: [1n, 2n ** 64n - 1n] }),
  "f32, f64": one({ name: "x", type: "f64", values: [0.1, -2.5e-7] }),
  "NaN, infinity": one({ name: "x", type: "f64", values: [Number.NaN, Number.POSITIVE_INFINITY, 1] }),
  text: one({ name: "x", type: "text", values: ["a", "ü\n"] }),
  bytes: one({ name: "x", type: "bytes", values: [Uint8Array.of(0, 255), Uint8Array.of(1)] }),
  gaps: one({ name: "x", type: "u8", values: [1, null, 3] }),
  "two rates": {
    start: START,
    groups: [
      { name: "g", time: ms, ticks: [0, 10, 20, 30, 40], channels: [{ ...plain, values: [1, 2, 3, 4, 5] }] },
      { name: "h", time: ms, ticks: [0, 40], channels: [{ ...plain, name: "y", values: [6, 7] }] },
    ],
  },
  "fixed rates": {
    start: START,
    groups: [
      { name: "g", time: { kind: "fixed", rate: 2000, offset: 0 }, channels: [plain] },
      { name: "h", time: { kind: "fixed", rate: 1000, offset: 0.25 }, channels: [{ ...plain, name: "y" }] },
    ],
  },
  "equal stamps": { start: START, groups: [{ name: "g", time: ms, ticks: [5, 5, 6], channels: [plain] }] },
  "256 channels": {
    start: START,
    groups: [{ name: "g", time: ms, ticks: [0, 1, 2], channels: Array.from({ length: 256 }, (_, c) => ({ ...plain, name: `c${c}` })) }],
  },
  calibration: one({ ...plain, calibration: { addition: -3, divisor: 8, multiplier: 2 } }),
  units: one({ ...plain, unit: "m/s²" }),
  "start time": one(plain),
  annotations: one(plain, { annotations: [{ group: 0, time: 0.01, tick: 10, kind: "text", text: "here", data: null, y: null }] }),
  "user data": one(plain, { userData: [{ meta: 0, kind: "text", data: Uint8Array.of(65) }] }),
  "UTC points": one(plain, { utc: [{ group: 0, tick: 0n, utc: START }] }),
}

/** What a loss speaks of; a loss that a feature does not cause by itself (a start time has no place) counts for its own row only. */
async function losses(target: (typeof all)[number], data: Case): Promise<readonly Loss[] | LogError> {
  try {
    return await target.write(caseLog(data), new MemoryOutput(`case${target.extensions[0] ?? ""}`), {})
  } catch (error) {
    if (error instanceof LogError) return error
    throw error
  }
}

const all = targets()
const formats = all.filter((target) => !ways.includes(target))
const base = one(plain, { start: null })

function mark(found: readonly Loss[] | LogError, usual: readonly Loss[] | LogError): string {
  if (found instanceof LogError) return "refused"
  const known = usual instanceof LogError ? [] : usual.map(({ text }) => text)
  const own = found.filter(({ text }) => !known.includes(text))
  if (own.some(({ kind }) => kind !== "form")) return "lost"
  return own.length > 0 ? "–" : "yes"
}

test("every target writes every case, or says what it could not carry", { tags: "slow" }, async () => {
  for (const target of all) {
    for (const [name, data] of Object.entries(cases)) {
      const found = await losses(target, data)
      if (found instanceof LogError) expect(found.message.length, `${target.name}: ${name}`).toBeGreaterThan(10)
      else for (const { count, text } of found) expect(count > 0 && text.length > 10, `${target.name}: ${name}: ${text}`).toBe(true)
    }
  }
})

test("the table of what each target carries is current (FIELDLOG_UPDATE=1 writes it)", async () => {
  const constant = ways.flatMap(({ name, ownGrid }) => (ownGrid === true ? [name] : [])).join(", ")
  const page = `# What each target carries

Made by test/conformance/matrix.test.ts from what the writers report for a small log with one feature each.
**yes**: carried. **–**: the target has no place for it as it is, and the conversion says so. **lost**: values or rows are left out or
changed, and the conversion ends with exit 3. **refused**: the writer says why it cannot write such a log.

Held against these reports: test/conformance/way-back.test.ts writes every log of the suite to the five formats, CSV and Parquet, reads it again
and finds nothing missing or changed that was not reported; the other files of that folder ask second readers (pyarrow, DuckDB, pandas, scipy,
h5py, asammdf, the mcap package, sqlite3, csv-parse). test/conformance/second-readers.test.ts writes a log of equal names, emoji, 64-bit integers,
NaN, equal stamps and bytes to every export, and finds each value again with a second reader, or the difference among the reports.

## The five formats

${await table(formats)}

## Exports

${await table(ways)}

Every target takes rows at equal steps: \`--rate 100 --hold 0.5 --fill last\`. ${constant} need them, and without \`--rate\` take the fastest
group's rate.
`
  if (process.env.FIELDLOG_UPDATE === "1" && process.env.CI !== "true") writeFileSync(PAGE, page)
  expect(page).toBe(readFileSync(PAGE, "utf8"))
})

async function table(columns: readonly Target[]): Promise<string> {
  const rows: string[] = []
  for (const [feature, data] of Object.entries(features)) {
    const cells: string[] = []
    for (const target of columns) {
      const usual = await losses(target, feature === "start time" ? base : one(plain))
      cells.push(mark(await losses(target, data), usual))
    }
    rows.push(`| ${feature} | ${cells.join(" | ")} |`)
  }
  return `| a log with | ${columns.map(({ name }) => name).join(" | ")} |\n| --- |${" :-: |".repeat(columns.length)}\n${rows.join("\n")}`
}
