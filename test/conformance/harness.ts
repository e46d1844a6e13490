import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll } from "vitest"
import type { WriteOptions } from "../../host/model/format.js"
import type { Loss } from "../../host/model/log.js"
import { targetFor } from "../../host/registry/targets.js"
import { peer } from "../peers/python.js"
import { type Case, type CaseChannel, cases, MemoryOutput } from "./cases.js"
import { type Cell, caseLog, type Read } from "./expected.js"

/** The names of all cases. */
export const names = Object.keys(cases)

/** What a target made of a case, and what the second reader says of it. */
export interface ReadBack<Answer> {
  readonly data: Case
  readonly losses: readonly Loss[]
  readonly answer: Answer
}

/** Writes every case to a target and asks a peer script once about all files. Call inside `describe`. */
export function readBack<Answer>(target: string, script: string, options: WriteOptions = {}): (name: string) => ReadBack<Answer> {
  const folder = mkdtempSync(join(tmpdir(), `fieldlog-${target}-`))
  const losses: Loss[][] = []
  let answers: Answer[] = []
  beforeAll(async () => {
    const paths: string[] = []
    for (const [i, name] of names.entries()) {
      const output = new MemoryOutput()
      losses.push(await targetFor("", target).write(caseLog(cases[name] as Case), output, options))
      paths.push(join(folder, `${i}.${target}`))
      writeFileSync(paths[i] as string, output.bytes())
    }
    answers = (await peer(script, paths)) as Answer[]
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return (name) => {
    const i = names.indexOf(name)
    return { data: cases[name] as Case, losses: losses[i] as Loss[], answer: answers[i] as Answer }
  }
}

/** The expected table with each cell as the target declares to keep it. */
export function declared(
  data: Case,
  table: Read,
  group: number,
  keep: (cell: Cell, channel: CaseChannel, values: readonly Cell[]) => Cell,
): Cell[][] {
  return table.columns.map(({ values }, c) => {
    const channel = data.groups[group]?.channels[c - 1]
    return channel === undefined ? [...values] : values.map((cell) => keep(cell, channel, values))
  })
}
