import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { commands } from "./commands.js"
import { seedFiles } from "./seeds.js"
import { trialOf } from "./trial.js"
import { type Finding, watched } from "./watch.js"

/**
 * `npm run fuzz -- [--runs 1000] [--commands 100] [--seed 1] [--save fuzz-findings]`: changes small good files at random, reads them
 * in process by all readers and writes them to all targets, then runs the command on them. A fault is anything but a clear error: a
 * crash, an internal error, more than 5 s or 500 MB. Each is printed with its seed and number, and its input is saved.
 */
const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "1000" },
    commands: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    save: { type: "string", default: "fuzz-findings" },
  },
})
const seed = Number(values.seed)
const seeds = await seedFiles()
const folder = mkdtempSync(join(tmpdir(), "fieldlog-fuzz-"))
try {
  report("in process", Number(values.runs), await watched(seed, 0, Number(values.runs)))
  report("commands", Number(values.commands), await commands(seeds, seed, Number(values.commands), folder))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function report(what: string, runs: number, findings: readonly Finding[]): void {
  console.log(`${what}: ${runs} runs, seed ${seed}, ${findings.length} faults`)
  for (const { number, fault } of findings) {
    const { name, bytes } = trialOf(seeds, seed, number)
    mkdirSync(values.save, { recursive: true })
    const path = join(values.save, `${seed}-${number}-${name}`)
    writeFileSync(path, bytes)
    console.log(`  ${path}: ${fault}`)
  }
  if (findings.length > 0) process.exitCode = 1
}
