import { execFile } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { createProgram } from "../../host/cli/program.js"
import { needs } from "../needs.js"
import { fieldlog, shell } from "./command.js"

const run = promisify(execFile)
const SHELLS = ["bash", "zsh", "fish"] as const
const folder = mkdtempSync(join(tmpdir(), "fieldlog-completion-"))
const script = (name: string) => join(folder, name === "zsh" ? "_fieldlog" : `fieldlog.${name}`)

beforeAll(async () => {
  for (const name of SHELLS) writeFileSync(script(name), (await fieldlog(["completion", name])).out)
  writeFileSync(join(folder, "run.met"), "")
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A line as far as it is typed, words that the shell then offers among others, and one that it does not. */
const OFFERS = [
  { line: "fieldlog ann", offers: ["annotate"], not: "convert" },
  { line: "fieldlog card ", offers: ["get", "ls", "prepare"], not: "convert" },
  { line: "fieldlog convert --repair-", offers: ["--repair-clock"], not: "--raw" },
  { line: "fieldlog cat --as ", offers: ["csv", "ndjson"], not: "run.met" },
  { line: "fieldlog convert run.met --to h", offers: ["hdf5"], not: "csv" },
  { line: "fieldlog stats --format p", offers: ["parquet"], not: "jls" },
  { line: "fieldlog completion ", offers: ["bash", "fish", "zsh"], not: "run.met" },
  { line: "fieldlog info ru", offers: ["run.met"], not: "annotate" },
]

describe.each(SHELLS)("the script for %s", (name) => {
  test("has every command and every option", async () => {
    const { out, code } = await fieldlog(["completion", name])
    expect(code).toBe(0)
    const commands = (parent: ReturnType<typeof createProgram>): typeof parent.commands =>
      parent.commands.flatMap((child) => [child, ...commands(child as typeof parent)])
    for (const command of commands(createProgram())) {
      expect(out).toContain(command.name())
      for (const { long } of command.options) expect(out).toContain(name === "fish" ? `-l ${long?.slice(2)}` : long)
    }
  })
})

test.each(OFFERS)("bash offers for $line", async ({ line, offers, not }) => {
  const words = line.split(" ").map((word) => `'${word}'`)
  const ask = `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _fieldlog; printf '%s\\n' "\${COMPREPLY[@]}"`
  // Where the function has nothing to say, bash completes file names itself.
  const { out } = await shell(`source '${script("bash")}'; ${ask}; [ -n "\${COMPREPLY[*]}" ] || compgen -f -- ${words.at(-1)}`, folder)
  expect(out.split("\n")).toEqual(expect.arrayContaining([...offers]))
  expect(out.split("\n")).not.toContain(not)
})

test.each(OFFERS)("fish offers for $line", needs("fish"), async ({ line, offers, not }) => {
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder }
  const { stdout } = await run("fish", ["--no-config", "-c", `source ${script("fish")}; complete -C '${line}'`], { cwd: folder, env })
  const words = stdout.split("\n").map((each) => each.split("\t")[0])
  expect(words).toEqual(expect.arrayContaining([...offers]))
  expect(words).not.toContain(not)
})

test("zsh offers the same", { timeout: 60_000, ...needs("zsh") }, async () => {
  // A terminal of zsh's own: each line is typed with two tabs and shows what is offered, then the next one. `zpty -r` waits for it.
  const asks = OFFERS.map(({ line, offers }) => {
    const shown = offers.map((word) => `*${word}`).join("")
    return `zpty -w -n z $'\\C-u${line}\\t\\t'; zpty -r z seen '${shown}*' && print -r -- 'offered: ${line}'`
  })
  const driver = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "fpath=(${folder} \\$fpath); autoload -Uz compinit; compinit -u -D; zstyle ':completion:*' list-prompt ''; print set'tled'"
zpty -r z seen '*settled*'
${asks.join("\n")}
zpty -d z
`
  const { stdout } = await run("zsh", ["-f", "-c", driver], {
    cwd: folder,
    timeout: 50_000,
    env: { ...process.env, HOME: folder, TERM: "dumb" },
  })
  expect(stdout.split("\n").slice(0, -1)).toEqual(OFFERS.map(({ line }) => `offered: ${line}`))
})
