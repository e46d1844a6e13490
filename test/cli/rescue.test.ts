import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { fieldlog } from "./command.js"

const golden = (name: string) => join(import.meta.dirname, "../golden", name)
let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterEach(() => rmSync(folder, { recursive: true }))
const run = (...args: string[]) => fieldlog(args, { cwd: folder })
const here = (name: string) => join(folder, name)

describe("recover", () => {
  test("saves what is there, reports the hole, and ends with 3", async () => {
    copyFileSync(golden("btsf/truncated_row/file.btsf"), here("torn.btsf"))
    const ran = await run("recover", "torn.btsf", "-o", "saved.btsf", "--report", "holes.json")
    expect(ran.code).toBe(3)
    expect(ran.out).toBe("")
    expect(ran.err).toContain("5 rows saved in saved.btsf, 1 hole")
    const report = JSON.parse(readFileSync(here("holes.json"), "utf8"))
    expect(report).toMatchObject({ schemaVersion: 1, logs: [{ rows: 5, holes: [{ at: 720, length: 19 }] }] })
    expect((await run("check", "saved.btsf")).code).toBe(0)
  })

  test("goes on without a specification that is torn, and says so", async () => {
    copyFileSync(golden("meteor/r01-basic/input.met"), here("LOG00001.MET"))
    writeFileSync(here("LOGSPEC.JSN"), '{"topics": [{"na')
    const ran = await run("recover", "LOG00001.MET", "-o", "saved.met", "--json")
    expect(ran.code).toBe(3)
    const [{ rows, holes }] = JSON.parse(ran.out).logs
    expect(rows).toBeGreaterThan(0)
    expect(holes[0]).toMatchObject({ kind: "specification", text: expect.stringContaining("LOGSPEC.JSN is not JSON") })
  })

  test("of a sound log ends with 0", async () => {
    const ran = await run("recover", golden("btsf/one_double/file.btsf"), "-o", "same.btsf", "--json")
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.out).logs[0]).toMatchObject({ holes: [], losses: [] })
  })

  test.each(["meteor/r01-basic/input.met", "ddff/cpp_tagged_fixed_128/file.ddff", "btsf/one_double/file.btsf", "jls/dtype_u8/file.jls.gz"])(
    "an unused tail, as a power cut leaves it, is no damage: %s",
    { tags: "slow" },
    async (file) => {
      const name = `cut.${file.split(".")[1]}`
      const bytes = readFileSync(golden(file))
      writeFileSync(here(name), Buffer.concat([file.endsWith(".gz") ? gunzipSync(bytes) : bytes, Buffer.alloc(8192)]))
      const ran = await run("recover", name, "-o", `saved-${name}`, "--json")
      expect(ran.code).toBe(0)
      expect(JSON.parse(ran.out).logs[0]).toMatchObject({ holes: [], losses: [] })
      expect((await run("check", `saved-${name}`)).out).not.toContain("unused")
    },
  )

  test("saves what reads back with doubts, tells them, and ends with 3", async () => {
    const path = golden("meteor/h36-corrupt-middle/input.met")
    for (const [name, change] of [
      ["bit.met", (bytes: Buffer) => bytes.writeUInt8((bytes[155] as number) ^ 0x10, 155)],
      ["no-header.met", (bytes: Buffer) => bytes.fill(0, 0, 15)],
    ] as const) {
      const bytes = readFileSync(path)
      change(bytes)
      writeFileSync(here(name), bytes)
      const ran = await run("recover", name, "-o", `saved-${name}`, "--format", "meteor", "--json")
      expect([name, ran.code, ran.err]).toEqual([name, 3, expect.stringMatching(/are no frames|header/)])
      const saved = await run("cat", `saved-${name}`)
      expect(saved.out.split("\n").length).toBeGreaterThan(5)
      expect(JSON.parse(ran.out).logs[0].rows).toBe(saved.out.trimEnd().split("\n").length)
    }
  })

  test("of a ddff log that ends early saves the records before its end", async () => {
    const bytes = readFileSync(golden("ddff/cpp_tagged_fixed_128/file.ddff"))
    const whole = (await run("cat", golden("ddff/cpp_tagged_fixed_128/file.ddff"))).out.trimEnd().split("\n").length
    // Inside a block's header, inside its data, and a block behind its end that the chain tells of.
    for (const length of [bytes.length - 10, bytes.length - 128 - 120, Math.floor(bytes.length / 256) * 128]) {
      const name = `early-${length}.ddff`
      writeFileSync(here(name), bytes.subarray(0, length))
      const ran = await run("recover", name, "-o", `saved-${name}`)
      expect([length, ran.code, ran.err]).toEqual([length, 3, expect.stringContaining("rows saved")])
      const rows = (await run("cat", `saved-${name}`)).out.trimEnd().split("\n").length
      expect(rows).toBeGreaterThan(0)
      expect(rows).toBeLessThanOrEqual(whole)
    }
  })

  test("of a card with two entries of one name saves both", async () => {
    const image = await fatfsImage(40, 512)
    await writeFiles(image, {
      "A.BTS": readFileSync(golden("btsf/one_double/file.btsf")),
      "B.BTS": readFileSync(golden("btsf/truncated_row/file.btsf")),
    })
    const entry = image.indexOf("B       BTS", 0, "latin1")
    image.write("A", entry, "latin1")
    writeFileSync(here("card.img"), image)
    expect((await run("card", "get", "card.img", "-o", "got")).err).toContain("another entry of the folder is named /A.BTS, too")
    expect(readdirSync(here("got")).sort()).toEqual(["A-2.BTS", "A.BTS"])
    expect(readFileSync(here("got/A.BTS")).equals(readFileSync(golden("btsf/one_double/file.btsf")))).toBe(true)
    expect(readFileSync(here("got/A-2.BTS")).equals(readFileSync(golden("btsf/truncated_row/file.btsf")))).toBe(true)
    await run("recover", "card.img", "-o", "saved")
    expect(readdirSync(here("saved")).sort()).toEqual(["A-2.BTS", "A.BTS"])
  })

  test("of a card is a folder with every log on it", async () => {
    const image = await fatfsImage(40, 512)
    await writeFiles(image, {
      "A.BTS": readFileSync(golden("btsf/one_double/file.btsf")),
      "OLD/A.BTS": readFileSync(golden("btsf/truncated_row/file.btsf")),
    })
    writeFileSync(here("card.img"), image)
    const ran = await run("recover", "card.img", "-o", "saved")
    expect(ran.code).toBe(3)
    expect(readdirSync(here("saved"), { recursive: true }).sort()).toEqual(["A.BTS", "OLD", join("OLD", "A.BTS")])
  })

  test("finds logs by signature where the file system is gone", { tags: "slow" }, async () => {
    const image = await fatfsImage(40, 512)
    await writeFiles(image, { "A.BTS": readFileSync(golden("btsf/one_double/file.btsf")) })
    image.fill(0, 0, 512 * 64)
    writeFileSync(here("card.img"), image.subarray(0, 2 << 20))
    const ran = await run("recover", "card.img", "-o", "saved")
    expect(ran.err).toContain("1 log found by signature")
    const [name = ""] = readdirSync(here("saved"))
    expect(name).toMatch(/^found-\d{8}\.btsf$/)
    const rows = (await run("cat", join("saved", name))).out
    expect(rows.trim().split("\n").length).toBeGreaterThanOrEqual(8)
  })

  test("never writes over its input, not with its report either", async () => {
    const golden_ = readFileSync(golden("btsf/truncated_row/file.btsf"))
    writeFileSync(here("torn.btsf"), golden_)
    expect((await run("recover", "torn.btsf", "-o", "torn.btsf", "--force")).code).toBe(2)
    await run("recover", "torn.btsf", "-o", "new.btsf", "--report", "torn.btsf", "--force")
    expect(readFileSync(here("torn.btsf"))).toEqual(golden_)
  })

  test("of a file that is no log leaves nothing", async () => {
    writeFileSync(here("text.txt"), "no log at all")
    const ran = await run("recover", "text.txt", "-o", "saved.met")
    expect(ran.code).toBe(1)
    expect(readdirSync(folder)).toEqual(["text.txt"])
  })
})

