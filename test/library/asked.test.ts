import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import * as browser from "../../host/browser.js"
import {
  convert,
  convertLogs,
  fileSource,
  joinLogs,
  type Log,
  open,
  overview,
  Pyramid,
  recover,
  reduce,
  repair,
  selectFrom,
  stats,
  windowOf,
} from "../../host/index.js"

let folder = ""
let log: Log
const input = "test/golden/meteor/r01-basic/input.met"
const bytes = new Uint8Array([0x23, 0x20])
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-asked-"))
  log = await open(input)
})
afterAll(async () => {
  await log.close()
  rmSync(folder, { recursive: true })
})

/** What a program without types may give. */
const any = (given: unknown) => given as never
const out = () => join(folder, "out.csv")

/** Each with the error that it must be. */
const wrong: [what: string, call: () => unknown, message: string][] = [
  ["an unknown option of open", () => open(input, any({ rwa: true })), "there is no option rwa: did you mean raw?"],
  ["a value of open", () => open(input, any({ gaps: "mrak" })), "gaps: mrak is none of mark, interpolate: did you mean mark?"],
  ["a month base", () => open(input, any({ monthBase: 2 })), "monthBase: 2 is none of 0, 1, auto"],
  ["a tick", () => open(input, any({ tick: "x" })), "tick: x is not a positive number"],
  ["a format that is no text", () => open(input, any({ format: 3 })), "format: expected a text, got 3"],
  ["raw", () => open(input, any({ raw: "yes" })), "raw: yes is none of true, false"],
  ["options that are none", () => open(input, any(null)), "the options of open: expected an object, got null"],
  ["no input", () => open(any(undefined)), "open: expected a path, bytes or a source"],
  ["an unknown option in a page", () => browser.open(bytes, any({ rwa: true })), "there is no option rwa: did you mean raw?"],
  ["no input in a page", () => browser.open(any(3)), "open: expected bytes, a file or a source"],
  ["an address", () => browser.rangeSource("x", any({ hedaers: {} })), "there is no option hedaers: did you mean headers?"],
  ["an option of convert", () => convert(log, out(), any({ forse: true })), "there is no option forse: did you mean force?"],
  ["force", () => convert(log, out(), any({ force: "yes" })), "force: yes is none of true, false"],
  ["a target", () => convert(log, out(), { to: "prquet" }), 'cannot write "prquet": did you mean parquet?'],
  ["a target that is no text", () => convert(log, out(), any({ to: 3 })), "to: expected a text, got 3"],
  ["no options", () => convert(log, out(), any({ options: "x" })), "the options of the target: expected an object, got x"],
  [
    "a value of a target",
    () => convert(log, out(), { options: { layout: "lnog" } }),
    "layout: lnog is none of wide, long, group: did you mean long?",
  ],
  ["no path", () => convert(log, any(3)), "convert: path: expected a text, got 3"],
  ["a path as a log", () => convert(any(input), out()), `convert: expected a log, got ${input}`],
  ["a log that is not open yet", () => convertLogs(any([open(input)]), out()), "convert: expected a log, got a promise (await it)"],
  ["a part", () => convertLogs([log], out(), any({ wanted: { chanels: [] } })), "there is no option chanels: did you mean channels?"],
  [
    "an alignment",
    () => convertLogs([log, log], out(), any({ align: "ucc" })),
    'cannot be aligned by "ucc": expected "utc", "start" or a list of seconds: did you mean utc?',
  ],
  ["offsets", () => joinLogs([log, log], [Number.NaN, 0]), "the logs cannot be aligned by what are no numbers of seconds"],
  ["an option of recover", () => recover(input, out(), any({ forse: true })), "there is no option forse: did you mean force?"],
  ["no input of recover", () => recover(any(3), out()), "recover: input: expected a text, got 3"],
  ["an option of repair", () => repair(input, out(), any({ mothBase: 1 })), "there is no option mothBase: did you mean monthBase?"],
  ["an option of overview", () => overview(log, any({ progres: 1 })), "there is no option progres: did you mean progress?"],
  ["an option of stats", () => stats(log, any({ strat: 3 })), "there is no option strat: did you mean start?"],
  ["a time of stats", () => stats(log, any({ start: "6:00" })), "start: expected seconds as a number, got 6:00"],
  ["no buckets", () => reduce(log, any({ bukets: 3 })), "there is no option bukets: did you mean buckets?"],
  ["parts of buckets", () => reduce(log, { buckets: 1.5 }), "buckets: expected a whole number above 0, got 1.5"],
  ["how to reduce", () => reduce(log, any({ buckets: 3, how: "drwan" })), "how: drwan is none of exact, drawn: did you mean drawn?"],
  ["a name of a part", () => selectFrom(log, any({ chanels: [] })), "there is no option chanels: did you mean channels?"],
  ["one channel", () => selectFrom(log, any({ channels: "speed" })), "channels: expected a list of texts, got speed"],
  ["a number as a time", () => selectFrom(log, any({ start: 3 })), "start: expected a text, got 3"],
  ["a pyramid", () => new Pyramid().fill(log, any({ grow: 1 })), "there is no option grow: did you mean grown?"],
  ["a window", () => windowOf(log, new Pyramid(), 0, any({ form: 0, to: 1, buckets: 2 })), "there is no option form: did you mean from?"],
  ["half a window", () => windowOf(log, new Pyramid(), 0, any({ from: 0, buckets: 2 })), "end: expected seconds as a number, got NaN"],
  ["a file", () => fileSource(any(3)), "fileSource: path: expected a text, got 3"],
  [
    "rows",
    () =>
      log
        .chunks(any({ strat: 1 }))
        [Symbol.asyncIterator]()
        .next(),
    "there is no option strat: did you mean start?",
  ],
  [
    "an order of rows",
    () =>
      log
        .chunks(any({ order: "tiem" }))
        [Symbol.asyncIterator]()
        .next(),
    "order: tiem is none of time, file",
  ],
]

test.each(wrong)("the library says what is wrong with %s", async (_, call, message) => {
  const error = await new Promise((done) => done(call())).then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toMatchObject({ name: expect.stringMatching(/^(UsageError|OptionError)$/), message: expect.stringContaining(message) })
  expect(readdirSync(folder)).toEqual([])
})

test("what is right or absent is taken", async () => {
  const again = await open(input, any({ raw: true, monthBase: undefined, gaps: undefined }))
  expect((await stats(again, { start: 0, end: Number.POSITIVE_INFINITY })).length).toBeGreaterThan(0)
  await convert(again, out(), any({ force: false, to: undefined, options: undefined, wanted: undefined }))
  expect(readdirSync(folder)).toEqual(["out.csv"])
  await again.close()
  rmSync(out())
})
