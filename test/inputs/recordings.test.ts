import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { convertLogs } from "../../host/actions/convert.js"
import { open } from "../../host/actions/open.js"
import { memorySource } from "../../host/bytes/source.js"
import type { Log } from "../../host/model/log.js"
import { openSource } from "../../host/registry/open.js"
import { stats } from "../../host/summary/stats.js"
import { recordingLog } from "../../host/views/recording.js"
import { fieldlog } from "../cli/command.js"
import { raceLapBytes, raceLapSpec } from "../generate/race-lap.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

let folder = ""
/** The specification of `whole`. */
let spec: unknown
let whole: Log

/** The parts of a recording that lie in a folder under these names, each from second to second. */
async function recorded(name: string, files: Readonly<Record<string, readonly [number, number]>>, source = whole): Promise<string> {
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, "LOGSPEC.JSN"), JSON.stringify(spec))
  for (const [file, [start, end]] of Object.entries(files)) {
    await convertLogs([source], join(path, file), { wanted: { start: `${start}`, end: `${end}` }, to: "meteor" })
    rmSync(join(path, file.replace(/\.MET$/, ".spec.json")), { force: true })
  }
  return path
}

/** What does not depend on where the pieces are cut: mean and spread are rounded from sums. */
async function figures(log: Log): Promise<unknown[]> {
  return (await stats(log)).map(({ mean: _mean, std: _std, ...rest }) => rest)
}

async function labels(...args: string[]): Promise<string[]> {
  const { out } = await fieldlog(["info", "--json", ...args])
  return (JSON.parse(out) as { logs: { path: string }[] }).logs.map(({ path }) => path.slice((args.at(-1) as string).length))
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-recordings-"))
  const lap = await openSource(memorySource(raceLapBytes({ seconds: 6 }), "LOG00001.MET"), { spec: raceLapSpec })
  // A part is written anew, with a specification of its own.
  await convertLogs([lap], join(folder, "whole.met"), { wanted: { start: "0" } })
  spec = JSON.parse(readFileSync(join(folder, "whole.spec.json"), "utf8"))
  whole = await openSource(memorySource(readFileSync(join(folder, "whole.met")), "whole.met"), { spec })
})
afterAll(() => rmSync(folder, { recursive: true }))

describe("the files of one recording", () => {
  test("are one log with all rows, in a folder and on a card", async () => {
    const path = await recorded("one", { "LOG00009.MET": [0, 2], "LOG00010.MET": [2, 4], "LOG00012.MET": [4, 9] })
    const files = ["LOG00012.MET", "LOG00009.MET", "LOG00010.MET", "LOGSPEC.JSN"]
    const image = await fatfsImage(40, 512)
    // A card lists its files in any order.
    await writeFiles(image, Object.fromEntries(files.map((file) => [file, readFileSync(join(path, file))])))
    writeFileSync(join(folder, "card.img"), image)
    expect(await labels(path)).toEqual(["/LOG00009.MET to LOG00012.MET"])
    expect(await labels(join(folder, "card.img"))).toEqual([":/LOG00009.MET to LOG00012.MET"])
    expect(await labels("--no-join", path)).toEqual(["/LOG00009.MET", "/LOG00010.MET", "/LOG00012.MET"])
    for (const place of [path, join(folder, "card.img")]) {
      const log = await open(place)
      expect(await figures(log)).toEqual(await figures(whole))
      expect((await log.survey()).groups).toEqual((await whole.survey()).groups)
      expect(log.issues.filter(({ kind }) => kind === "joined")).toHaveLength(1)
      expect(log.issues.filter(({ severity }) => severity === "error")).toEqual([])
      await log.close()
    }
  })

  test("give the same lines as the whole log, also a part of it", async () => {
    const path = join(folder, "one")
    await convertLogs([whole], join(folder, "whole.csv"))
    await fieldlog(["convert", path, "-o", join(folder, "joined.csv")])
    expect(readFileSync(join(folder, "joined.csv")).equals(readFileSync(join(folder, "whole.csv")))).toBe(true)
    const part = ["--start", "1.9", "--end", "4.1", "-c", "speed"]
    const { out, code } = await fieldlog(["cat", path, ...part])
    expect([code, out === (await fieldlog(["cat", join(folder, "whole.met"), ...part])).out]).toEqual([0, true])
    expect(out.length).toBeGreaterThan(1000)
    const extracted = join(folder, "extracted.met")
    expect((await fieldlog(["extract", path, "-o", extracted, "--start", "1", "--end", "5"])).code).toBe(0)
    const log = await open(extracted)
    expect((await stats(log)).find(({ channel }) => channel === "speed")?.count).toBe(400)
    await log.close()
  })

  test("are files of their own where the counting begins again, or the names are not the logger's", async () => {
    const again = await recorded("again", { "LOG00001.MET": [0, 2], "LOG00002.MET": [0, 3], "LOG00003.MET": [3, 4], "x.MET": [4, 5] })
    expect(await labels(again)).toEqual(["/LOG00001.MET", "/LOG00002.MET to LOG00003.MET", "/x.MET"])
  })

  test("a damaged file among them is named with its damage, and one that is no log keeps nothing from being read", async () => {
    const path = await recorded("hurt", { "LOG00001.MET": [0, 2], "LOG00002.MET": [2, 4], "LOG00004.MET": [4, 9] })
    const bytes = readFileSync(join(path, "LOG00002.MET"))
    bytes.fill(0xff, 3000, 3100)
    writeFileSync(join(path, "LOG00002.MET"), bytes)
    const log = await open(path)
    await log.survey()
    const damage = log.issues.filter(({ severity }) => severity === "error")
    expect(damage.length).toBeGreaterThan(0)
    expect(damage.every(({ file }) => file === "LOG00002.MET")).toBe(true)
    await log.close()
    writeFileSync(join(path, "LOG00003.MET"), "no log")
    const { code, out } = await fieldlog(["info", path])
    // One cannot be read at all.
    expect(code).toBe(1)
    expect(out).toContain("LOG00001.MET")
  })
})

