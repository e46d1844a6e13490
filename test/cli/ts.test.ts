import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fieldlog } from "./command.js"

const GOLDEN = join(import.meta.dirname, "../golden/libarray")
const SERIES = ["-N", "SIL", "-M", "NaI", "-K", "app_1"]
let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

describe("tsdump", () => {
  test("takes the original's flags and prints the stored lines, from TSDIR", async () => {
    const ran = await fieldlog(["tsdump", ...SERIES, "-V", "2004-01-01", "-B", "2004-01-01"], {
      env: { TSDIR: `${GOLDEN}/01_example1/tsdir` },
    })
    expect(ran).toEqual({ code: 0, out: "2004-01-01 06:01:00|all the data you like to store.\n", err: "" })
  })

  test("reads the working directory when TSDIR is empty", async () => {
    const ran = await fieldlog(["tsdump", ...SERIES], { cwd: `${GOLDEN}/05_month_layout/tsdir`, env: { TSDIR: "" } })
    expect(ran.out.split("\n").length).toBe(4)
  })

  test("ends 0 for an empty range, 1 without the series or strict with a fault, 2 for a range turned round", async () => {
    const env = { TSDIR: `${GOLDEN}/04_tolerant/tsdir` }
    const dump = (id: string, ...more: string[]) => fieldlog(["tsdump", "-N", "N", "-M", "M", "-K", id, ...more], { env })
    expect(await dump("dups", "-V", "2021-01-01")).toEqual({ code: 0, out: "", err: "" })
    expect((await dump("nobody")).code).toBe(1)
    expect((await dump("dups", "--strict")).code).toBe(0)
    const bad = await dump("blank_and_bad", "--strict")
    expect(bad.code).toBe(1)
    expect(bad.out).toBe(readFileSync(`${GOLDEN}/04_tolerant/dump_blank_and_bad.txt`, "utf8"))
    expect(bad.err).toContain("blank_and_bad:3: no time and |")
    expect((await dump("dups", "-V", "2020-01-02", "-B", "2020-01-01")).code).toBe(2)
    expect((await fieldlog(["tsdump", "-N", "N", "-M", "M"])).code).toBe(2)
  })
})

describe("ts", () => {
  test("appends, inserts, updates and imports; refusals end 1 and change nothing", async () => {
    const env = { TSDIR: join(folder, "tree") }
    const ts = (operation: string, ...more: string[]) => fieldlog(["ts", operation, ...SERIES, ...more], { env })
    expect((await ts("append", "2004-01-01 06:01:00", "10")).code).toBe(0)
    expect((await ts("append", "2004-01-01 06:03:00", "30")).code).toBe(0)
    const refused = await ts("append", "2004-01-01 06:02:00", "20")
    expect(refused.code).toBe(1)
    expect(refused.err).toContain("out-of-order")
    expect((await ts("insert", "2004-01-01 06:02:00", "20")).code).toBe(0)
    expect((await ts("update", "2004-01-01 06:03:00", "33")).code).toBe(0)
    const input = "2004-01-02 00:00:00|b\n2004-01-01 06:02:30|a\n"
    const imported = await fieldlog(["ts", "import", ...SERIES, "-", "--json"], { env, input })
    expect(JSON.parse(imported.out)).toMatchObject({ imported: [{ path: "-", lines: 2, days: 2, same: 0, bad: 0 }] })
    expect((await fieldlog(["tsdump", ...SERIES], { env })).out).toBe(
      "2004-01-01 06:01:00|10\n2004-01-01 06:02:00|20\n2004-01-01 06:02:30|a\n2004-01-01 06:03:00|33\n2004-01-02 00:00:00|b\n",
    )
    expect((await fieldlog(["ts", "delete", ...SERIES, "2004-01-01 06:01:00"], { env })).code).toBe(2)
  })

  test("a log becomes a tree, and the tree a log", async () => {
    const log = join(import.meta.dirname, "../golden/btsf/pad_8/file.btsf")
    const tree = join(folder, "converted")
    const there = await fieldlog(["convert", log, "-o", tree, "--to", "libarray", "--net", "SIL", "--method", "imu"])
    expect(there.code).not.toBe(1)
    const back = await fieldlog(["info", tree, "--json"])
    expect(JSON.parse(back.out).logs[0].groups[0].name).toBe("SIL/imu/file")
    const checked = await fieldlog(["check", tree, "--json"])
    expect(checked.code).toBe(0)
  })
})
