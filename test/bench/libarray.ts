import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { dump } from "../../host/formats/libarray/dump.js"
import { libarray } from "../../host/formats/libarray/index.js"
import { dayNumber, dayText } from "../../host/formats/libarray/moment.js"
import { dayPath } from "../../host/formats/libarray/names.js"
import { bestOf } from "./best.js"
import type { Bench, BenchResult } from "./main.js"

const SERIES = { net: "SIL", method: "NaI", id: "app_1" }
const FIRST = dayNumber(2004, 1, 1)
const DAYS = 366

/** A year of one-minute data dumped, every line checked, against reading the same files and counting their lines. */
async function dumpYear(): Promise<BenchResult> {
  return withYear(async (root, bytes) => {
    let dumped = 0
    const [ours, plain] = await bestOf(
      7,
      async () => {
        dumped = 0
        for (const part of dump({ root, series: SERIES, from: "2004-01-01", to: "2004-12-31" })) dumped += part.length
      },
      async () => {
        countLines(root)
      },
    )
    if (dumped !== bytes) throw new Error(`${dumped} bytes, the year has ${bytes}`)
    return { name: "libarray: tsdump of a year, 366 files", bytes, ours, plain }
  })
}

/** The same tree opened as a log, and all its numbers read. */
async function columnsOfYear(): Promise<BenchResult> {
  return withYear(async (root, bytes) => {
    const [ours, plain] = await bestOf(
      3,
      async () => {
        const log = await libarray.openTree?.(root, {})
        let rows = 0
        if (log !== undefined) for await (const chunk of log.chunks()) rows += chunk.rows
        if (rows !== DAYS * 1440) throw new Error(`${rows} rows`)
      },
      async () => {
        countLines(root)
      },
    )
    return { name: "libarray: a year opened and read to columns", bytes, ours, plain }
  })
}

export const libarrayBenches: readonly Bench[] = [dumpYear, columnsOfYear]

function countLines(root: string): number {
  let lines = 0
  for (let day = 0; day < DAYS; day++) {
    const bytes = readFileSync(join(root, dayPath(SERIES, dayText(FIRST + day))))
    for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  }
  return lines
}

async function withYear(use: (root: string, bytes: number) => Promise<BenchResult>): Promise<BenchResult> {
  const root = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
  let bytes = 0
  try {
    for (let day = 0; day < DAYS; day++) {
      const date = dayText(FIRST + day)
      const lines = Array.from({ length: 1440 }, (_, minute) => {
        const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}:00`
        return `${date} ${time}|${(20 + Math.sin(minute / 200)).toFixed(2)} ${minute % 7}\n`
      })
      const path = join(root, dayPath(SERIES, date))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, lines.join(""))
      bytes += lines.join("").length
    }
    return await use(root, bytes)
  } finally {
    rmSync(root, { recursive: true })
  }
}
