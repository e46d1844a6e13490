/** @module-tag slow */

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { UsageError } from "../../host/model/errors.js"
import { fieldlog } from "../cli/command.js"
import { raceLapBytes, raceLapSpec } from "../generate/race-lap.js"
import { needsPeers } from "../needs.js"
import { peer } from "../peers/python.js"
import { answer } from "./answer.js"

const folder = mkdtempSync(join(tmpdir(), "fieldlog-dataset-"))
const dataset = join(folder, "season")
const logs = ["a.met", "b.met", "c.met"].map((name) => join(folder, name))

beforeAll(() => {
  for (const [i, path] of logs.entries()) writeFileSync(path, raceLapBytes({ seconds: 2 + i, seed: i + 1 }))
  writeFileSync(join(folder, "spec.json"), JSON.stringify(raceLapSpec))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function add(...args: string[]): Promise<{ code: number | null; runs: { file: string; added: boolean; run: string }[] }> {
  const { code, out } = await fieldlog(["dataset", "add", dataset, ...args, "--partition", "vehicle=7", "--json"])
  return { code, runs: JSON.parse(out).runs }
}

test("logs are added by day and run, in shards, and the same log twice changes nothing", async () => {
  const first = await add(...logs, "--shard", "1/2")
  const second = await add(...logs, "--shard", "2/2")
  expect([first.code, second.code]).toEqual([0, 0])
  expect([...first.runs, ...second.runs].map(({ file }) => file).sort()).toEqual(logs)
  const part = (run: string) => join(dataset, "samples", "vehicle=7", "day=2024-05-18", `run=${run}`, "part-0.parquet")
  const parts = [...first.runs, ...second.runs].map(({ run }) => part(run))
  const before = parts.map((path) => statSync(path).mtimeMs)
  const again = await add(...logs)
  expect(again.runs.map(({ added }) => added)).toEqual([false, false, false])
  expect(parts.map((path) => statSync(path).mtimeMs)).toEqual(before)
  expect(readdirSync(join(dataset, "runs"))).toHaveLength(3)
})

test("shards that end together leave a table with all runs, and a log that cannot be read stops no other", async () => {
  const together = join(folder, "together")
  const broken = join(folder, "broken.jls")
  writeFileSync(broken, "no log at all")
  const shards = ["1/4", "2/4", "3/4", "4/4"].map((shard) => fieldlog(["dataset", "add", together, ...logs, broken, "--shard", shard]))
  const ran = await Promise.all(shards)
  expect(ran.map(({ code }) => code).sort()).toEqual([0, 0, 0, 1])
  expect(ran.map(({ err }) => err).join("")).toMatch(/broken\.jls/)
  const { rows } = await answer(together, "SELECT file FROM runs ORDER BY file")
  expect(rows).toEqual(logs.map((path) => [path]))
  const names = readdirSync(together, { recursive: true }).map(String)
  expect(names.filter((name) => /(^|[\\/])_|\.part$/.test(name))).toEqual([])
})

test("a damaged log is added, and the command says so", async () => {
  const damaged = join(folder, "damaged.met")
  const bytes = raceLapBytes({ seconds: 1, seed: 9 })
  bytes.fill(0xff, 3000, 3100)
  writeFileSync(damaged, bytes)
  const { code, err } = await fieldlog(["dataset", "add", join(folder, "hurt"), damaged])
  expect(code).toBe(3)
  expect(err).toMatch(/damaged input/)
  const { rows } = await answer(join(folder, "hurt"), "SELECT errors > 0 AS hurt, start_ns = epoch_us(start) * 1000 AS exact FROM runs")
  expect(rows).toEqual([[true, true]])
})

test("sql answers over runs, channels and samples with the folder levels as columns", async () => {
  const runs = await answer(dataset, "SELECT vehicle, format, duration, rows, errors FROM runs ORDER BY duration")
  expect(runs.columns).toEqual(["vehicle", "format", "duration", "rows", "errors"])
  expect(runs.rows.map(([vehicle, format]) => [vehicle, format])).toEqual(Array.from({ length: 3 }, () => ["7", "meteor"]))
  const { rows } = await answer(
    dataset,
    "SELECT count(*) = sum(c.count) AS same FROM (SELECT run, channel, count(*) n, max(value) m FROM samples WHERE vehicle = 7 GROUP BY ALL) s JOIN channels c USING (run, channel) WHERE s.n = c.count AND s.m = c.max HAVING count(*) = (SELECT count(*) FROM channels)",
  )
  expect(rows).toHaveLength(1)
  await expect(answer(dataset, "SELECT nothing FROM nowhere")).rejects.toThrow(UsageError)
})

test("the command prints a table, NDJSON or CSV, and refuses a folder that is not a dataset", async () => {
  const query = "SELECT count(*) AS n, min(unit) AS unit FROM channels WHERE channel = 'speed'"
  expect((await fieldlog(["sql", dataset, query])).out).toBe("n  unit\n3  km/h\n")
  expect((await fieldlog(["sql", dataset, query, "--print", "ndjson"])).out).toBe('{"n":"3","unit":"km/h"}\n')
  expect((await fieldlog(["sql", dataset, query, "--print", "csv"])).out).toBe("n,unit\n3,km/h\n")
  const { code, err } = await fieldlog(["sql", folder, query])
  expect(code).toBe(1)
  expect(err).toMatch(/is not a dataset/)
})

test("a partition is refused that is no name=value, or is named like a column or another partition", async () => {
  const refused = ["vehicle=../../x", "day=1", "RUN=7", "Channel=7", "value=1", "file=a", "start=x", "7=a"].map((level) => [level])
  for (const levels of [...refused, ["vehicle=7", "Vehicle=8"]]) {
    const { code, err } = await fieldlog([
      "dataset",
      "add",
      dataset,
      logs[0] as string,
      ...levels.flatMap((level) => ["--partition", level]),
    ])
    expect([levels, code]).toEqual([levels, 2])
    expect(err).toContain(`partition ${levels.at(-1)}`)
  }
  expect(existsSync(join(folder, "x"))).toBe(false)
})

test("in the wide layout a level may not be named like a channel, nor a channel like a level", async () => {
  const named = (name: string) => {
    const path = join(folder, `${name}.csv`)
    writeFileSync(path, `time,${name}\n0,1\n1,2\n`)
    return path
  }
  const wide = join(folder, "wide")
  const speed = await fieldlog(["dataset", "add", wide, named("speed"), "--layout", "wide", "--partition", "Speed=fast"])
  expect(speed.err).toContain("partition Speed=fast: the dataset has a column named Speed")
  expect(speed.code).toBe(2)
  const day = await fieldlog(["dataset", "add", wide, named("day"), "--layout", "wide"])
  expect([day.code, day.err.includes("a channel is named day")]).toEqual([2, true])
  expect((await fieldlog(["dataset", "add", wide, named("day")])).code).toBe(0)
})

test("broken manifests are named, and the other runs stand in the tables", async () => {
  const hurt = join(folder, "broken-manifests")
  await fieldlog(["dataset", "add", hurt, ...logs])
  const names = readdirSync(join(hurt, "runs")).map((name) => join(hurt, "runs", name))
  const good = JSON.parse(readFileSync(names[1] as string, "utf8"))
  writeFileSync(names[0] as string, "{")
  writeFileSync(names[1] as string, JSON.stringify({ ...good, rows: "many" }))
  const { code, err } = await fieldlog(["dataset", "add", hurt, logs[0] as string])
  expect(code).toBe(1)
  for (const name of names.slice(0, 2)) expect(err).toContain(name)
  expect((await answer(hurt, "SELECT count(*) FROM runs")).rows).toEqual([["1"]])
})

test("pyarrow and ClickHouse answer as DuckDB does", needsPeers(), async () => {
  const question = 'SELECT run, "group", channel, count(value) AS n, min(value), max(value) FROM samples GROUP BY ALL ORDER BY ALL'
  const want = (await answer(dataset, question)).rows.map((row) => row.map((cell, c) => (c === 3 ? Number(cell) : cell)))
  const peers = (await peer("read_dataset.py", [dataset])) as Record<"pyarrow" | "clickhouse", unknown[][]> & { runs: unknown }
  expect(want.length).toBeGreaterThan(50)
  expect(peers.pyarrow).toEqual(want)
  expect(peers.clickhouse).toEqual(want)
  const days = logs.map(() => "2024-05-18")
  expect(peers.runs).toEqual({ pandas: days, clickhouse: days })
})

test("groups of equal names stay apart: the tables of runs and of samples have the same names, and that is told", async () => {
  const equal = join(folder, "equal")
  const [first, second] = ["one.csv", "two.csv"].map((name) => join(folder, name)) as [string, string]
  writeFileSync(first, "time,speed\n0,1\n1,2\n")
  writeFileSync(second, "time,speed,speed\n0,5,6\n1,7,8\n")
  const { code, err } = await fieldlog(["dataset", "add", equal, first, second])
  expect([code, err]).toEqual([0, expect.stringContaining('renamed "speed" to "speed-2"')])
  const { rows } = await answer(
    equal,
    "SELECT channel, sum(value)::int AS total, c.max::int FROM samples JOIN channels c USING (run, channel) GROUP BY ALL ORDER BY total",
  )
  expect(rows).toEqual([
    ["speed", 3, 2],
    ["speed", 12, 7],
    ["speed-2", 14, 8],
  ])
})