describe("a restart", () => {
  /** Two pieces, the second with a start of its own. */
  const starts = async (ms: number) => {
    const path = await recorded(`restart${ms}`, { "LOG00001.MET": [0, 3] })
    const later = new Proxy(whole, {
      get: (log, key) => (key === "start" ? (whole.start as bigint) + BigInt(ms) * 1_000_000n : Reflect.get(log, key, log)),
    })
    await convertLogs([later], join(path, "LOG00002.MET"), { wanted: { end: "2" }, to: "meteor" })
    rmSync(join(path, "LOG00002.spec.json"), { force: true })
    return path
  }

  test("goes on in the same recording when it begins within a minute, in its own time", async () => {
    const path = await starts(5000)
    expect(await labels(path)).toEqual(["/LOG00001.MET to LOG00002.MET"])
    const log = await open(path)
    const { duration } = await log.survey()
    expect(duration).toBeGreaterThan(6.9)
    await log.close()
  })

  test("is another recording when it begins later, or before the first one ends", async () => {
    expect(await labels(await starts(64_000))).toHaveLength(2)
    expect(await labels(await starts(2000))).toHaveLength(2)
  })
})

test("convert writes a file for each recording into a folder, or for each file with --no-join", async () => {
  const path = await recorded("each", { "LOG00001.MET": [0, 2], "LOG00002.MET": [2, 4], "LOG00003.MET": [0, 1] })
  const run = await fieldlog(["convert", path, "-o", join(folder, "out/"), "--to", "ndjson", "--json"])
  expect([run.code, run.err]).toEqual([0, ""])
  const { outputs } = JSON.parse(run.out) as { outputs: { files: string[] }[] }
  expect(outputs.map(({ files }) => files)).toEqual([[join(folder, "out/LOG00001.ndjson")], [join(folder, "out/LOG00003.ndjson")]])
  const files = await fieldlog(["convert", path, "--no-join", "-o", join(folder, "out2/"), "--to", "csv"])
  expect(files.code).toBe(0)
  expect(["LOG00001.csv", "LOG00002.csv", "LOG00003.csv"].map((name) => readFileSync(join(folder, "out2", name)).length > 1000)).toEqual([
    true,
    true,
    true,
  ])
})

