import { expect, test } from "vitest"
import { LogError } from "../../host/model/errors.js"
import type { Target } from "../../host/model/format.js"
import type { Loss } from "../../host/model/log.js"
import { targets } from "../../host/registry/targets.js"
import { type Case, type CaseChannel, cases, MemoryOutput } from "./cases.js"
import { type Cell, caseLog } from "./expected.js"
import { logsOf, type Series, seriesOf } from "./way-back.js"

/** What can be written and read: the five formats, and the ways out that have a way in. */
const BOTH_WAYS = ["meteor", "ddff", "btsf", "jls", "libarray", "csv", "tsv", "parquet"]
/** ns by which a time may differ without being a loss: what f64 seconds since 1970 give away. */
const CLOSE = 500

const every = BOTH_WAYS.flatMap((name) => Object.keys(cases).map((key) => [name, key] as const))

test.each(every)("%s, there and back: %s: what does not come back was declared", async (name, key) => {
  const data = cases[key] as Case
  const output = new MemoryOutput(`case${target(name).extensions[0] ?? ""}`)
  const losses = await target(name)
    .write(caseLog(data), output, {})
    .catch((error: unknown) => error)
  if (losses instanceof LogError) return expect(losses.message.length).toBeGreaterThan(10)
  const logs = await logsOf(name, output)
  const base = data.start ?? 0n
  const want = await seriesOf(caseLog(data), base)
  const got = (await Promise.all(logs.map((log) => seriesOf(log, base)))).flat()
  const differences = want.flatMap((series, i) => difference(series, channelsOf(data)[i] as CaseChannel, found(got, series, i)))
  const start = logs.every((log) => log.start === null) && data.start !== null && want.some(({ cells }) => cells.length > 0)
  const silent = [...differences, ...(start ? ["the start is gone"] : [])]
  const told = losses as Loss[]
  if (told.length === 0) expect(silent).toEqual([])
  // What is gone ends the conversion with another exit code, unless it stands in another place that is named.
  const elsewhere = (text: string) => told.some((loss) => / stored as /.test(loss.text) && text.includes(loss.text.split(":")[0] as string))
  const gone = differences.filter((text) => text.endsWith(" gone") && !elsewhere(text))
  if (gone.length > 0) expect(told.filter(({ kind }) => kind !== "form").length, gone.join("; ")).toBeGreaterThan(0)
})

function target(name: string): Target {
  return targets().find((each) => each.name === name) as Target
}

function channelsOf({ groups }: Case): CaseChannel[] {
  return groups.flatMap(({ channels }) => channels)
}

/**
 * By its name, before which some targets put the group's; by its place where a target has no names. Rows that lack a channel of
 * their group may stand in another group (Meteor's lone topics).
 */
function found(got: readonly Series[], { group, channel }: Series, place: number): Series | undefined {
  const names = [`${group}.${channel}`, `${channel}-2`, channel].map((name) => name.trim())
  const near = got.filter((each) => each.group === group || each.group.endsWith(`.${group}`))
  for (const list of [near, got]) {
    for (const name of names) {
      const all = list.filter((each) => each.channel.trim() === name)
      const rest = got.filter((each) => each.channel === channel && each.group === channel && !all.includes(each))
      if (all.length > 0) return merged([...all.slice(0, 1), ...rest])
    }
  }
  return got.every((each) => /^(c\d+|text)$/.test(each.channel)) ? got[place] : undefined
}

function merged(parts: readonly Series[]): Series {
  const [first] = parts as [Series]
  if (parts.length === 1) return first
  const rows = parts.flatMap(({ times, cells }) => times.map((time, i) => ({ time, cell: cells[i] as Cell })))
  rows.sort((a, b) => a.time - b.time)
  return { ...first, times: rows.map(({ time }) => time), cells: rows.map(({ cell }) => cell) }
}

/** What is not as it was; a NaN stands for a missing value where a target has no other word for it. */
function difference(want: Series, channel: CaseChannel, series: Series | undefined): string[] {
  const name = `${want.group}.${want.channel}`
  if (series === undefined) return want.cells.length === 0 ? [] : [`${name} is gone`]
  const holes = series.cells.length > want.cells.length
  const rows = series.cells.map((cell, i) => ({ cell, time: series.times[i] as number })).filter(({ cell }) => !(holes && cell === "NaN"))
  if (rows.length < want.cells.length) return [`${name}: ${want.cells.length - rows.length} values gone`]
  if (rows.length > want.cells.length) return [`${name}: ${rows.length} values, ${want.cells.length} were written`]
  return rows.flatMap(({ cell, time }, i) => {
    const [was, at] = [want.cells[i] as Cell, want.times[i] as number]
    if (!same(was, cell, channel)) return [`${name}: ${cell}, written was ${was}`]
    return Math.abs(time - at) <= CLOSE ? [] : [`${name}: at ${time} ns, written was ${at}`]
  })
}

function same(was: Cell, cell: Cell, { type }: CaseChannel): boolean {
  if (was === cell || String(was) === String(cell)) return true
  if (typeof was === "boolean" || type === "bool") return Number(was) === Number(cell)
  if (type === "f32") return Math.fround(Number(cell)) === Number(was)
  // 64-bit integers that are read as f64: their digits are in the file.
  return /^[ui](56|64)$/.test(type) && Number(was) === Number(cell)
}
