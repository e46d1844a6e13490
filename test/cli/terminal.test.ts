import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { oldNode } from "../../host/cli/terminal/node-version.js"
import { needs, without } from "../needs.js"
import { fieldlog, SHELL_COMMAND, shell } from "./command.js"

const METEOR = join(import.meta.dirname, "../golden/meteor/h36-corrupt-middle/input.met")
const ESCAPE = "\u001b["

/** The `script` of other systems takes other options. */
const terminal = process.platform === "linux" ? needs("script") : without("this is not Linux")

/** Runs the command with a terminal of 80 columns as its standard output and error. */
function onTerminal(args: string, env = "TERM=xterm CI= NO_COLOR="): Promise<{ code: number | null; out: string }> {
  return shell(`script -qec "stty cols 80; ${env} ${SHELL_COMMAND} ${args}" /dev/null < /dev/null`)
}

describe("colours", () => {
  test("stay out of pipes, unless asked for", async () => {
    expect((await fieldlog(["info", METEOR])).out).not.toContain(ESCAPE)
    expect((await fieldlog(["info", METEOR, "--color", "always"])).out).toContain(ESCAPE)
    expect((await fieldlog(["info", "nowhere", "--color=always"])).err).toContain(ESCAPE)
  })
})

describe("on a terminal", () => {
  test("there are colours, and NO_COLOR or --color never takes them away", terminal, async () => {
    expect((await onTerminal(`info ${METEOR}`)).out).toContain(ESCAPE)
    expect((await onTerminal(`info ${METEOR}`, "TERM=xterm NO_COLOR=1")).out).not.toContain(ESCAPE)
    expect((await onTerminal(`info ${METEOR} --color never`)).out).not.toContain(ESCAPE)
  })

  test("binary output is refused", terminal, async () => {
    const ran = await onTerminal(`convert ${METEOR} -o - --to parquet`)
    expect(ran.code).toBe(2)
    expect(ran.out).toContain("does not go to a terminal")
  })

  test("reading from it is refused instead of waiting", terminal, async () => {
    const ran = await shell(`script -qec "${SHELL_COMMAND} info -" /dev/null`)
    expect(ran.code).toBe(2)
    expect(ran.out).toContain("standard input is a terminal")
  })

  test("cells with C1 and bidi characters cannot drive it", terminal, async () => {
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-test-"))
    const path = join(folder, "texts.csv")
    writeFileSync(path, "time,note \u202e\n0,\u009b2Ja\u2066b電\n")
    for (const args of [`cat ${path} --as csv`, `cat ${path}`, `convert ${path} -o - --to csv --layout long`]) {
      const { code, out } = await onTerminal(args)
      expect([code, out]).toEqual([0, expect.stringContaining("\\x9b2Ja\\u2066b電")])
      expect(out).not.toMatch(/[\u0080-\u009f\u202e\u2066]/)
    }
    rmSync(folder, { recursive: true })
  })

  test("no line is longer than the terminal", terminal, async () => {
    for (const args of [`stats ${METEOR}`, `info ${METEOR} --all`, "--help", "convert --help"]) {
      const { out } = await onTerminal(`${args} --color never`.replace("--help --color never", "--help"))
      const lines = out.split("\n").filter((line) => !line.includes(METEOR))
      expect(lines.filter((line) => line.trimEnd().length > 80)).toEqual([])
    }
  })
})

test("a Node that is too old is told so in a sentence, as package.json has it", () => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8")) as { engines: { node: string } }
  const oldest = engines.node.replace(">=", "")
  expect(oldNode("18.20.4")).toBe(`fieldlog: this is Node 18.20.4, and fieldlog needs ${oldest} or newer\n  https://nodejs.org has it`)
  expect(oldNode("20.18.3")).toContain("20.18.3")
  for (const version of [`${oldest}.0`, "22.1.0", process.versions.node]) expect(oldNode(version)).toBeNull()
})
