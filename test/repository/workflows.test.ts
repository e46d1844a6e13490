import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, test } from "vitest"

const FOLDER = ".github/workflows"
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> }

/** No hosted runner is at hand: what can be known of the workflows without one. */
describe.each(readdirSync(FOLDER))("%s", (name) => {
  const text = readFileSync(join(FOLDER, name), "utf8")
  const commands = text.split("\n").filter((line) => !line.trim().startsWith("#"))

  test("pins every action by its commit, with the version beside it", () => {
    const uses = commands.filter((line) => /\buses:/.test(line))
    expect(uses.length).toBeGreaterThan(0)
    expect(uses.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([])
  })

  test("runs scripts and files that are there", () => {
    const named = commands.flatMap((line) => [...line.matchAll(/npm run (?:--\S+ )?([\w:-]+)/g)].map(([, script]) => script as string))
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([])
    const paths = commands.flatMap((line) =>
      [...line.matchAll(/(?<![\w./-])((?:test|boards|\.ci)\/[\w./-]+)/g)].map(([, path]) => path as string),
    )
    expect(paths.filter((path) => !existsSync(path))).toEqual([])
  })

  test("says what has not been run, and gives no more than reading rights", () => {
    expect(text).toMatch(/^# Not run yet/m)
    expect(text).toMatch(/^permissions:\n {2}contents: read$/m)
    expect(text.match(/permissions:/g)).toHaveLength(1)
  })
})

test("the suite runs on Node 20, 22 and 24, on Linux, macOS and Windows", () => {
  const text = readFileSync(join(FOLDER, "ci.yml"), "utf8")
  expect(text.match(/node: \[20, 22, 24\]/g)).toHaveLength(2)
  for (const system of ["ubuntu", "macos", "windows"]) expect(text).toContain(system)
})
