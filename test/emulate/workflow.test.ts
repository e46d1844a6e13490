import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { without } from "../needs.js"
import { RENODE } from "../sim/target/renode-parts.js"
import { jobEnvironment, jobText, runStep, shellSteps } from "./workflow.js"

const root = join(import.meta.dirname, "../..")
const workflow = readFileSync(join(root, ".github/workflows/emulation.yml"), "utf8")
const [level2, level3] = [jobText(workflow, "level2"), jobText(workflow, "level3")]
const robot = readFileSync(join(root, "boards/renode/fieldlog_pico.robot"), "utf8")
const step = (name: string) => {
  const found = shellSteps(level3).find((candidate) => candidate.name === name)
  if (found === undefined) throw new Error(`no step ${name}`)
  return found
}

describe("the workflow of the emulators", () => {
  test("has the pins that the code has", () => {
    expect(jobEnvironment(level3)).toEqual({ RENODE: RENODE.archives[0], RENODE_AGAIN: RENODE.archives[1], RENODE_SHA256: RENODE.sha256 })
    expect(level3).toContain(`repository: ${RENODE.platform.repository}\n          ref: ${RENODE.platform.commit}\n`)
    expect(level3).toContain('python-version: "3.10"')
    for (const [action] of workflow.matchAll(/uses: .*/g)) expect(action).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test("keeps what it fetched, and lets only level 3 fail", () => {
    expect(level2).not.toContain("continue-on-error")
    expect(level3).toContain("continue-on-error: true")
    for (const job of [level2, level3]) {
      expect(job).toMatch(/timeout-minutes: \d+/)
      expect(job).toContain("path: .build/downloads\n")
    }
    expect(level3).toContain("path: .build/renode-archive\n")
  })

  test("gives the Robot test every variable that it takes", () => {
    const given = [...step("The robot test boots the image and judges its card").run.matchAll(/--variable (\w+):/g)].map(([, name]) => name)
    const taken = new Set([...robot.matchAll(/\$\{([A-Z0-9]+)\}/g)].map(([, name]) => name))
    taken.delete("CURDIR")
    expect(given.sort()).toEqual([...taken].sort())
  })

  test("says what the card holds, however the tests went", () => {
    const at = level3.indexOf("- name: What the card holds\n        if: always()\n")
    expect(at).toBeGreaterThan(level3.indexOf("The same scenarios"))
    expect(step("What the card holds").run).toBe("node .build/test/emulate/card.js .build/renode-run/card.img")
  })
})

describe("the step that fetches Renode", without(process.platform === "linux" ? null : "this is not Linux"), () => {
  let folder = ""
  let env: Record<string, string> = {}
  const archive = () => join(folder, ".build/renode-archive/renode.tar.gz")

  /** A runner's folder with a `curl` that knows one address, and a `python3` that installs nothing. */
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "fieldlog-workflow-"))
    mkdirSync(join(folder, "bin"))
    mkdirSync(join(folder, "renode_1/tests"), { recursive: true })
    writeFileSync(join(folder, "renode_1/tests/requirements.txt"), "psutil==5.9.3\n")
    execFileSync("tar", ["-czf", "served.tar.gz", "renode_1"], { cwd: folder })
    program(
      "curl",
      `echo "$*" >> "${folder}/asked"; case "$*" in *"$KNOWN") cp "${folder}/served.tar.gz" .build/renode-archive/renode.tar.gz;; *) exit 22;; esac`,
    )
    program("python3", "test -f .build/renode/tests/requirements.txt")
    const sha256 = createHash("sha256")
      .update(readFileSync(join(folder, "served.tar.gz")))
      .digest("hex")
    env = { ...jobEnvironment(level3), RENODE_SHA256: sha256, KNOWN: RENODE.archives[0], PATH: `${folder}/bin:${process.env.PATH}` }
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  function program(name: string, body: string): void {
    writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, "bin", name), 0o755)
  }
  const asked = () => (existsSync(join(folder, "asked")) ? readFileSync(join(folder, "asked"), "utf8").trim().split("\n").length : 0)
  const run = (change: Record<string, string> = {}) => runStep(step("Renode 1.15.3"), folder, { ...env, ...change })

  test("takes the first address, and nothing when the archive is in the cache", () => {
    expect(run()).toMatchObject({ status: 0 })
    expect(asked()).toBe(1)
    expect(run()).toMatchObject({ status: 0 })
    expect(asked()).toBe(1)
  })

  test("takes the second address when the first has nothing, or has it no more in the cache", () => {
    expect(run({ KNOWN: RENODE.archives[1] })).toMatchObject({ status: 0, text: expect.stringContaining(`not at ${RENODE.archives[0]}`) })
    expect(asked()).toBe(2)
    writeFileSync(archive(), "half an arch")
    expect(run({ KNOWN: RENODE.archives[1] })).toMatchObject({ status: 0 })
  })

  test("fails when no address has the archive, and when it is another one", () => {
    expect(run({ KNOWN: "nowhere" }).status).not.toBe(0)
    const other = run({ RENODE_SHA256: RENODE.sha256 })
    expect(other).toMatchObject({ text: expect.stringContaining("FAILED") })
    expect(other.status).not.toBe(0)
    expect(existsSync(join(folder, ".build/renode/tests"))).toBe(false)
  })
})
