import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { commands } from "./commands.js"
import { seedFiles } from "./seeds.js"
import { trialOf } from "./trial.js"
import { type Finding, watched } from "./watch.js"

/**
 * `npm run fuzz -- [--runs 1000] [--commands 100] [--seed 1] [--from 0] [--save fuzz-findings]`: changes small good files at random,
 * reads, checks, recovers and repairs them in process and writes them to all targets, then runs the command on them. A fault is anything
 * but a clear error: a crash, an internal error, more than 5 s of the processor or 500 MB. Each is printed with its number when it is
 * found, and its input is saved.
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    commands: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    from: { type: "string", default: "0" },
    save: { type: "string", default: "fuzz-findings" },
  },
})
const [seed, from] = [Number(values.seed), Number(values.from)]
const seeds = await seedFiles()
const folder = mkdtempSync(join(tmpdir(), "fieldlog-fuzz-"))
try {
  const runs = Number(values.runs)
  report("in process", runs, await watched(seed, from, from + runs, tell))
  const times = Number(values.commands)
  report("commands", times, await commands(seeds, { seed, from, to: from + times }, folder, tell))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function tell({ number, fault }: Finding): void {
  const { name, bytes } = trialOf(seeds, seed, number)
  mkdirSync(values.save, { recursive: true })
  const path = join(values.save, `${seed}-${number}-${name}`)
  writeFileSync(path, bytes)
  console.log(`  ${path}: ${fault}`)
}

function report(what: string, runs: number, findings: readonly Finding[]): void {
  console.log(`${what}: ${runs} runs, seed ${seed}, ${findings.length} faults`)
  if (findings.length > 0) process.exitCode = 1
}
