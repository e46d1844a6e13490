import { createHash } from "node:crypto"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { type PinnedFile, pinnedFile } from "../../host/gen/pinned-file.js"

let folder = ""
let asked: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-pinned-"))
  asked = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const bytes = Buffer.from("what was pinned")
const file: PinnedFile = {
  version: "v1",
  name: "a.bin",
  urls: ["first", "second"],
  sha256: createHash("sha256").update(bytes).digest("hex"),
}
const web: Readonly<Record<string, Buffer>> = { first: Buffer.from("something else"), second: bytes }

function fetched(pinned = file): Promise<string> {
  const get = async (url: string): Promise<Uint8Array> => {
    asked.push(url)
    return web[url] as Buffer
  }
  return pinnedFile(
    folder,
    pinned,
    (found) => `${found.length} bytes`,
    () => {},
    get,
  )
}

test("a pinned file comes from the first address that has it, and is kept under its version", async () => {
  const path = await fetched()
  expect(path).toBe(join(folder, "v1", "a.bin"))
  expect(readFileSync(path)).toEqual(bytes)
  expect(asked).toEqual(["first", "second"])
  expect(readdirSync(join(folder, "v1"))).toEqual(["a.bin"])
  expect(await fetched()).toBe(path)
  expect(asked).toHaveLength(2)
})

test("what is kept is looked at again, and fetched anew when it is not what is pinned", async () => {
  const path = await fetched()
  writeFileSync(path, "spoilt")
  expect(await fetched()).toBe(path)
  expect(asked).toHaveLength(4)
  expect(readFileSync(path)).toEqual(bytes)
})

test("another version is another file", async () => {
  await fetched()
  expect(await fetched({ ...file, version: "v2" })).toBe(join(folder, "v2", "a.bin"))
})
