import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import { raceLapBytes, raceLapSpec } from "../generate/race-lap.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

const root = process.cwd()
const readme = readFileSync("README.md", "utf8")
/** A command, and what stands below it as its output. */
const shown = [...readme.matchAll(/```sh\n(.*)\n```\n+```text\n([\s\S]*?)```/g)].map(
  ([, command, output]) => [command, output] as [string, string],
)
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => (block as string).trim().split("\n"))

/** Set-up and the suite itself: CI runs them in a clean clone; a suite cannot run itself. The demo has its own test. */
const BY_CI = ["npm ci && npm run demo", "npm ci && npm test"]

describe("the README", () => {
  test("shows exactly two commands that do all set-up", () => {
    expect(commands.filter((command) => command.includes("npm ci"))).toEqual(BY_CI)
  })

  test("its example logs are what the generator gives", () => {
    const lap = raceLapBytes({ seconds: 4 })
    expect(readFileSync("examples/lap.met").equals(lap)).toBe(true)
    expect(readFileSync("examples/damaged.met").equals(lap.fill(0xff, 20_000, 20_100))).toBe(true)
    for (const name of ["lap", "damaged"]) expect(JSON.parse(readFileSync(`examples/${name}.spec.json`, "utf8"))).toEqual(raceLapSpec)
  })

  test("shows output below its first commands", () => {
    expect(shown.length).toBeGreaterThan(3)
    expect(shown.filter(([, output]) => output.length < 80)).toEqual([])
  })

  test("shows commands that run, with the output that they give (FIELDLOG_UPDATE=1 writes it)", {
    timeout: 300_000,
    tags: "slow",
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-readme-"))
    try {
      symlinkSync(join(root, "examples"), join(folder, "examples"))
      const image = await fatfsImage(40, 512)
      await writeFiles(image, {
        "LOG00001.MET": readFileSync("test/golden/meteor/h07-composite-basic/input.met"),
        "LOGSPEC.JSN": readFileSync("test/golden/meteor/h07-composite-basic/spec.json"),
      })
      writeFileSync(join(folder, "card.img"), image)
      const printed = new Map<string, string>()
      for (const command of commands.filter((each) => !BY_CI.includes(each))) {
        const inFolder = command.startsWith("npx fieldlog")
        const line = inFolder ? command.replace("npx fieldlog", `"${process.execPath}" "${join(root, "dist/host/cli/main.js")}"`) : command
        const { status, output } = run(line, inFolder ? folder : root)
        expect(status, command).toBeOneOf(command.includes("damaged.met") ? [3] : [0])
        printed.set(command, output)
      }
      const current = readme.replace(
        /(```sh\n(.*)\n```\n+```text\n)[\s\S]*?```/g,
        (_, head: string, command: string) => `${head}${printed.get(command)}\`\`\``,
      )
      if (process.env.FIELDLOG_UPDATE === "1" && process.env.CI !== "true") writeFileSync("README.md", current)
      else expect(readme).toBe(current)
      for (const output of ["lap.csv", "lap.parquet", "lap.jls", "lap.svg", "saved.met", "logs/LOG00001.MET", "saved/LOG00001.MET"]) {
        expect([output, existsSync(join(folder, output))]).toEqual([output, true])
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test("links to files that are there", () => {
    const links = [...readme.matchAll(/\]\(([^):]+)\)/g)].map(([, target]) => join(dirname("README.md"), target as string))
    expect(links.length).toBeGreaterThan(5)
    expect(links.filter((link) => !existsSync(link))).toEqual([])
  })
})

/** What a shell line prints on both outputs, in their order. */
function run(line: string, cwd: string): { status: number; output: string } {
  const { status, stdout } = spawnSync(`${line} 2>&1`, { cwd, shell: true, encoding: "utf8" })
  if (status !== 0 && status !== 3) throw new Error(`${line}: exit ${status}\n${stdout}`)
  return { status, output: stdout }
}
