import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { findInputs } from "../../host/inputs/find.js"
import { type OpenInput, openInput } from "../../host/inputs/input.js"
import { fieldlog } from "../cli/command.js"
import { without } from "../needs.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

const log = readFileSync(join(import.meta.dirname, "../golden/meteor/r01-basic/input.met"))
/** An AppleDouble file's first bytes. */
const companion = Buffer.concat([Buffer.from("0005160700020000", "hex"), Buffer.alloc(4088)])

let folder = ""
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-folders-"))
})
afterAll(() => rmSync(folder, { recursive: true }))

function put(root: string, files: Readonly<Record<string, Uint8Array>>): string {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, root, name)), { recursive: true })
    writeFileSync(join(folder, root, name), bytes)
  }
  return join(folder, root)
}

async function labels(path: string): Promise<string[]> {
  const { inputs } = await findInputs([path])
  return inputs.map(({ label }) => label.slice(path.length))
}

describe("what operating systems leave", () => {
  const left = {
    "LOG00001.MET": log,
    "._LOG00001.MET": companion,
    ".Trashes/501/LOG00002.MET": log,
    ".Spotlight-V100/STORE.MET": log,
    "System Volume Information/LOG00003.MET": log,
    "$RECYCLE.BIN/S-1/$R1.MET": log,
  }

  test("is no log of a folder", async () => {
    expect(await labels(put("disk", left))).toEqual(["/LOG00001.MET"])
  })

  test("is no log of a card", async () => {
    const image = await fatfsImage(40, 512)
    await writeFiles(image, left)
    expect(await labels(join(put("card", { "card.img": image }), "card.img"))).toEqual([":/LOG00001.MET"])
  })

  test("is a log where it is named itself", async () => {
    expect(await labels(join(put("named", left), ".Trashes/501/LOG00002.MET"))).toEqual([""])
  })
})

describe("a folder that cannot be read", () => {
  test("is named, and the logs beside it are read", without(process.getuid?.() === 0 ? "root reads every folder" : null), async () => {
    const tree = put("tree", { "a/x.met": log, "b/y.met": log, "c/z.met": log })
    chmodSync(join(tree, "b"), 0)
    const { code, out, err } = await fieldlog(["info", tree])
    chmodSync(join(tree, "b"), 0o755)
    expect(code).toBe(3)
    expect(out).toContain("x.met")
    expect(out).toContain("z.met")
    expect(err).toContain(`${join(tree, "b")}: cannot be read`)
  })
})

test("a file whose entry says 0 bytes is read from its whole chain, and said to be unclosed", async () => {
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "LOG00001.MET": log, "EMPTY.TXT": Buffer.alloc(0) })
  const entry = image.indexOf("LOG00001MET", 0, "latin1")
  image.writeUInt32LE(0, entry + 28)
  const path = join(put("size", { "card.img": image }), "card.img")
  const [input] = (await findInputs([path])).inputs
  const opened = await openInput(input as NonNullable<typeof input>)
  const { groups } = await opened.log.survey()
  expect(groups.some(({ rows }) => rows > 0)).toBe(true)
  expect(opened.log.issues.map(({ kind }) => kind)).toContain("size-zero")
  await opened.close()
})

test("recover --deep saves a log that no folder lists, beside the listed one", async () => {
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "LOG00001.MET": log, "LOG00002.MET": log })
  // Deleted: the first byte of its entry.
  image[image.indexOf("LOG00002MET", 0, "latin1")] = 0xe5
  const path = join(put("deep", { "card.img": image }), "card.img")
  const count = async (...more: string[]) => {
    const { out } = await fieldlog(["recover", ...more, path, "-o", join(folder, `saved${more.length}`), "--json"])
    return (JSON.parse(out) as { logs: unknown[] }).logs.length
  }
  expect(await count()).toBe(1)
  expect(await count("--deep")).toBe(2)
  const { code, err } = await fieldlog(["recover", "--deep", put("plain", { "a.met": log }), "-o", join(folder, "none")])
  expect(code).toBe(2)
  expect(err).toContain("is no card image")
})

test("a card whose logs are only listed is closed", without(existsSync("/proc/self/fd") ? null : "needs /proc"), async () => {
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "LOG00001.MET": log, "LOG00002.MET": log })
  const path = join(put("listed", { "card.img": image }), "card.img")
  const { inputs } = await findInputs([path])
  expect(inputs).toHaveLength(2)
  expect(filesOpenAt(path)).toBe(0)
  // It is opened again for each log, and while one is open it stays so for the others.
  const [one, two] = await Promise.all(inputs.map((input) => openInput(input)))
  expect(filesOpenAt(path)).toBe(1)
  await one?.close()
  expect((await (two as OpenInput).log.survey()).groups.some(({ rows }) => rows > 0)).toBe(true)
  await two?.close()
  expect(filesOpenAt(path)).toBe(0)
})

test("a folder of a card that leads nowhere is told beside the logs that are found", async () => {
  const image = await fatfsImage(40, 512)
  await writeFiles(image, { "LOG00001.MET": log, "LATER/LOG00002.MET": log })
  const entry = image.indexOf("LATER      ", 0, "latin1")
  image.writeUInt16LE(0x7fff, entry + 20)
  const path = join(put("astray", { "card.img": image }), "card.img")
  const { inputs, issues } = await findInputs([path])
  expect(inputs.map(({ label, issues: own }) => [label, own])).toEqual([[`${path}:/LOG00001.MET`, []]])
  expect(issues.map(({ kind, text }) => [kind, text.split(":")[0]])).toEqual([["bad-chain", "/LATER"]])
  for (const command of [
    ["info", path],
    ["convert", path, "-o", join(folder, "astray.csv")],
  ]) {
    const { code, err } = await fieldlog(command)
    expect([code, err.includes("/LATER")]).toEqual([3, true])
  }
})

/** How often this process has a file open. */
function filesOpenAt(path: string): number {
  const links = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(join("/proc/self/fd", fd))
    } catch {
      return null
    }
  })
  return links.filter((link) => link === realpathSync(path)).length
}
