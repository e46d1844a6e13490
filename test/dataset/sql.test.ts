/** @module-tag slow */

import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { UsageError } from "../../host/model/errors.js"
import { fieldlog, SHELL_COMMAND, shell } from "../cli/command.js"
import { answer } from "./answer.js"

const folder = mkdtempSync(join(tmpdir(), "fieldlog-sql-"))
const dataset = join(folder, "season")
const secret = join(folder, "secret.csv")

beforeAll(async () => {
  writeFileSync(join(folder, "a.csv"), "time,speed\n0,1\n1,2\n")
  writeFileSync(secret, "a\n1\n")
  await fieldlog(["dataset", "add", dataset, join(folder, "a.csv")])
  symlinkSync(secret, join(dataset, "link.csv"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function listing(): string[] {
  return readdirSync(folder, { recursive: true }).map(String).sort()
}

describe("a query reads the dataset and nothing else", () => {
  const inside = join(dataset, "out")
  test.each([
    `COPY (SELECT 1) TO '${inside}.csv'`,
    `COPY runs TO '${join(folder, "out.csv")}'`,
    `EXPLAIN ANALYZE COPY runs TO '${inside}.csv'`,
    `EXPORT DATABASE '${inside}'`,
    `EXPLAIN EXPORT /* all */ DATABASE '${inside}'`,
    `SELECT E'\\''; EXPORT DATABASE '${inside}'`,
    `ATTACH '${inside}.db'`,
    `ATTACH '${join(folder, "out.db")}'`,
    "ATTACH ':memory:' AS other",
    "INSTALL httpfs",
    "LOAD httpfs",
    `SELECT * FROM '${secret}'`,
    `SELECT * FROM '${join(dataset, "..", "secret.csv")}'`,
    `SELECT * FROM '${dataset}/../secret.csv'`,
    `SELECT * FROM '${join(dataset, "link.csv")}'`,
    `SELECT * FROM read_text('${secret}')`,
    `SELECT * FROM glob('${folder}/*')`,
    "SELECT * FROM 'https://example.com/a.csv'",
    "SET enable_external_access = true",
    `SELECT 1; COPY runs TO '${inside}.csv'`,
    `PREPARE p AS COPY runs TO '${inside}.csv'`,
  ])("refuses %s", async (query) => {
    const before = listing()
    await expect(answer(dataset, query)).rejects.toThrow(UsageError)
    expect(listing()).toEqual(before)
  })

  test("and says how it is allowed", async () => {
    const { code, err } = await fieldlog(["sql", dataset, `COPY runs TO '${join(folder, "copy.csv")}'`])
    expect([code, err.includes("--unsafe")]).toEqual([2, true])
    expect((await fieldlog(["sql", dataset, `SELECT * FROM '${secret}'`, "--unsafe", "--print", "csv"])).out).toBe("a\n1\n")
  })

  test("through tables in memory, a folder behind a link and a path of its own", async () => {
    symlinkSync(dataset, join(folder, "latest"))
    expect((await answer(join(folder, "latest"), "CREATE TABLE t AS SELECT value FROM samples; SELECT sum(value) FROM t")).rows).toEqual([
      [3],
    ])
    expect((await answer(dataset, `SELECT count(*) FROM '${join(dataset, "runs.parquet")}'`)).rows).toEqual([["1"]])
    expect((await answer(dataset, "EXPLAIN SELECT * FROM runs")).rows).toHaveLength(1)
  })
})

describe("rows are printed as they come", () => {
  test("a reader that stops after some of many rows ends the query", async () => {
    const { out } = await shell(`${SHELL_COMMAND} sql ${dataset} "SELECT * FROM range(1000000000000)" --print csv | head -3`)
    expect(out).toBe("range\n0\n1\n")
  })

  test("columns of a long table are as wide as its first rows need", async () => {
    const { out } = await fieldlog(["sql", dataset, "SELECT range AS n, NULL AS none, range + 1 AS m FROM range(3000)"])
    const lines = out.split("\n")
    expect(lines.slice(0, 3)).toEqual(["n     none  m", "0           1", "1           2"])
    expect(lines).toHaveLength(3002)
    expect(lines[3000]).toBe("2999        3000")
  })

  test("columns of equal names are told apart", async () => {
    expect((await fieldlog(["sql", dataset, "SELECT 1 AS a, 2 AS a", "--print", "ndjson"])).out).toBe('{"a":1,"a:1":2}\n')
  })

  test("a query that fails on its way gives the rows before, and then the error", async () => {
    const query = "SELECT CASE WHEN range < 5000 THEN range ELSE error('stop here') END AS n FROM range(1000000)"
    const { code, out, err } = await fieldlog(["sql", dataset, query, "--print", "ndjson"])
    expect([code, err.includes("stop here")]).toEqual([2, true])
    expect(out).not.toContain("5000")
  })
})
