import { execSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, test } from "vitest"
import { fatfsImage, writeFiles } from "../sim/card/images.js"

const root = process.cwd()
const readme = readFileSync("README.md", "utf8")
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => (block as string).trim().split("\n"))

/** Set-up and the suite itself: CI runs them in a clean clone; a suite cannot run itself. The demo has its own test. */
const BY_CI = ["npm ci && npm run demo", "npm ci && npm test"]

describe("the README", () => {
  test("shows exactly two commands that do all set-up", () => {
    expect(commands.filter((command) => command.includes("npm ci"))).toEqual(BY_CI)
  })

  test("shows commands that run", { timeout: 300_000, tags: "slow" }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-readme-"))
    try {
      symlinkSync(join(root, "test"), join(folder, "test"))
      const image = await fatfsImage(40, 512)
      await writeFiles(image, {
        "LOG00001.MET": readFileSync("test/golden/meteor/h07-composite-basic/input.met"),
        "LOGSPEC.JSN": readFileSync("test/golden/meteor/h07-composite-basic/spec.json"),
      })
      writeFileSync(join(folder, "card.img"), image)
      for (const command of commands.filter((each) => !BY_CI.includes(each))) {
        const inFolder = command.startsWith("npx fieldlog")
        const line = inFolder ? command.replace("npx fieldlog", `"${process.execPath}" "${join(root, "dist/host/cli/main.js")}"`) : command
        expect(run(line, inFolder ? folder : root), command).toBeOneOf(command.includes("bad_crc") ? [3] : [0])
      }
      for (const output of ["lap.csv", "lap.parquet", "lap.svg", "saved.ddff", "logs/LOG00001.MET", "saved/LOG00001.MET"]) {
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

function run(line: string, cwd: string): number {
  try {
    execSync(line, { cwd, stdio: "pipe" })
    return 0
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer }
    if (status !== 3) throw new Error(`${line}: exit ${status}\n${stderr}`)
    return status
  }
}
