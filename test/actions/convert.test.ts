import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { appendable, convert, convertLogs } from "../../host/actions/convert.js"
import { open } from "../../host/actions/open.js"
import { UsageError } from "../../host/model/errors.js"
import type { Log } from "../../host/model/log.js"
import { targets } from "../../host/registry/targets.js"
import { fieldlog } from "../cli/command.js"
import { memoryLog } from "../conformance/cases.js"

const folder = mkdtempSync(join(tmpdir(), "fieldlog-convert-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const at = (...names: string[]) => join(folder, ...names)
const ms = { kind: "stamped", tick: 0.001 } as const

/** 20 rows of ten a second, so two rows at one a second. */
function tenHertz(from = 0): Log {
  const rows = Array.from({ length: 20 }, (_, i) => i)
  const channel = { name: "speed", type: "u8", values: rows } as const
  return memoryLog({ start: 0n, groups: [{ name: "car", time: ms, ticks: rows.map((i) => from + 100 * i), channels: [channel] }] })
}

async function rowsOf(path: string): Promise<number> {
  const log = await open(path)
  try {
    let rows = 0
    for await (const chunk of log.chunks()) rows += chunk.rows
    return rows
  } finally {
    await log.close()
  }
}

describe("rows at equal steps", () => {
  test.each(["csv", "parquet", "met", "ddff", "btsf", "jls"])("the library gives the same for .%s", async (ending) => {
    const path = at(`grid.${ending}`)
    await convert(tenHertz(), path, { options: { rate: 1 } })
    expect(await rowsOf(path)).toBe(2)
  })

  test.each(["csv", "parquet", "met", "ddff", "btsf"])("and bins for .%s", async (ending) => {
    const path = at(`bins.${ending}`)
    await convert(tenHertz(), path, { options: { maxRows: 4 } })
    expect(await rowsOf(path)).toBe(4)
  })
})

describe("an option that nobody heeds", () => {
  test("is refused by the library, and nothing is written", async () => {
    const path = at("refused.csv")
    await expect(convert(tenHertz(), path, { options: { layuot: "long" } })).rejects.toThrow("did you mean layout?")
    await expect(convert(tenHertz(), path, { options: { selection: {} } })).rejects.toThrow(UsageError)
    expect(existsSync(path)).toBe(false)
  })

  test.each([
    ["meteor/h07-composite-basic/input.met", { tick: 1 }, "tick means nothing to meteor"],
    ["btsf/one_double/file.btsf", { recording: "1" }, "recording means nothing to btsf"],
    ["ddff/cpp_types/file.ddff", { tz: "Europe/Berlin" }, "tz means nothing to ddff"],
    ["jls/multi/file.jls.gz", { monthBase: 1 }, "monthBase means nothing to jls"],
  ] as const)("is refused when %s is opened", async (name, options, message) => {
    const bytes = readFileSync(join("test/golden", name))
    const plain = name.endsWith(".gz") ? gunzipSync(bytes) : bytes
    await expect(open(new Uint8Array(plain), options)).rejects.toThrow(message)
    expect((await open(new Uint8Array(plain), { spec: undefined })).groups.length).toBeGreaterThanOrEqual(0)
  })
})

describe("the command", () => {
  beforeAll(() => {
    cpSync("test/golden/meteor/h07-composite-basic", at("meteor"), { recursive: true })
    cpSync("test/golden/ddff/cpp_types/file.ddff", at("types.ddff"))
    cpSync("test/golden/btsf/one_double/file.btsf", at("one.btsf"))
    writeFileSync(at("multi.jls"), gunzipSync(readFileSync("test/golden/jls/multi/file.jls.gz")))
  })
  const met = at("meteor/input.met")

  test("refuses options that nobody heeds, with the nearest name", async () => {
    const misspelt = await fieldlog(["convert", met, "-o", at("x.csv"), "--set", "layuot=long"])
    expect(misspelt).toMatchObject({ code: 2, err: expect.stringContaining("did you mean layout?") })
    for (const args of [
      ["info", met, "--tick", "1"],
      ["check", met, "--tick", "1"],
      ["stats", met, "--tick", "1"],
      ["cat", at("one.btsf"), "--recording", "1"],
      ["convert", met, "-o", at("x.csv"), "--gaps", "mark"],
      ["convert", met, "-o", at("x.csv"), "--to-spec", at("meteor/spec.json")],
      ["recover", met, "-o", at("x.met"), "--tz", "UTC"],
      ["dataset", "add", at("set"), met, "--tz", "UTC"],
    ]) {
      const ran = await fieldlog(args)
      expect(ran, args.join(" ")).toMatchObject({ code: 2, out: "", err: expect.stringContaining("means nothing to") })
    }
    expect(existsSync(at("x.csv"))).toBe(false)
  }, 60_000)

  test.each([
    [["info", "--month-base", "1"], "the option --month-base means nothing to btsf"],
    [["convert", "--max-rows", "5", "--rate=5"], "--rate and --max-rows exclude one another"],
    [["convert", "--raw", "--max-rows=5"], "--raw goes with neither --rate nor --max-rows"],
    [["convert", "--hold", "2"], "--hold needs --rate"],
    [["convert", "--set", "hold=2"], "hold needs --rate"],
    [["convert", "--set", "rate=-1"], "fieldlog: rate: -1 is not a positive number"],
    [["convert", "--to-spec", "test/golden/meteor/h07-composite-basic/spec.json"], "the option --to-spec means nothing to csv"],
    [["convert", "--separator", "ab"], "--separator: expected one ASCII character"],
    [["convert", "--to", "jls", "--rate", "2.5"], "--rate 2.5: expected whole Hz"],
    [["cat", "--start", "5", "--end", "5"], "--end 5 is not after --start 5"],
  ])("%j is refused by the names that were typed", async ([command = "", ...args], message) => {
    const output = command === "convert" ? ["-o", at("y.csv")] : []
    const ran = await fieldlog([command, at("one.btsf"), ...output, ...args])
    expect(ran).toMatchObject({ code: 2, out: "", err: expect.stringContaining(message) })
    expect(existsSync(at("y.csv"))).toBe(false)
  })

  test("of several logs one at least must heed an option", async () => {
    const types = at("types.ddff")
    const heeded = await fieldlog(["info", met, types, "--tick", "1"])
    expect(heeded).toMatchObject({ code: 0, err: "" })
    const ignored = await fieldlog(["info", met, types, "--tz", "UTC"])
    expect(ignored).toMatchObject({ code: 2, err: expect.stringContaining("--tz means nothing to meteor, ddff") })
    const joined = await fieldlog(["convert", met, types, "-o", at("both.csv"), "--tick", "1"])
    expect(joined.err).not.toContain("means nothing")
    expect(existsSync(at("both.csv"))).toBe(true)
  }, 60_000)

  test.each([
    ["many.btsf", []],
    ["many.csv", ["--layout", "group"]],
    ["many.parquet", ["--layout", "group"]],
    ["many.arrow", ["--layout", "group"]],
  ])(
    "names the files of a target that makes several: %s",
    async (name, options) => {
      const ran = await fieldlog(["convert", at("multi.jls"), "-o", name, ...options], { cwd: folder })
      const [, list] = /^written: (.*); no /m.exec(ran.err) ?? []
      const files = (list ?? "").split(", ")
      expect(files.length).toBeGreaterThan(1)
      for (const file of files) expect(existsSync(at(file)), file).toBe(true)
      expect(ran.err).toContain(`no ${name}`)
      expect(existsSync(at(name))).toBe(false)
      const json = await fieldlog(["convert", at("multi.jls"), "-o", name, ...options, "--force", "--json"], { cwd: folder })
      expect((JSON.parse(json.out) as { files: string[] }).files).toEqual(files.map((file) => at(file)))
    },
    60_000,
  )

  test("lists the side file with --json, and is silent where the named file was written", async () => {
    const args = ["convert", at("one.btsf"), "-o", at("one.met")]
    expect((await fieldlog(args)).err).not.toContain("written:")
    const { files } = JSON.parse((await fieldlog([...args, "--force", "--json"])).out) as { files: string[] }
    expect(files).toEqual([at("one.met"), at("one.spec.json")])
  }, 60_000)
})

test("rows go behind those of each format that can be appended to, and the error names them all", async () => {
  expect(appendable()).toEqual(targets().flatMap(({ name, append }) => (append === undefined ? [] : [name])))
  expect(appendable().length).toBeGreaterThan(1)
  const path = at("append.csv")
  for (const name of appendable()) {
    await expect(convert(tenHertz(), path, { append: true })).rejects.toMatchObject({ hint: expect.stringContaining(name) })
    const log = at(`append.${name}`)
    const options = targets().find((target) => target.name === name)?.ownGrid === true ? { rate: 10 } : {}
    await convert(tenHertz(), log, { to: name, append: true, options })
    const { files } = await convertLogs([tenHertz(2000)], log, { to: name, append: true, options })
    expect(files).toContain(log)
    expect(await rowsOf(log)).toBe(40)
    await expect(convert(tenHertz(4000), log, { to: "csv", append: true })).rejects.toThrow(`holds a ${name} log`)
  }
  expect(existsSync(path)).toBe(false)
})
