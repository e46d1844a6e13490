import { execFileSync } from "node:child_process"
import { existsSync, linkSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import fc from "fast-check"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { FileOutput, safeName, safeParts } from "../../host/io/output.js"
import { UsageError } from "../../host/model/errors.js"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

const bytes = (text: string) => new TextEncoder().encode(text)

describe("an output", () => {
  test("a name that ends in a slash is a folder, and no file is made of it", () => {
    expect(() => new FileOutput(`${join(folder, "logs")}/`)).toThrow(/names a folder/)
  })

  test("has its name only when all of it is there", () => {
    const output = new FileOutput(join(folder, "run.csv"))
    const main = output.sink()
    main.write(bytes("a"))
    const beside = output.sink("run-imu.csv")
    beside.write(bytes("b"))
    main.close()
    beside.close()
    expect(readdirSync(folder).every((name) => /^run(-imu)?\.csv\.[0-9a-f]{8}\.part$|^\.run(-imu)?\.csv\.lock$/.test(name))).toBe(true)
    output.commit()
    expect(readdirSync(folder).sort()).toEqual(["run-imu.csv", "run.csv"])
  })

  test("leaves nothing when it is given up, closed or not", () => {
    const output = new FileOutput(join(folder, "run.csv"))
    output.sink().close()
    output.sink("other.csv").write(bytes("x"))
    output.abort()
    expect(readdirSync(folder)).toEqual([])
  })

  test("can be read before it has its name", async () => {
    const output = new FileOutput(join(folder, "run.met"))
    output.sink().write(bytes("whole"))
    const source = await output.written()
    expect(Buffer.from(await source.read(0, source.size)).toString()).toBe("whole")
    await source.close()
    output.abort()
  })

  test("replaces an existing file only with force", () => {
    const path = join(folder, "run.csv")
    writeFileSync(path, "old")
    expect(() => new FileOutput(path).sink()).toThrow(UsageError)
    const forced = new FileOutput(path, { force: true })
    forced.sink().write(bytes("new"))
    forced.commit()
    expect(readFileSync(path, "utf8")).toBe("new")
  })

  test("a pipe or a device is never replaced by a file, --force or not", () => {
    const path = join(folder, "pipe")
    execFileSync("mkfifo", [path])
    expect(() => new FileOutput(path, { force: true }).sink()).toThrow(/is a device or a pipe/)
    expect(lstatSync(path).isFIFO()).toBe(true)
    expect(readdirSync(folder)).toEqual(["pipe"])
  })

  test("never replaces an input, by whatever name", () => {
    const input = join(folder, "run.met")
    writeFileSync(input, "log")
    linkSync(input, join(folder, "hard.csv"))
    symlinkSync(input, join(folder, "soft.csv"))
    for (const name of ["run.met", "hard.csv", "soft.csv"]) {
      expect(() => new FileOutput(join(folder, name), { force: true, inputs: [input] }).sink()).toThrow("never overwritten")
    }
    expect(readFileSync(input, "utf8")).toBe("log")
  })

  test("keeps files apart whose names are made alike", () => {
    const output = new FileOutput(folder, { folder: true })
    for (const name of ["a:b.csv", "a?b.csv", "A_B.csv"]) output.sink(name).close()
    output.commit()
    expect(readdirSync(folder).sort()).toEqual(["A_B-3.csv", "a_b-2.csv", "a_b.csv"])
  })
})

describe("names from a card or an archive", () => {
  test.each([
    ["../../etc/passwd", ["__", "__", "etc", "passwd"]],
    ["/LOG00001.MET", ["LOG00001.MET"]],
    ["C:\\temp\\x", ["C_", "temp", "x"]],
    ["a/./b//c", ["a", "b", "c"]],
    ["aux.txt", ["_aux.txt"]],
    ["x\u0000\u001b[2J", ["x__[2J"]],
    ["", ["_"]],
  ])("%j becomes %j", (name, parts) => {
    expect(safeParts(name)).toEqual(parts)
  })

  test("never leave the folder", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (name) => {
        const path = join(folder, ...safeParts(name))
        expect(relative(folder, path).startsWith("..")).toBe(false)
        expect(path).not.toBe(folder)
      }),
      { examples: [["../x"], ["..\\x"], ["a/../../x"], ["/"], ["."], [".."], ["\u0000"]] },
    )
  })

  test("stay below what file systems take", () => {
    expect(Buffer.byteLength(`${safeName("😀".repeat(500))}.part`)).toBeLessThanOrEqual(255)
    expect(existsSync(folder)).toBe(true)
  })
})
