import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { fieldlog } from "./command.js"

const golden = (name: string) => join(import.meta.dirname, "../golden", name)
const METEOR = golden("meteor/h07-composite-basic/input.met")
const WIDE = golden("meteor/h01-unsigned-all-widths/input.met")
const DAMAGED = golden("meteor/h36-corrupt-middle/input.met")

async function json(...args: string[]) {
  const ran = await fieldlog(args)
  return { code: ran.code, document: JSON.parse(ran.out), err: ran.err }
}

describe("documents of --json", () => {
  test("info: one entry a log, with groups, channels and issues", async () => {
    const { code, document } = await json("info", "--json", METEOR)
    expect(code).toBe(0)
    expect(Object.keys(document)).toEqual(["schemaVersion", "logs", "found"])
    const [log] = document.logs
    expect(log).toMatchObject({ path: METEOR, format: "meteor", size: 75, start: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) })
    expect(Object.keys(log.groups[0]).sort()).toEqual(
      ["channels", "drift", "first", "firstTime", "last", "lastTime", "name", "rate", "rows", "time"].sort(),
    )
    expect(Object.keys(log.groups[0].channels[0]).sort()).toEqual(["calibration", "name", "notes", "type", "unit"])
  })

  test("info: damage is in the document, and the exit code is 3", async () => {
    const { code, document, err } = await json("info", "--json", DAMAGED)
    expect(code).toBe(3)
    expect(err).toMatch(/^[^\n]+\n$/)
    expect(JSON.parse(err)).toEqual({
      schemaVersion: 1,
      error: {
        exit: 3,
        path: DAMAGED,
        message:
          "damaged input: gap at byte 158: 61 bytes are no frames, expected a known type, id and length; the frame before, at byte 147, is doubtful",
      },
    })
    expect(document.logs[0].issues).toContainEqual(expect.objectContaining({ severity: "error", kind: "gap", at: 158, length: 61 }))
  })

  test("stats: integers beyond 2^53 are strings with every digit", async () => {
    const { document } = await json("stats", "--json", WIDE)
    const bigs = document.channels.flatMap((channel: { max: unknown }) => (typeof channel.max === "string" ? [channel.max] : []))
    expect(bigs).toContain("18446744073709551614")
  })

  test.each([[], ["--buckets", "2"]])("stats %j: a clock that goes back is among the issues", async (...more) => {
    const path = join(mkdtempSync(join(tmpdir(), "fieldlog-json-")), "back.csv")
    onTestFinished(() => rmSync(dirname(path), { recursive: true }))
    writeFileSync(path, "time [s],x\n100,1\n101,2\n102,3\n103,4\n50,5\n51,6\n52,7\n53,8\n")
    const { code, document } = await json("stats", "--json", path, ...more.flat())
    expect(code).toBe(0)
    expect(document.issues).toMatchObject([{ kind: "clock-jump", severity: "warning", text: expect.stringContaining("back by 54.000 s") }])
  })

  test("stats --buckets: an array a figure", async () => {
    const { document } = await json("stats", "--json", "--buckets", "3", METEOR)
    for (const group of document.groups) {
      expect(group).toMatchObject({ by: "time" })
      for (const channel of group.channels)
        for (const figure of ["count", "min", "mean", "max", "std"]) expect(channel[figure]).toHaveLength(3)
    }
  })

  test("cat: one JSON object a line, in the shape that is promised", async () => {
    const ran = await fieldlog(["cat", METEOR])
    const rows = ran.out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(rows.length).toBeGreaterThan(0)
    for (const row of rows) {
      expect(Object.keys(row)).toEqual(["group", "tick", "time", "values"])
      expect(row.time).toBeCloseTo(row.tick / 1000, 9)
    }
  })

  test("cat --raw gives stored values", async () => {
    const scaled = golden("meteor/h06-scaling-order/input.met")
    const [raw, physical] = [await fieldlog(["cat", "--raw", scaled]), await fieldlog(["cat", scaled])]
    expect(raw.out).not.toBe(physical.out)
    expect(physical.out).toContain('"Infinity"')
    expect(raw.out).not.toContain("Infinity")
  })

  test("check: findings by file, 3 with an error", async () => {
    const damaged = await json("check", "--json", DAMAGED)
    expect(damaged.code).toBe(3)
    expect(damaged.document.files[0]).toMatchObject({ format: "meteor", clean: false })
    for (const finding of damaged.document.files[0].findings) {
      expect(Object.keys(finding)).toEqual(expect.arrayContaining(["rule", "severity", "at", "where", "text"]))
    }
  })

  test("check of a specification alone", async () => {
    const { code, document } = await json("check", "--json", "--spec", golden("meteor/h15-duplicate-ids/spec.json"))
    expect(code).toBe(3)
    expect(document.files[0].findings[0]).toMatchObject({ rule: "duplicate-id", where: "topics[1].id" })
  })

  test("a specification that cannot be used is a finding too", async () => {
    const ran = await fieldlog(["check", "--json", "--spec", golden("meteor/h07-composite-basic/expected.json")])
    expect(ran.code).toBe(3)
    expect(JSON.parse(ran.out).files[0].findings).toEqual([expect.objectContaining({ rule: "not-specification", severity: "error" })])
  })
})
