/** @module-tag slow */

import { execFile } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { raceLapBytes, raceLapSpec } from "../generate/race-lap.js"

const run = promisify(execFile)
const PAGE = "docs/library.md"
const page = readFileSync(PAGE, "utf8")
const examples = [...page.matchAll(/```ts\n([\s\S]*?)```\n+```text\n([\s\S]*?)```/g)].map(([, code, output]) => {
  return { code: code as string, output: output as string }
})
/** A user's folder, with the package installed. */
const folder = mkdtempSync(join(tmpdir(), "fieldlog-library-"))
const fileOf = (i: number) => join(folder, `example-${i}.ts`)

beforeAll(() => {
  const lap = raceLapBytes({ seconds: 10 })
  writeFileSync(join(folder, "lap.met"), lap)
  writeFileSync(join(folder, "damaged.met"), lap.fill(0xff, 50_000, 50_100))
  for (const name of ["lap", "damaged"]) writeFileSync(join(folder, `${name}.spec.json`), JSON.stringify(raceLapSpec))
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
  mkdirSync(join(folder, "node_modules"))
  symlinkSync(join(import.meta.dirname, "../.."), join(folder, "node_modules/fieldlog"), "junction")
  writeFileSync(join(folder, "driver.js"), DRIVER)
  for (const [i, { code }] of examples.entries()) writeFileSync(fileOf(i), code)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One after the other, as an example may read what the one before wrote; what each prints. */
const DRIVER = `import { format } from "node:util"
const printed = []
for (const name of process.argv.slice(2)) {
  let text = ""
  console.log = (...parts) => { text += format(...parts) + "\\n" }
  await import(name)
  printed.push(text)
}
process.stdout.write(JSON.stringify(printed))
`

describe("the examples of docs/library.md", () => {
  test("every example has its output", () => {
    expect(examples.length).toBe(page.split("```ts\n").length - 1)
    expect(examples.length).toBeGreaterThan(6)
  })

  test("are right in their types for a user, and run as written (FIELDLOG_UPDATE=1 writes the output)", {
    timeout: 120_000,
    tags: "slow",
  }, async () => {
    const modules = join(import.meta.dirname, "../../node_modules")
    const tsc = join(modules, "typescript/bin/tsc")
    const options = "--module nodenext --target es2022 --lib es2022,dom --strict --skipLibCheck --types node --typeRoots".split(" ")
    const compiled = run(process.execPath, [tsc, ...options, join(modules, "@types"), ...examples.map((_, i) => fileOf(i))], {
      cwd: folder,
    })
    await compiled.catch(({ stdout }: { stdout: string }) => expect(stdout).toBe(""))
    const names = examples.map((_, i) => `./example-${i}.js`)
    const { stdout } = await run(process.execPath, [join(folder, "driver.js"), ...names], { cwd: folder })
    const printed = JSON.parse(stdout) as string[]
    let next = 0
    const current = page.replace(/(```ts\n[\s\S]*?```\n+```text\n)[\s\S]*?```/g, (_, head: string) => `${head}${printed[next++]}\`\`\``)
    if (process.env.FIELDLOG_UPDATE === "1" && process.env.CI !== "true") writeFileSync(PAGE, current)
    else expect(page).toBe(current)
  })
})
