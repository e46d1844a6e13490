import type { Command } from "commander"
import { describe, expect, test } from "vitest"
import { appendable, COMMON as FOR_ALL } from "../../host/actions/convert.js"
import { nameKnown } from "../../host/cli/options/known-names.js"
import { createProgram } from "../../host/cli/program.js"
import { formats, imports } from "../../host/registry/open.js"
import { targets } from "../../host/registry/targets.js"
import { fieldlog } from "./command.js"

const INPUT = ["--format", "--spec", "--tick", "--month-base", "--recording", "--tz"]
const PART = ["--channel", "-c", "--start", "--end"]
const COMMON = ["--color", "--no-progress", "--debug", "--help"]

/** The options that the documentation promises, by command. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  info: [...INPUT, ...COMMON, "--json"],
  stats: [...INPUT, ...PART, ...COMMON, "--json", "--buckets"],
  cat: [...INPUT, ...PART, ...COMMON, "--as", "--raw", "--follow", "-f", "--order"],
  convert: [...INPUT, ...PART, ...COMMON, "--json", "--output", "-o", "--to", "--force", "--strict"],
  extract: [...INPUT, ...PART, ...COMMON, "--json", "--output", "-o", "--force", "--strict"],
  recover: [...INPUT, ...COMMON, "--json", "--output", "-o", "--force", "--report"],
  repair: [...INPUT, ...COMMON, "--json", "--output", "-o", "--force", "--report"],
  check: [...INPUT, ...COMMON, "--json", "--strict"],
  annotate: [...INPUT, ...COMMON, "--json", "--add", "--edit", "--remove", "--text", "--at", "--group"],
  plot: [...INPUT, ...PART, ...COMMON, "--output", "-o", "--force", "--layout"],
  "card ls": [...COMMON, "--json"],
  "card get": [...COMMON, "--json", "--output", "-o", "--force"],
  completion: COMMON,
}

function helpOf(path: readonly string[]): string {
  let command: Command = createProgram()
  nameKnown(command)
  for (const name of path) command = command.commands.find((child) => child.name() === name) as Command
  let text = ""
  command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 })
  command.outputHelp()
  return text
}

/** The names that lead to each command, subcommands included. */
function commandsOf(command: Command, path: readonly string[] = []): string[][] {
  return command.commands.flatMap((child) => [[...path, child.name()], ...commandsOf(child, [...path, child.name()])])
}

describe("help", () => {
  test.each(Object.entries(PROMISED))("%s leads with examples and lists every option", (command, options) => {
    const text = helpOf(command.split(" "))
    expect(text).toMatch(/^Examples:\n {2}\S/)
    for (const option of options) expect(text).toMatch(new RegExp(`(^|[ ,])${option}([ ,\n]|$)`, "m"))
    expect(text.split("\n").filter((line) => line.length > 80)).toEqual([])
  })

  test("of convert names every format, every target with its options, and what can be appended to", async () => {
    const { out } = await fieldlog(["convert", "--help"])
    expect(out).toBe(helpOf(["convert"]))
    const flat = out.replace(/\s+/g, " ")
    for (const { name } of [...formats, ...imports]) expect(flat).toMatch(new RegExp(`--format <name> [^-]*"${name}"`))
    expect(flat).toContain(`-o names, if it exists (${appendable().join(", ")})`)
    for (const { name, extensions, options } of targets()) {
      // A row may go on in lines that are moved in further.
      const [row] = new RegExp(`^  ${name} .*(\\n {3}.*)*`, "m").exec(out) ?? []
      for (const word of [...extensions, ...options.filter((option) => option !== "spec" && !FOR_ALL.includes(option))])
        expect(row, name).toContain(word)
    }
    expect(flat).toContain("--layout <how> a row per time, a row per value, or a file per group (csv, tsv, parquet, arrow)")
  })

  test("goes to standard output, and is no error", async () => {
    const ran = await fieldlog(["card", "ls", "--help"])
    expect(ran).toMatchObject({ code: 0, err: "", out: helpOf(["card", "ls"]) })
  })

  test("of every command and subcommand leads with examples", () => {
    const bare = commandsOf(createProgram()).filter((path) => !/^Examples:\n {2}\S/.test(helpOf(path)))
    expect(bare).toEqual([])
  })

  test("every command of the program is promised here or has subcommands", () => {
    const known = new Set(Object.keys(PROMISED).map((name) => name.split(" ")[0]))
    const missing = createProgram().commands.filter((command) => !known.has(command.name()))
    // Commands of other parts of the program are held by their own tests.
    for (const command of missing) expect(command.helpInformation()).toContain("Usage:")
  })

  test("the version is the package's", async () => {
    const ran = await fieldlog(["--version"])
    expect(ran.out).toMatch(/^\d+\.\d+\.\d+\n$/)
    expect(ran.code).toBe(0)
  })

  test("no command at all is wrong usage, and shows the help on standard error", async () => {
    const ran = await fieldlog([])
    expect(ran.code).toBe(2)
    expect(ran.out).toBe("")
    expect(ran.err).toContain("Usage: fieldlog")
  })
})
