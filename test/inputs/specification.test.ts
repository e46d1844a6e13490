import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, expect, test } from "vitest"
import { open } from "../../host/actions/open.js"
import { fieldlog } from "../cli/command.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

const MADE = {
  pressures: "time [s],front [bar],rear [bar]\n0,1,2\n0.5,3,4\n",
  temperatures: "time [s],oil [C],water [C]\n0,1,2\n0.5,3,4\n",
}

let folder = ""
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-specification-"))
  for (const [name, text] of Object.entries(MADE)) {
    writeFileSync(join(folder, `${name}.csv`), text)
    await fieldlog(["convert", join(folder, `${name}.csv`), "-o", join(folder, `${name}.met`)])
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const own = () => readFileSync(join(folder, "pressures.spec.json"), "utf8")
const other = () => readFileSync(join(folder, "temperatures.spec.json"), "utf8")
const unmarked = () => own().replace(/"fieldlog": "\w+",/, "")

/** The names of the channels of the pressures' log in a folder with these files beside it, and its errors. */
async function seen(files: Readonly<Record<string, string>>): Promise<{ names: string[]; errors: string[] }> {
  const place = mkdtempSync(join(folder, "card-"))
  copyFileSync(join(folder, "pressures.met"), join(place, "LOG00001.MET"))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text)
  const log = await open(join(place, "LOG00001.MET"))
  const names = log.groups.flatMap(({ channels }) => channels.map(({ name }) => name))
  const errors = log.issues.filter(({ severity }) => severity === "error").map(({ text }) => text)
  await log.close()
  return { names, errors }
}

test.each([
  ["LOGSPEC.JSN is its own", () => ({ "LOGSPEC.JSN": own() })],
  ["the card has another program's, and its own as LOGSPEC.OLD", () => ({ "LOGSPEC.JSN": other(), "LOGSPEC.OLD": own() })],
  ["its own is named as another log", () => ({ "LOGSPEC.JSN": other(), "LOG00009.spec.json": own(), "broken.spec.json": "{" })],
  ["one named as the log is another's", () => ({ "LOG00001.spec.json": other(), "LOGSPEC.JSN": own() })],
  ["one without a mark is named as the log", () => ({ "LOG00001.spec.json": unmarked(), "LOGSPEC.JSN": other() })],
  ["one without a mark is all that may be its own", () => ({ "spec.json": unmarked(), "LOGSPEC.JSN": other() })],
])("a log takes the specification that fits: %s", async (_, files) => {
  expect(await seen(files())).toEqual({ names: ["front", "rear"], errors: [] })
})

test("where none fits none is used, which is an error", async () => {
  const { names, errors } = await seen({ "LOGSPEC.JSN": other(), "LOG00007.spec.json": other() })
  expect(names).toEqual(["byte-0", "byte-1"])
  expect(errors).toEqual([expect.stringMatching(/^no specification beside the log has its mark [0-9a-f]{8}: LOGSPEC\.JSN not used/)])
})

test("commands say so in one line and exit with 3", async () => {
  const place = join(folder, "alone")
  mkdirSync(place)
  copyFileSync(join(folder, "pressures.met"), join(place, "a.met"))
  writeFileSync(join(place, "LOGSPEC.JSN"), other())
  for (const asked of [["stats"], ["info"], ["check"], ["cat"], ["convert", "-o", join(place, "a.csv")]]) {
    const [command = "", ...rest] = asked
    const { code, err } = await fieldlog([command, join(place, "a.met"), ...rest])
    expect([command, code]).toEqual([command, 3])
    expect(err.split("\n").filter((line) => line.includes("specification beside"))).toHaveLength(1)
  }
  const given = await fieldlog(["stats", join(place, "a.met"), "--spec", join(folder, "temperatures.spec.json")])
  expect(given.code).toBe(3)
  expect(given.err).toContain("the specification is not this log's")
  const right = await fieldlog(["stats", join(place, "a.met"), "--spec", join(folder, "pressures.spec.json")])
  expect([right.code, right.err]).toEqual([0, ""])
})

test("a log in a card's image finds its own, and recover keeps all of it whatever lies beside it", async () => {
  const image = join(folder, "card.img")
  const bytes = readFileSync(join(folder, "pressures.met"))
  const card = await fatfsImage(40, 512)
  await writeFiles(card, { "LOG00001.MET": bytes, "LOGSPEC.JSN": Buffer.from(other()), "LOGSPEC.OLD": Buffer.from(own()) })
  writeFileSync(image, card)
  const { code, out } = await fieldlog(["stats", `${image}:/LOG00001.MET`])
  expect([code, out.includes("front")]).toEqual([0, true])
  const beside = join(folder, "rescue")
  mkdirSync(beside)
  writeFileSync(join(beside, "a.met"), bytes)
  writeFileSync(join(beside, "LOGSPEC.JSN"), other())
  const rescue = await fieldlog(["recover", join(beside, "a.met"), "-o", join(beside, "saved.met")])
  expect([rescue.code, readFileSync(join(beside, "saved.met")).equals(bytes)]).toEqual([0, true])
})