describe("extract", () => {
  test("keeps the format, the range and the annotations in it", async () => {
    const ran = await run("extract", golden("btsf/annotations/file.btsf"), "-o", "part.btsf", "--start", "0", "--end", "2")
    expect(ran.code).toBe(0)
    const { logs } = JSON.parse((await run("info", "--json", "part.btsf")).out)
    expect(logs[0].format).toBe("btsf")
    expect(logs[0].annotations.map(({ text }: { text: string }) => text)).toEqual(["Überlast"])
  })

  test("without a part is wrong usage", async () => {
    expect((await run("extract", golden("btsf/annotations/file.btsf"), "-o", "part.btsf")).code).toBe(2)
    expect(existsSync(here("part.btsf"))).toBe(false)
  })
})

describe("annotate", () => {
  test("adds, edits, removes and lists", async () => {
    copyFileSync(golden("btsf/annotations/file.btsf"), here("run.btsf"))
    const texts = async (...args: string[]) => {
      const ran = await run("annotate", "run.btsf", "--json", ...args)
      return { code: ran.code, texts: JSON.parse(ran.out).annotations.map(({ text }: { text: string }) => text) }
    }
    expect(await texts()).toEqual({ code: 0, texts: ["Überlast", "run B"] })
    expect((await texts("--add", "pit stop", "--at", "3.5")).texts.sort()).toEqual(["pit stop", "run B", "Überlast"])
    expect((await texts("--edit", "0", "--text", "over")).texts).toContain("over")
    expect((await texts("--remove", "0")).texts).toHaveLength(2)
    expect((await run("annotate", "run.btsf", "--remove", "7")).code).toBe(2)
    expect((await run("annotate", "run.btsf", "--add", "nowhere")).code).toBe(2)
  })

  test("a format without annotations says so", async () => {
    const ran = await run("annotate", golden("meteor/h07-composite-basic/input.met"), "--add", "x", "--at", "0")
    expect(ran.code).toBe(1)
    expect(ran.err).toContain("annotations cannot be changed")
  })
})

