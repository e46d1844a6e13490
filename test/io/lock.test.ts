import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname, tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { lockFile, lockPatiently } from "../../host/io/lock.js"
import { Draft } from "../../host/io/replace-file.js"
import { fieldlog, MAIN } from "../cli/command.js"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-lock-"))
})
afterEach(() => rmSync(folder, { recursive: true }))
const here = (name: string) => join(folder, name)
const run = (...args: string[]) => fieldlog(args, { cwd: folder })

function csv(name: string, from: number, rows: number): void {
  writeFileSync(here(name), `time [s],v\n${Array.from({ length: rows }, (_, i) => `${from + i},${from + i}\n`).join("")}`)
}

async function rowsOf(name: string): Promise<number> {
  return (await run("cat", name)).out.split("\n").filter((line) => line !== "").length
}

describe("a lock", () => {
  test("is one writer's; the next has it when it is free", async () => {
    const lock = lockFile(here("a"))
    expect(() => lockFile(here("a"))).toThrow("is being written by this process")
    setTimeout(() => lock.release(), 50)
    await lockPatiently(here("a"), async () => {
      expect(existsSync(here(".a.lock"))).toBe(true)
    })
    expect(readdirSync(folder)).toEqual([])
  })

  test("of a process that has ended is taken over, and its draft goes", async () => {
    const child = spawn(process.execPath, ["-e", ""])
    await once(child, "exit")
    writeFileSync(here(".a.lock"), JSON.stringify({ host: hostname(), pid: child.pid, began: "1", draft: "a.12345678.part" }))
    writeFileSync(here("a.12345678.part"), "left")
    writeFileSync(here("a.part"), "the user's own")
    lockFile(here("a")).release()
    expect(readdirSync(folder)).toEqual(["a.part"])
  })

  test("of a process number that is used again is taken over; another machine's is not", () => {
    writeFileSync(here(".a.lock"), JSON.stringify({ host: hostname(), pid: process.ppid, began: "1", draft: "" }))
    if (process.platform === "linux") lockFile(here("a")).release()
    writeFileSync(here(".b.lock"), JSON.stringify({ host: "elsewhere", pid: 1, began: "1", draft: "" }))
    expect(() => lockFile(here("b"))).toThrow("process 1 on elsewhere")
  })
})

describe("two writers of one file", () => {
  test("a second draft is refused until the first is done", () => {
    const draft = new Draft(here("a"))
    expect(() => new Draft(here("a"))).toThrow("is being written")
    draft.discard()
    new Draft(here("a")).discard()
  })

  test("convert: the second ends with 1 and says so, and the file is the first's", async () => {
    csv("a.csv", 0, 10)
    const lock = lockFile(here("out.csv"))
    const ran = await run("convert", "a.csv", "-o", "out.csv")
    lock.release()
    expect(ran.code).toBe(1)
    expect(ran.err).toContain("out.csv: is being written by process")
    expect(readdirSync(folder)).toEqual(["a.csv"])
  })

  test("convert --append, ts import, annotate --add: nothing that was acknowledged is lost", async () => {
    csv("a.csv", 0, 100)
    csv("b.csv", 1000, 100)
    csv("c.csv", 2000, 100)
    expect((await run("convert", "a.csv", "-o", "log.met")).code).toBe(0)
    const appended = await Promise.all([
      run("convert", "b.csv", "-o", "log.met", "--append"),
      run("convert", "c.csv", "-o", "log.met", "--append"),
    ])
    const rows = 100 + 100 * appended.filter(({ code }) => code === 0).length
    expect(await rowsOf("log.met")).toBe(rows)
    expect(rows).toBeGreaterThan(100)

    const lines = (from: number) =>
      Array.from(
        { length: 500 },
        (_, i) => `2020-01-01 00:${String(Math.floor(i / 60)).padStart(2, "0")}:${String(i % 60).padStart(2, "0")}|${from + i}\n`,
      )
    writeFileSync(here("one"), lines(0).join(""))
    writeFileSync(here("two"), lines(5000).join(""))
    const series = ["-N", "N", "-M", "M", "-K", "K", "--root", folder]
    const imported = await Promise.all(["one", "two"].map((name) => run("ts", "import", name, ...series)))
    expect(imported.map(({ code }) => code)).toEqual([0, 0])
    expect(readFileSync(here("N/M/2020/01/01/K"), "utf8").split("\n").length).toBe(1001)

    expect((await run("convert", "a.csv", "-o", "log.btsf")).code).toBe(0)
    const added = await Promise.all(Array.from({ length: 8 }, (_, i) => run("annotate", "log.btsf", "--add", `remark ${i}`, "--at", "1")))
    expect(added.map(({ code, err }) => [code, err])).toEqual(added.map(() => [0, ""]))
    expect(JSON.parse((await run("annotate", "log.btsf", "--json")).out).annotations.length).toBe(8)
    expect(readdirSync(folder).filter((name) => /lock|part/.test(name))).toEqual([])
  })
})

