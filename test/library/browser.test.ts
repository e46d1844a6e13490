import { readFileSync } from "node:fs"
import { basename, posix } from "node:path"
import { createContext, runInContext } from "node:vm"
import { beforeAll, describe, expect, test } from "vitest"
import type * as browser from "../../host/browser.js"
import * as page from "../../host/browser.js"
import * as node from "../../host/index.js"
import { memorySource, open } from "../../host/index.js"
import type { Format } from "../../host/model/format.js"
import { bundled } from "../browser/bundle.js"
import { goldenLog, goldenLogs } from "../browser/golden.js"
import { told } from "../browser/told.js"

const ENTRY = "host/browser.ts"

describe("what is imported from the browser's entry on", () => {
  const found = imported(ENTRY)

  test("knows nothing of Node, and two packages", () => {
    expect([...found].filter((name) => !name.endsWith(".ts"))).toEqual(["@msgpack/msgpack", "csv-parse/browser/esm/sync"])
  })

  test("opens what Node opens, and no format takes other options there", () => {
    const facts = ({ name, title, extensions, options, sideFile }: Format) => ({ name, title, extensions, options, sideFile })
    for (const format of page.formats) expect(node.formats.map(facts)).toContainEqual(facts(format))
    expect(page.formats.map(({ name }) => name)).toEqual(node.formats.map(({ name }) => name))
  })

  test("holds all readers", () => {
    for (const format of ["meteor", "ddff", "btsf", "jls", "libarray"]) expect(found).toContain(`host/formats/${format}/read.ts`)
  })
})

describe("the bundle, where there is nothing but the language and a browser's text and blobs", () => {
  let code = ""
  let library: typeof browser
  let ownBytes: (bytes: Uint8Array) => Uint8Array

  beforeAll(async () => {
    code = await bundled(ENTRY, "fieldlog")
    const context = createContext({ TextDecoder, TextEncoder })
    // Pages that are not isolated from others have none.
    runInContext("delete globalThis.SharedArrayBuffer", context)
    runInContext(code, context)
    library = runInContext("fieldlog", context)
    ownBytes = runInContext("(bytes) => new Uint8Array(bytes)", context)
  })

  test("evaluates no text and asks for no module", () => {
    expect(code).not.toMatch(/\bnew Function\b|\beval\s*\(|node:|\brequire\s*\(|\bimport\s*\(/)
  })

  const files = goldenLogs()
  test("there are golden logs of every format", () => {
    expect(new Set(files.map((path) => path.split("/")[0]))).toEqual(new Set(["meteor", "ddff", "btsf", "jls", "libarray"]))
  })

  test("reads CSV with quotes within cells as Node does", async () => {
    const bytes = new TextEncoder().encode('time [s],note\n0,"a ""b""\n, c"\n1,""\n2,\n')
    const want = await told(() => open(memorySource(bytes, "x.csv")))
    expect(want).toContain('"a \\"b\\"\\n, c","",""')
    expect(await told(() => library.open(ownBytes(bytes), { name: "x.csv" }))).toEqual(want)
  })

  test.each(files)("reads as Node does: %s", async (path) => {
    const { bytes, ...spec } = goldenLog(path)
    const name = basename(path, ".gz")
    const want = await told(() => open(memorySource(bytes, name), spec))
    expect(await told(() => library.open(ownBytes(bytes), { ...spec, name }))).toEqual(want)
    expect(await told(() => library.open(new File([bytes], name), spec))).toEqual(want)
  })
})

/** All modules that a module imports, directly or not; packages by name. Imports of types only are none. */
function imported(entry: string, found = new Set<string>()): Set<string> {
  if (found.has(entry)) return found
  found.add(entry)
  if (!entry.endsWith(".ts")) return found
  const text = readFileSync(entry, "utf8").replace(/\/\*[\s\S]*?\*\//g, "")
  const from = /^(?:import|export) (?!type )[^"']*?from "([^"]+)"|^import "([^"]+)"|import\("([^"]+)"\)/gm
  for (const [, a, b, c] of text.matchAll(from)) {
    const name = (a ?? b ?? c) as string
    imported(name.startsWith(".") ? posix.join(posix.dirname(entry), name).replace(/\.js$/, ".ts") : name, found)
  }
  return found
}