describe("convert", () => {
  test("with --strict ends with 3 where the target merely has no place", async () => {
    const log = golden("btsf/annotations/file.btsf")
    const plain = await run("convert", log, "-o", "a.csv")
    expect(plain.code).toBe(0)
    expect(plain.err).toContain("2 annotations dropped")
    expect((await run("convert", log, "-o", "b.csv", "--strict")).code).toBe(3)
  })

  test("merges several logs", async () => {
    const [a, b] = [golden("meteor/h07-composite-basic/input.met"), golden("meteor/h01-unsigned-all-widths/input.met")]
    const ran = await run("convert", a, b, "-o", "both.ndjson", "--json")
    expect(JSON.parse(ran.out)).toMatchObject({ inputs: [{ path: a }, { path: b }], to: "ndjson" })
    const rows = readFileSync(here("both.ndjson"), "utf8").trim().split("\n").length
    const apart = await Promise.all([a, b].map(async (path) => (await run("cat", path)).out.trim().split("\n").length))
    expect(rows).toBe(apart.reduce((sum, n) => sum + n))
  })

  test("several files go into the folder of the output and nowhere else", async () => {
    const ran = await run("convert", golden("meteor/r01-basic/input.met"), "-o", "lap.csv", "--layout", "group")
    expect(ran.code).toBe(0)
    expect(readdirSync(folder).length).toBe(3)
    expect(readdirSync(folder).every((name) => name.endsWith(".csv"))).toBe(true)
  })
})
