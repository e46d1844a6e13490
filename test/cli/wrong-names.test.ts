import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { recover } from "../../host/actions/rescue.js"
import { joinLogs } from "../../host/views/join.js"
import { cases, memoryLog } from "../conformance/cases.js"
import { fieldlog } from "./command.js"

let folder = ""
const at = (name: string) => join(folder, name)
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-names-"))
  copyFileSync("test/golden/meteor/r01-basic/input.met", at("run.met"))
  writeFileSync(at("run.csv"), "time [s],a\n0,1\n1,2\n")
})
afterAll(() => rmSync(folder, { recursive: true }))

test("help for a command that is none is an error with the nearest name", async () => {
  const { code, err } = await fieldlog(["help", "convrt"])
  expect([code, err.split("\n")[0]]).toEqual([2, 'fieldlog: no command "convrt": did you mean convert?'])
  expect((await fieldlog(["help", "card", "gett"])).err).toContain("did you mean get?")
  for (const args of [["help"], ["help", "convert"], ["help", "card", "get"]]) expect((await fieldlog(args)).code).toBe(0)
})

test.each([["recover"], ["extract", "--start", "0"]])("%s does not write under another format's extension", async (command, ...rest) => {
  const { code, err } = await fieldlog([command, at("run.met"), "-o", at("saved.jls"), ...rest])
  expect([code, err.split("\n")[0]]).toEqual([2, `fieldlog: ${at("saved.jls")}: has the extension of jls, and a meteor log is written`])
  expect(existsSync(at("saved.jls"))).toBe(false)
  expect((await fieldlog([command, at("run.met"), "-o", at(`${command}.b24`), ...rest])).code).not.toBe(2)
})

test("nor does the library", async () => {
  await expect(recover(at("run.met"), at("saved.ddf"))).rejects.toMatchObject({ name: "UsageError" })
})

test.each([
  ["x.xlsx", "nothing is written as .xlsx"],
  ["x", "has no extension that says what to write"],
])("convert -o %s says what is wrong with the name", async (name, message) => {
  const { code, err } = await fieldlog(["convert", at("run.csv"), "-o", at(name)])
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})

test("convert to standard output asks for --to", async () => {
  expect((await fieldlog(["convert", at("run.csv"), "-o", "-"])).err).toContain("standard output has no extension")
})

test("logs are aligned in a known way only", () => {
  const log = memoryLog(cases["no samples"] as NonNullable<(typeof cases)[string]>)
  expect(() => joinLogs([log, log], "utcc" as "utc")).toThrow('cannot be aligned by "utcc"')
})

test.each([
  [["convert", "RUN", "-o", "x.csv", "--time", "lcoal"], "--time: lcoal is none of seconds, utc, local, iso: did you mean local?"],
  [["convert", "RUN", "-o", "x.csv", "--layout=lnog"], "--layout: lnog is none of wide, long, group: did you mean long?"],
  [["convert", "RUN", "-o", "x.csv", "--set", "layout=lnog"], "layout: lnog is none of wide, long, group: did you mean long?"],
  [["convert", "RUN", "-o", "x.csv", "--gaps", "mrak"], "--gaps: mrak is none of mark, interpolate: did you mean mark?"],
  [["convert", "RUN", "-o", "x", "--to", "prquet"], 'cannot write "prquet": did you mean parquet?'],
  [["stats", "RUN", "--align", "ucc"], "Expected utc, start, or seconds as 0,2.5: did you mean utc?"],
  [["cat", "RUN", "--as", "cvs"], "--as: cvs is none of ndjson, csv: did you mean csv?"],
  [["info", "RUN", "--color", "alwys"], "--color: alwys is none of auto, always, never: did you mean always?"],
  [["info", "CSV", "--tz", "Eurpe/Berlin"], 'no time zone "Eurpe/Berlin": did you mean Europe/Berlin?'],
])("a wrong value is told with the nearest: %j", async (args, message) => {
  const named = args.map((arg) => (arg === "RUN" ? at("run.met") : arg === "CSV" ? at("dated.csv") : arg))
  writeFileSync(at("dated.csv"), "time,a\n2024-01-01 00:00:00,1\n2024-01-01 00:00:01,2\n")
  const { code, err } = await fieldlog(named)
  expect([code, err]).toEqual([2, expect.stringContaining(message)])
})
