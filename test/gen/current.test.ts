import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, beforeEach, expect, test } from "vitest"
import { refuseStale } from "../../host/gen/current.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
let copy = ""
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), "fieldlog-gen-"))
  for (const part of ["shared", "boards", "devicescript/src", "host/gen"]) cpSync(join(root, part), join(copy, part), { recursive: true })
})
afterEach(() => rmSync(copy, { recursive: true }))

test("programs are built from what npm run gen wrote last", () => {
  expect(() => refuseStale(copy)).not.toThrow()
})

test("a channel list that npm run gen has not seen builds no program, and the files are named", () => {
  writeFileSync(join(copy, "shared/meteor/put.ts"), "// of another list\n")
  rmSync(join(copy, "devicescript/src/generated/plan.ts"))
  const files = "  shared/meteor/put.ts\n  devicescript/src/generated/plan.ts"
  expect(() => refuseStale(copy)).toThrow(
    `shared/channels.ts changed since npm run gen: run it, then build again. These files are not current:\n${files}`,
  )
})
