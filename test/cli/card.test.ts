import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { fieldlog } from "./command.js"

const METEOR = join(import.meta.dirname, "../golden/meteor/h07-composite-basic")
const DAMAGED = join(import.meta.dirname, "../golden/meteor/h36-corrupt-middle")
let folder = ""

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
  const image = await fatfsImage(40, 512)
  await writeFiles(image, {
    "LOG00001.MET": readFileSync(join(METEOR, "input.met")),
    "LOGSPEC.JSN": readFileSync(join(METEOR, "spec.json")),
    "OLD/LOG00002.MET": readFileSync(join(METEOR, "input.met")),
    "README.TXT": new TextEncoder().encode("no log"),
  })
  writeFileSync(join(folder, "card.img"), image)
  const broken = await fatfsImage(40, 512)
  await writeFiles(broken, { "LOG00001.MET": readFileSync(join(DAMAGED, "input.met")) })
  writeFileSync(join(folder, "broken.img"), broken)
  writeFileSync(join(folder, "blank.img"), new Uint8Array(1024 * 1024))
})
afterAll(() => rmSync(folder, { recursive: true }))

const run = (...args: string[]) => fieldlog(args, { cwd: folder })

describe("a card image", () => {
  test("info shows every log on it, described by the specification in its root", async () => {
    const ran = await run("info", "--json", "card.img")
    expect(ran.code).toBe(0)
    const { logs } = JSON.parse(ran.out)
    expect(logs.map(({ path }: { path: string }) => path)).toEqual(["card.img:/LOG00001.MET", "card.img:/OLD/LOG00002.MET"])
    const plain = JSON.parse((await run("info", "--json", join(METEOR, "input.met"))).out)
    expect(logs[0].groups).toEqual(plain.logs[0].groups)
    expect(logs[1].groups).toEqual(plain.logs[0].groups)
  })

  test("one file in it is a log like any other", async () => {
    const ran = await run("cat", "card.img:/log00001.met")
    const plain = await run("cat", join(METEOR, "input.met"))
    expect(ran.code).toBe(0)
    expect(ran.out).toBe(plain.out)
  })

  test("a command for one log names those that there are", async () => {
    const ran = await run("cat", "card.img")
    expect(ran.code).toBe(2)
    expect(ran.err).toContain("holds 2 logs")
    expect(ran.err).toContain("card.img:/LOG00001.MET")
  })

  test("a file that is not on it is one message with the nearest name", async () => {
    const ran = await run("info", "card.img:/LOG0001.MET")
    expect(ran.code).toBe(1)
    expect(ran.err).toContain("did you mean card.img:/LOG00001.MET?")
  })

  test("a card without FAT32 is one clear message", async () => {
    for (const args of [
      ["info", "blank.img"],
      ["card", "ls", "blank.img"],
      ["card", "get", "blank.img", "-o", "out"],
    ]) {
      const ran = await run(...args)
      expect(ran.code).toBe(1)
      expect(ran.err).toMatch(/^fieldlog: blank\.img: no boot sector/)
      expect(ran.err.trim().split("\n").length).toBeLessThanOrEqual(2)
    }
    expect(existsSync(join(folder, "out"))).toBe(false)
  })

  test("a damaged log on it ends with 3", async () => {
    const ran = await run("info", "broken.img")
    expect(ran.code).toBe(3)
    expect(ran.out).toContain("damage")
  })

  test("a conversion never writes into the image that it reads", async () => {
    const before = readFileSync(join(folder, "card.img"))
    const ran = await run("convert", "card.img:/LOG00001.MET", "-o", "card.img", "--to", "csv", "--force")
    expect(ran.code).toBe(2)
    expect(readFileSync(join(folder, "card.img")).equals(before)).toBe(true)
  })
})

describe("card ls and get", () => {
  test("ls lists files and free space", async () => {
    const ran = await run("card", "ls", "card.img")
    expect(ran.code).toBe(0)
    expect(ran.out).toContain("/LOG00001.MET")
    expect(ran.out).toContain("free")
    const { files } = JSON.parse((await run("card", "ls", "card.img", "--json")).out)
    expect(files.find(({ path }: { path: string }) => path === "/README.TXT")).toMatchObject({ size: 6, readable: 6, folder: false })
  })

  test("get copies everything, byte for byte", async () => {
    const ran = await run("card", "get", "card.img", "-o", "all")
    expect(ran.code).toBe(0)
    expect(readdirSync(join(folder, "all")).sort()).toEqual(["LOG00001.MET", "LOGSPEC.JSN", "OLD", "README.TXT"])
    expect(readFileSync(join(folder, "all/OLD/LOG00002.MET"))).toEqual(readFileSync(join(METEOR, "input.met")))
  })

  test("get copies what is named, and says so when it is not there", async () => {
    expect((await run("card", "get", "card.img", "old", "-o", "some")).code).toBe(0)
    expect(readdirSync(join(folder, "some"))).toEqual(["OLD"])
    const missing = await run("card", "get", "card.img", "nothing.met", "-o", "none")
    expect(missing.code).toBe(2)
    expect(existsSync(join(folder, "none"))).toBe(false)
  })
})
