import { spawn } from "node:child_process"
import { once } from "node:events"
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { raceLap, raceLapSpec } from "../generate/race-lap.js"
import { MAIN } from "./command.js"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
})
afterEach(() => rmSync(folder, { recursive: true }))

function start(...args: string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { ...process.env, TMPDIR: folder } })
  child.stdin.on("error", () => {})
  return child
}

/** Looks again and again until something is there; the test's own limit ends a vain wait. */
async function until(there: () => boolean): Promise<void> {
  while (!there()) await new Promise((resolve) => setImmediate(resolve))
}

describe("an interrupted command", () => {
  test("leaves nothing behind and ends with 130", async () => {
    writeFileSync(join(folder, "run.met"), Buffer.concat([...raceLap({ seconds: 900 })]))
    writeFileSync(join(folder, "run.spec.json"), JSON.stringify(raceLapSpec))
    const before = readdirSync(folder).sort()
    const child = start("convert", "run.met", "-o", "run.csv")
    await until(() => readdirSync(folder).some((name) => /^run\.csv\..*part$/.test(name)))
    child.kill("SIGINT")
    const [code] = await once(child, "exit")
    expect(code).toBe(130)
    expect(readdirSync(folder).sort()).toEqual(before)
  })

  test.each(["csv", "parquet", "mlg"])("ends while it fills a long pause from memory: .%s", async (ending) => {
    writeFileSync(join(folder, "two.csv"), "time [s],v\n0,1\n10000,2\n")
    const child = start("convert", "two.csv", "--rate", "1000", "-o", `out.${ending}`)
    await until(() => readdirSync(folder).some((name) => name.endsWith(".part")))
    child.kill("SIGTERM")
    const [code] = await once(child, "exit")
    expect(code).toBe(143)
    expect(readdirSync(folder)).toEqual(["two.csv"])
  })

  test("has removed what it took from standard input", async () => {
    const child = start("info", "-")
    child.stdin.write(new Uint8Array(1000))
    await until(() => readdirSync(folder).length > 0)
    child.kill("SIGINT")
    const [code] = await once(child, "exit")
    expect(code).toBe(130)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe("cat -f", () => {
  test("shows rows as they come, and ctrl-C ends it", async () => {
    const whole = readFileSync(join(import.meta.dirname, "../golden/meteor/h07-composite-basic/input.met"))
    const spec = readFileSync(join(import.meta.dirname, "../golden/meteor/h07-composite-basic/spec.json"))
    writeFileSync(join(folder, "spec.json"), spec)
    writeFileSync(join(folder, "whole.met"), whole)
    const complete = start("cat", "whole.met")
    let expected = ""
    complete.stdout.on("data", (text) => (expected += text))
    await once(complete, "close")

    writeFileSync(join(folder, "run.met"), whole.subarray(0, whole.length - 20))
    const child = start("cat", "-f", "run.met")
    let out = ""
    child.stdout.on("data", (text) => (out += text))
    await until(() => out.includes("\n"))
    appendFileSync(join(folder, "run.met"), whole.subarray(whole.length - 20))
    await until(() => out.length >= expected.length)
    child.kill("SIGINT")
    // Nothing is to be cleaned up: the system ends it, which a shell tells as 130.
    const [, signal] = await once(child, "exit")
    expect(signal).toBe("SIGINT")
    expect(out.split("\n").sort()).toEqual(expected.split("\n").sort())
  })

  test.each([
    ["became shorter", (path: string) => truncateSync(path, 40)],
    ["another file has taken its name", (path: string) => renameSync(`${path}.new`, path)],
  ])("ends with 3 when the file %s", async (why, change) => {
    const path = join(folder, "run.met")
    copyFileSync(join(import.meta.dirname, "../golden/meteor/h07-composite-basic/input.met"), path)
    copyFileSync(path, `${path}.new`)
    const child = start("cat", "-f", "run.met")
    let out = ""
    let err = ""
    child.stdout.on("data", (text) => (out += text))
    child.stderr.on("data", (text) => (err += text))
    await until(() => out.includes("\n"))
    change(path)
    const [code] = await once(child, "close")
    expect([code, err]).toEqual([3, expect.stringContaining(why)])
  })
})
