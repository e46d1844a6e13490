import { describe, expect, test } from "vitest"
import { EXCEPTIONS } from "./exceptions.js"
import {
  circles,
  evaluations,
  exits,
  floorsBroken,
  foldersTooFull,
  foreignImports,
  formatInside,
  formatNames,
  indexFiles,
  longFiles,
  longFunctions,
  looseSpecifiers,
  namelessFiles,
  nodeUse,
  subroomsBroken,
  uncountedSkips,
} from "./rules.js"
import { filesBelow, sourcesBelow } from "./sources.js"
import { lonelyExports, unreached } from "./unused.js"

const product = sourcesBelow("shared", "boards", "devicescript", "host")
const tests = sourcesBelow("test")

/** The rules of docs/architecture.md. Each gives the places where it is broken; exceptions.ts lists those that stand for now. */
const RULES: Readonly<Record<string, () => readonly string[]>> = {
  "shared imports nothing, the board only what it can run": () => foreignImports(product),
  "a room imports from the rooms below it": () => floorsBroken(product),
  "from outside a format only its index.ts and api.ts are imported": () => formatInside(product),
  "only the listed rooms know Node": () => nodeUse(product),
  "no format's name decides anything outside its folder": () => formatNames(product),
  "the subrooms of a format lie one below the other": () => subroomsBroken(product),
  "only host/cli and host/gen print or exit": () => exits(product),
  "no file imports itself by way of others": () => circles(product),
  "relative imports end in .js": () => looseSpecifiers([...product, ...tests]),
  "index.ts re-exports or is a Format": () => indexFiles(product),
  "no folder holds more than 24 files": () =>
    foldersTooFull(["host", "shared", "devicescript", "boards", "test", "docs"].flatMap(filesBelow)),
  "no product file is used by tests alone": () => unreached(product),
  "an export is used by another file": () => lonelyExports(product, tests),
  "a file has at most 360 lines": () => longFiles([...product, ...tests]),
  "a function has at most 70 lines": () => longFunctions(product),
  "no file is named after having no idea": () => namelessFiles([...product, ...tests]),
  "a test is skipped by test/needs.ts alone": () => uncountedSkips(tests),
  "nothing evaluates text": () => evaluations(product),
}

describe("the house rules", () => {
  test.each(Object.entries(RULES))("%s", (name, broken) => {
    const [found, listed] = [broken(), EXCEPTIONS[name] ?? []]
    expect(
      { broken: found.filter((place) => !listed.includes(place)), noLongerNeeded: listed.filter((place) => !found.includes(place)) },
      name,
    ).toEqual({ broken: [], noLongerNeeded: [] })
  })

  test("exceptions belong to rules", () => {
    expect(Object.keys(EXCEPTIONS).filter((name) => RULES[name] === undefined)).toEqual([])
  })
})
