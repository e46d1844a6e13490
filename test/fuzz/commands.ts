import { spawn } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { targets } from "../../host/registry/targets.js"
import { Random } from "../generate/random.js"
import type { Seed } from "./seeds.js"
import { type Trial, trialOf } from "./trial.js"
import { type Finding, HANG_MS } from "./watch.js"

const MAIN = join(import.meta.dirname, "../../host/cli/main.js")

/** The commands that are tried on an input at `path`. */
function lines(path: string, folder: string): string[][] {
  const out = join(folder, "out")
  return [
    ...[["info"], ["info", "--json"], ["info", "--rows", "3"], ["check"], ["cat"], ["stats"], ["stats", "--buckets", "4"]],
    ...[
      ["card", "ls"],
      ["extract", "--list"],
    ],
  ]
    .map((words) => [...words, path])
    .concat(
      ["recover", "repair"].map((verb) => [verb, path, "-o", `${out}-saved`]),
      targets().map(({ name }) => ["convert", path, "--to", name, "-o", `${out}.${name}`]),
      [
        ["plot", path, "-o", `${out}.svg`],
        ["card", "get", path, "-o", `${out}-card`],
        ["dataset", "add", `${out}-set`, path],
      ],
    )
}

/** Runs one command on each of so many inputs. */
export async function commands(seeds: readonly Seed[], seed: number, count: number, folder: string): Promise<Finding[]> {
  const findings: Finding[] = []
  for (let number = 0; number < count; number++) {
    const trial = trialOf(seeds, seed, number)
    const fault = await command(trial, folder)
    if (fault !== null) findings.push({ seed, number, fault })
  }
  return findings
}

async function command(trial: Trial, folder: string): Promise<string | null> {
  const home = join(folder, "command")
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home)
  const path = join(home, trial.name)
  writeFileSync(path, trial.bytes)
  const args = new Random(trial.number).pick(lines(path, home))
  const { code, text, hung } = await ran(args)
  const what = args.join(" ").replaceAll(home, "")
  if (hung) return `${what}: took more than ${HANG_MS} ms`
  if (text.includes("internal error")) return `${what}: ${text.slice(0, 300)}`
  return code !== null && code >= 0 && code <= 3 ? null : `${what}: ended with ${code}: ${text.slice(0, 300)}`
}

function ran(args: readonly string[]): Promise<{ code: number | null; text: string; hung: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "ignore", "pipe"] })
    let text = ""
    let hung = false
    const watchdog = setTimeout(() => {
      hung = true
      child.kill("SIGKILL")
    }, HANG_MS)
    child.stderr.on("data", (bytes: Buffer) => {
      if (text.length < 10_000) text += bytes.toString()
    })
    child.on("close", (code) => {
      clearTimeout(watchdog)
      resolve({ code, text, hung })
    })
  })
}