describe("two at once lose nothing that was acknowledged", () => {
  test("dataset add, of the same log and of others", async () => {
    for (let i = 0; i < 4; i++) csv(`run${i}.csv`, i * 1000, 50)
    const logs = [["run0.csv", "run1.csv"], ["run1.csv", "run2.csv"], ["run3.csv"]]
    const added = await Promise.all(logs.map((names) => run("dataset", "add", "season", ...names)))
    expect(added.map(({ code, err }) => [code, err])).toEqual(added.map(() => [0, expect.not.stringContaining("damaged")]))
    expect(readdirSync(here("season/runs")).filter((name) => name.endsWith(".json"))).toHaveLength(4)
    expect((await run("sql", "season", "select sum(rows) as n from runs")).out).toMatch(/\b200\b/)
    expect(readdirSync(folder, { recursive: true }).filter((name) => /lock|\.part$/.test(String(name)))).toEqual([])
  })

  test("ts insert and ts append", async () => {
    const series = ["-N", "N", "-M", "M", "-K", "K", "--root", folder]
    const time = (i: number) => `2020-01-01 00:00:${String(i).padStart(2, "0")}`
    expect((await run("ts", "append", ...series, time(0), "first")).code).toBe(0)
    const ran = await Promise.all(
      Array.from({ length: 6 }, (_, i) => run("ts", i % 2 === 0 ? "insert" : "append", ...series, time(i + 1), `line ${i}`)),
    )
    const lines = readFileSync(here("N/M/2020/01/01/K"), "utf8").split("\n").slice(0, -1)
    const kept = ran.flatMap(({ code }, i) => (code === 0 ? [`${time(i + 1)}|line ${i}`] : []))
    expect(ran.filter(({ code }, i) => i % 2 === 0 && code !== 0)).toEqual([])
    expect(lines.slice().sort()).toEqual([`${time(0)}|first`, ...kept])
    expect(lines).toEqual(lines.slice().sort())
  })

  test.each(["ddff", "met", "jls", "btsf"])("convert --append to a .%s log", async (ending) => {
    for (const [name, from] of [
      ["a.csv", 0],
      ["b.csv", 1000],
      ["c.csv", 2000],
    ] as const)
      csv(name, from, 50)
    const first = await run("convert", "a.csv", "-o", `log.${ending}`)
    expect(first.code).toBe(0)
    const ran = await Promise.all(["b.csv", "c.csv"].map((name) => run("convert", name, "-o", `log.${ending}`, "--append")))
    const rows = 50 * (1 + ran.filter(({ code }) => code === 0).length)
    expect(ran.filter(({ code }) => code === null || code > 2)).toEqual([])
    expect(await rowsOf(`log.${ending}`)).toBe(rows)
  })
})

test.each(["SIGINT", "SIGTERM", "SIGKILL"] as const)(
  "a draft of a converter that %s has ended is gone, at the latest with the next run",
  async (signal) => {
    csv("a.csv", 0, 400_000)
    const child = spawn(process.execPath, [MAIN, "convert", "a.csv", "-o", "out.csv"], { cwd: folder })
    while (!readdirSync(folder).some((name) => name.endsWith(".part"))) await new Promise((resolve) => setTimeout(resolve, 5))
    child.kill(signal)
    await once(child, "exit")
    expect(readdirSync(folder)).not.toContain("out.csv")
    if (signal !== "SIGKILL") expect(readdirSync(folder)).toEqual(["a.csv"])
    csv("a.csv", 0, 10)
    expect((await run("convert", "a.csv", "-o", "out.csv")).code).toBe(0)
    expect(readdirSync(folder).sort()).toEqual(["a.csv", "out.csv"])
  },
)