describe.each([
  ["ddff", "DDF"],
  ["ddff", "ddff"],
  ["btsf", "BTS"],
  ["btsf", "btsf"],
  ["meteor", "met"],
])("%s files of one recording, named .%s", (format, ending) => {
  const parts: Readonly<Record<string, readonly [number, number]>> = { LOG00003: [0, 2], LOG00004: [2, 4], LOG00005: [4, 9] }
  const place = () => join(folder, `${format}-${ending}`)
  /** One group, as btsf has one. */
  const channels = ["speed"]

  beforeAll(async () => {
    mkdirSync(place())
    for (const [name, [start, end]] of Object.entries(parts)) {
      const wanted = { channels, start: `${start}`, end: `${end}` }
      await convertLogs([whole], join(place(), `${name}.${ending}`), { wanted, to: format })
    }
    await convertLogs([whole], join(folder, `${format}-${ending}.csv`), { wanted: { channels } })
  })

  test("are one log with all rows, in every command", async () => {
    const { out } = await fieldlog(["info", place()])
    expect(out).toMatch(/: 3 logs, in 1 recording\n$/)
    const csv = join(folder, `${format}-${ending}-joined.csv`)
    expect((await fieldlog(["convert", place(), "-o", csv])).code).toBe(0)
    // btsf has the time as a channel, too.
    const rows = (path: string) => {
      const lines = readFileSync(path, "utf8").trim().split("\n").slice(1)
      return lines.map((line) => line.split(",").map(Number)).map((cells) => [cells[0], cells.at(-1)])
    }
    expect(rows(csv)).toEqual(rows(join(folder, `${format}-${ending}.csv`)))
    for (const command of [["stats"], ["plot"], ["cat"], ["extract", "--start", "1.5", "--end", "4.5", "-o", `${csv}.${ending}`]]) {
      const { code, err } = await fieldlog([...command, place()])
      expect([command, code, err.replace(/^note: .*\n|^not carried over: .*\n/gm, "")]).toEqual([command, 0, ""])
    }
    const apart = await fieldlog(["stats", "--no-join", place(), "-c", "*speed", "--json"])
    expect(apart.out.match(/"channel"/g)).toHaveLength(3)
  })

  test("are one log beside another one, aligned as asked", async () => {
    const { code, out } = await fieldlog(["stats", place(), join(folder, "whole.met"), "-c", "*speed", "--align", "0,100", "--json"])
    const found = JSON.parse(out) as { channels: { channel: string; count: number }[] }
    expect([code, found.channels.filter(({ channel }) => /(^|\.)speed$/.test(channel)).map(({ count }) => count)]).toEqual([0, [600, 600]])
    const three = await fieldlog(["stats", place(), join(folder, "whole.met"), "--align", "0,100", "--no-join"])
    expect([three.code, three.err]).toEqual([2, expect.stringContaining("2 offsets for 4 logs")])
  })
})

test("plot and stats take several logs", async () => {
  for (const [name, seconds] of [
    ["a", 2],
    ["b", 3],
  ] as const) {
    writeFileSync(join(folder, `${name}.met`), raceLapBytes({ seconds, seed: seconds }))
    writeFileSync(join(folder, `${name}.spec.json`), JSON.stringify(raceLapSpec))
  }
  const two = [join(folder, "a.met"), join(folder, "b.met")]
  const { out, code } = await fieldlog(["stats", ...two, "-c", "*speed", "--align", "start", "--json"])
  expect(code).toBe(0)
  const found = JSON.parse(out) as { path: string; channels: { channel: string; count: number }[] }
  expect(found.path).toBe(two.join(", "))
  expect(found.channels.filter(({ channel }) => channel.endsWith("motor-speed")).map(({ count }) => count)).toEqual([200, 300])
  const plot = await fieldlog(["plot", ...two, "-c", "*motor-speed", "-o", "-"])
  expect([plot.code, (plot.out.match(/motor-speed/g) ?? []).length >= 2]).toEqual([0, true])
})

test("rows of pieces that share a group count on, and their windows follow one another", async () => {
  const pieces = await Promise.all(
    [0, 3].map(async (from) => {
      const bytes = raceLapBytes({ seconds: 2, seed: from + 1 })
      const log = await openSource(memorySource(bytes, "x.met"), { spec: raceLapSpec })
      return { log, survey: await log.survey(), file: `${from}`, bytes: bytes.length }
    }),
  )
  const log = recordingLog(pieces)
  const seen: { first: number; rows: number; window: number }[] = []
  for await (const { group, first, rows, window } of log.chunks()) if (group === 0) seen.push({ first, rows, window })
  for (const [i, { first, rows, window }] of seen.slice(0, -1).entries()) {
    expect(seen[i + 1]?.first).toBe(first + rows)
    expect(seen[i + 1]?.window).toBeGreaterThan(window)
  }
  expect(seen.length).toBeGreaterThan(1)
})
