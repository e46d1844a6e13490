import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { append, insert } from "../../host/formats/libarray/store.js"
import { FileOutput } from "../../host/io/output.js"
import { Draft, replaceFile } from "../../host/io/replace-file.js"
import { fieldlog } from "../cli/command.js"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-replace-"))
  mkdirSync(join(folder, "real"))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A private file in a folder of its own, and the name of a link that leads to it. */
function linked(name: string, content: Uint8Array): { real: string; link: string } {
  const [real, link] = [join(folder, "real", name), join(folder, name)]
  writeFileSync(real, content)
  chmodSync(real, 0o640)
  symlinkSync(join("real", name), link)
  return { real, link }
}

/** The link is one still, the file behind it has the mode it had, and no draft is left. */
function expectKept({ real, link }: { real: string; link: string }, before: Uint8Array): void {
  expect(lstatSync(link).isSymbolicLink()).toBe(true)
  expect((statSync(real).mode & 0o777).toString(8)).toBe("640")
  expect(readFileSync(real).equals(before)).toBe(false)
  expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith(".part"))).toEqual([])
}

const golden = (name: string) => readFileSync(join("test/golden", name))
const remark = "a remark that does not fit where it stands ".repeat(200)

describe("a file that is replaced keeps its mode and the link that leads to it", () => {
  test.each([
    ["run.btsf", () => golden("btsf/annotations/file.btsf")],
    ["run.jls", () => gunzipSync(golden("jls/annotations/file.jls.gz"))],
  ])("annotate %s", async (name, content) => {
    const files = linked(name, content())
    expect((await fieldlog(["annotate", files.link, "--add", remark, "--at", "0"])).code).toBe(0)
    expectKept(files, content())
  })

  test.each(["met", "ddff"])("convert --append to a .%s log", async (ending) => {
    const rows = (name: string, from: number) => writeFileSync(join(folder, name), `time [s],v\n${from},1\n${from + 1},2\n`)
    rows("a.csv", 0)
    rows("b.csv", 100)
    const made = join(folder, `made.${ending}`)
    expect((await fieldlog(["convert", join(folder, "a.csv"), "-o", made])).code).toBe(0)
    const before = readFileSync(made)
    const files = linked(`run.${ending}`, before)
    if (ending === "met") copyFileSync(join(folder, "made.spec.json"), join(folder, "run.spec.json"))
    expect((await fieldlog(["convert", join(folder, "b.csv"), "-o", files.link, "--append"])).code).toBe(0)
    expectKept(files, before)
  })

  test("an output with --force", () => {
    const before = Buffer.from("old")
    const files = linked("run.csv", before)
    const output = new FileOutput(files.link, { force: true })
    output.sink().write(Buffer.from("new"))
    output.commit()
    expectKept(files, before)
  })

  test("libarray insert", () => {
    const series = { net: "N", method: "M", id: "S" }
    append(series, "2020-01-01 00:00:01", "1", { root: folder })
    const day = join(folder, "N", "M", "2020", "01", "01")
    const before = readFileSync(join(day, "S"))
    writeFileSync(join(folder, "real", "S"), before)
    chmodSync(join(folder, "real", "S"), 0o640)
    rmSync(join(day, "S"))
    symlinkSync("../../../../../real/S", join(day, "S"))
    insert(series, "2020-01-01 00:00:00", "0", { root: folder })
    expectKept({ real: join(folder, "real", "S"), link: join(day, "S") }, before)
  })
})

describe("a draft", () => {
  test("makes the file that a link names when it is not there yet", () => {
    symlinkSync(join("real", "new.bin"), join(folder, "link.bin"))
    replaceFile(join(folder, "link.bin"), [Buffer.from("a"), Buffer.from("b")])
    expect(readFileSync(join(folder, "real", "new.bin"), "utf8")).toBe("ab")
    expect(lstatSync(join(folder, "link.bin")).isSymbolicLink()).toBe(true)
  })

  test("is the only one of its file, and the file is as it was until it is published", () => {
    const path = join(folder, "a.bin")
    writeFileSync(path, "old")
    const draft = new Draft(path)
    expect(() => new Draft(path)).toThrow("is being written by this process")
    expect(readFileSync(path, "utf8")).toBe("old")
    draft.discard()
    expect(readdirSync(folder).sort()).toEqual(["a.bin", "real"])
  })

  test("of a name as long as names may be has a name, too", () => {
    const path = join(folder, `${"ä".repeat(125)}.bin`)
    replaceFile(path, [Buffer.from("x")])
    expect(readFileSync(path, "utf8")).toBe("x")
  })
})
