import { spawn } from "node:child_process"
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { targets } from "../../host/registry/targets.js"
import { Random } from "../generate/random.js"
import { Limits } from "./limits.js"
import type { Seed } from "./seeds.js"
import { type Trial, trialOf } from "./trial.js"
import type { Finding } from "./watch.js"

const MAIN = join(import.meta.dirname, "../../host/cli/main.js")
const READ = ["info", "info --json", "info --rows 3", "check", "cat", "stats", "stats --buckets 4", "card ls", "extract --list", "annotate"]
const SERIES = ["-N", "N", "-M", "M", "-K", "K"]

/** The commands that are tried on an input at `path`; `more` is a table whose rows can be added to a log. */
function lines(path: string, folder: string, more: string): string[][] {
  const out = join(folder, "out")
  const series = [...SERIES, "--root", join(folder, "tree")]
  return [
    ...READ.map((words) => [...words.split(" "), path]),
    ...["recover", "repair"].map((verb) => [verb, path, "-o", `${out}-saved`]),
    ...targets().map(({ name }) => ["convert", path, "--to", name, "-o", `${out}.${name}`]),
    ["plot", path, "-o", `${out}.svg`],
    ["card", "get", path, "-o", `${out}-card`],
    ["dataset", "add", `${out}-set`, path],
    ["convert", more, "-o", path, "--append"],
    ["convert", path, "-o", `${out}.met`, "--append"],
    ["convert", path, path, "-o", `${out}.csv`, "--align", "start"],
    ["extract", path, "-o", `${out}-part`, "--start", "0.1", "--end", "0.5"],
    ["annotate", path, "--add", "a remark", "--at", "0.1"],
    ["annotate", path, "--edit", "0", "--text", "another"],
    ["annotate", path, "--remove", "0"],
    ["ts", "import", ...series, path],
    ["ts", "append", ...series, "2004-01-01 06:01:00", "1 2"],
    ["ts", "insert", ...series, "2004-01-01 06:00:30", "1 2"],
    ["ts", "update", ...series, "2004-01-01 06:00:00", "1 2"],
  ]
}

/** Runs one command on each of so many inputs. What looks like a fault is run again, and counts only if it is one then, too. */
export async function commands(
  seeds: readonly Seed[],
  { seed, from, to }: { seed: number; from: number; to: number },
  folder: string,
  tell: (finding: Finding) => void,
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let number = from; number < to; number++) {
    const trial = trialOf(seeds, seed, number)
    const fault = (await command(trial, folder)) === null ? null : await command(trial, folder)
    if (fault === null) continue
    findings.push({ seed, number, fault })
    tell({ seed, number, fault })
  }
  return findings
}

async function command(trial: Trial, folder: string): Promise<string | null> {
  const home = join(folder, "command")
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  const path = join(home, trial.name)
  const more = join(home, "more.csv")
  writeFileSync(path, trial.bytes)
  writeFileSync(more, "time [s],x\n0,1\n1,2\n")
  const args = new Random(trial.number).pick(lines(path, home, more))
  if (args[0] === "ts") {
    const day = join(home, "tree/N/M/2004/01/01/K")
    mkdirSync(join(day, ".."), { recursive: true })
    cpSync(path, day)
  }
  const { code, text, broken } = await ran(args)
  const what = args.join(" ").replaceAll(home, "")
  if (broken !== null) return `${what}: ${broken}`
  if (text.includes("internal error")) return `${what}: ${text.slice(0, 300)}`
  if (code === 3 && text === "") return `${what}: ended with 3 and said nothing`
  return code !== null && code >= 0 && code <= 3 ? null : `${what}: ended with ${code}: ${text.slice(0, 300)}`
}

function ran(args: readonly string[]): Promise<{ code: number | null; text: string; broken: string | null }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "ignore", "pipe"] })
    const limits = new Limits(child)
    let text = ""
    child.stderr.on("data", (bytes: Buffer) => {
      if (text.length < 10_000) text += bytes.toString()
    })
    child.on("close", (code) => resolve({ code, text, broken: limits.broken }))
  })
}
