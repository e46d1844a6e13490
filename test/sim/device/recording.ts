import { readFileSync } from "node:fs"
import { join } from "node:path"
import { memorySource } from "../../../host/bytes/source.js"
import { openImage } from "../../../host/card/image.js"
import { waveArguments } from "../../../host/gen/plan.js"
import type { Log } from "../../../host/model/log.js"
import { openSource } from "../../../host/registry/open.js"
import { loggerHealth } from "../../../host/summary/logger-health.js"
import { groups } from "../../../shared/channels.js"
import { simulate } from "../../../shared/logger/simulated.js"
import { deviceFolder } from "./build.js"

/** One group of a recording against what the simulated sensors gave. */
export interface Comparison {
  readonly rows: number
  /** Samples that no sensor gave at that tick. */
  readonly wrong: number
  /** Ticks that were due from 0 to the last row's and have no row. */
  readonly missing: number
  /** Tick of the first row and of the last, ms; -1 without rows. */
  readonly first: number
  readonly last: number
}

/** The specification that `npm run gen` writes for the cards. */
export function logSpec(): unknown {
  return JSON.parse(readFileSync(join(deviceFolder, "..", "shared", "LOGSPEC.JSN"), "utf8"))
}

/** Opens a log on a card image. */
export async function openRecording(image: Uint8Array, path: string): Promise<Log> {
  const card = await openImage(memorySource(image, "card.img"))
  return openSource(card.open(path), { spec: logSpec(), specPath: "LOGSPEC.JSN" })
}

/**
 * Every sample of a recording, computed again from its tick; the logger's own group is only counted. By group name.
 * @param rates Hz of groups that were not logged at the channel list's rate
 */
export async function compare(log: Log, rates: Readonly<Record<string, number>> = {}): Promise<Record<string, Comparison>> {
  const found = new Map(groups.map(({ name }) => [name, { rows: 0, wrong: 0, first: -1, last: -1 }]))
  for await (const chunk of log.chunks()) {
    const name = log.groups[chunk.group]?.name ?? ""
    const group = groups.find((candidate) => candidate.name === name)
    const result = found.get(name)
    if (group === undefined || result === undefined) throw new Error(`the log has a group "${name}" that nobody logged`)
    // A DUECA record has a span beside its members.
    const columns = group.channels.map(({ name: channel }) => {
      const at = log.groups[chunk.group]?.channels.findIndex((candidate) => candidate.name === channel) ?? -1
      if (at < 0) throw new Error(`${name} has no channel ${channel}`)
      return chunk.columns[at]
    })
    for (let i = 0; i < chunk.rows; i++) {
      const tick = Number(chunk.ticks?.[i])
      result.rows++
      if (result.first < 0) result.first = tick
      result.last = tick
      if (group.source.driver === "health") continue
      group.channels.forEach((_, c) => {
        if (columns[c]?.[i] !== simulate(...waveArguments(group, c), tick)) result.wrong++
      })
    }
  }
  return Object.fromEntries(
    groups.map(({ name, rate }) => {
      const { rows, wrong, first, last } = found.get(name) ?? { rows: 0, wrong: 0, first: -1, last: -1 }
      const due = last < 0 ? 0 : Math.floor((last * (rates[name] ?? rate)) / 1000) + 1
      return [name, { rows, wrong, first, last, missing: due - rows }]
    }),
  )
}

/** Several logs of a card as one recording. */
export interface Series {
  /** As `compare` has it for one log; `holes` are missing ticks behind the first row. */
  readonly groups: Record<string, Comparison & { readonly holes: number }>
  /** The logger's own counts at their worst. */
  readonly dropped: number
  readonly waiting: number
  readonly slowestMs: number
}

/** Compares all of a card's logs, given in their order. @param rates as for `compare` */
export async function compareSeries(image: Uint8Array, paths: readonly string[], rates: Readonly<Record<string, number>> = {}) {
  const series: Record<string, Comparison & { holes: number }> = {}
  const worst = { dropped: 0, waiting: 0, slowestMs: 0 }
  for (const path of paths) {
    const log = await openRecording(image, path)
    for (const [name, part] of Object.entries(await compare(log, rates))) {
      if (part.rows === 0) continue
      const before = series[name]
      const rows = (before?.rows ?? 0) + part.rows
      const first = before?.first ?? part.first
      const perMs = (rates[name] ?? groups.find((group) => group.name === name)?.rate ?? 0) / 1000
      const due = Math.floor(part.last * perMs) + 1
      const holes = due - Math.ceil(first * perMs) - rows
      series[name] = { rows, wrong: (before?.wrong ?? 0) + part.wrong, first, last: part.last, missing: due - rows, holes }
    }
    const health = await loggerHealth(log)
    for (const count of ["dropped", "waiting", "slowestMs"] as const) worst[count] = Math.max(worst[count], health?.[count] ?? 0)
  }
  return { groups: series, ...worst } satisfies Series
}
