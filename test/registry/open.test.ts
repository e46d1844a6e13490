import { readFileSync } from "node:fs"
import { gunzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import type { OpenOptions } from "../../host/model/format.js"
import { formats, imports } from "../../host/registry/open.js"

const FILES: Readonly<Record<string, string>> = {
  meteor: "test/golden/meteor/h07-composite-basic/input.met",
  jls: "test/golden/jls/multi/file.jls.gz",
  btsf: "test/golden/btsf/one_double/file.btsf",
  ddff: "test/golden/ddff/cpp_types/file.ddff",
}

/** A file of the format; for those that are text, their text. */
function bytesOf(name: string): Uint8Array {
  const path = FILES[name]
  if (path === undefined) return new TextEncoder().encode(name === "libarray" ? "2026-05-01 12:00:00 1\n" : "time [s],x\n1,2\n")
  const bytes = readFileSync(path)
  return new Uint8Array(path.endsWith(".gz") ? gunzipSync(bytes) : bytes)
}

// Parquet takes no options either, and has no text to make a file of.
const read = [...formats, ...imports].filter(({ name }) => name !== "parquet")

test.each(read.map((format) => [format.name, format] as const))(
  "%s declares the options that its reader heeds, and no other",
  async (name, format) => {
    const asked = new Set<string>()
    const options = new Proxy<OpenOptions>(
      {},
      {
        get(_, key) {
          asked.add(String(key))
          return undefined
        },
      },
    )
    const log = await format.open(memorySource(bytesOf(name), name), options)
    for await (const _ of log.chunks());
    await log.close()
    const own = [...asked].filter((option) => !["specPath", "beside", "besides"].includes(option))
    expect(own.sort()).toEqual([...format.options].sort())
  },
)

test("every name of a format, and every extension that it is known by, is its own", () => {
  const names = read.map(({ name }) => name)
  const extensions = read.flatMap((format) => format.extensions)
  expect(new Set(names).size).toBe(names.length)
  expect(new Set(extensions).size).toBe(extensions.length)
})
