import { appendFileSync, readFileSync } from "node:fs"
import { verdict } from "./verdict.js"

/**
 * `node .build/test/emulate/card.js card.img` judges the card of an emulated run: 0 for a good one, 1 with what is wrong. In a workflow the
 * job's page (GITHUB_STEP_SUMMARY) shows it.
 */
const [path] = process.argv.slice(2)
if (path === undefined) {
  console.error("node .build/test/emulate/card.js card.img")
  process.exit(2)
}
let lines: readonly string[]
let faults: readonly string[]
try {
  ;({ lines, faults } = await verdict(readFileSync(path)))
} catch (error) {
  lines = []
  faults = [`${path}: ${(error as Error).message}`]
}
const text = [
  ...lines,
  ...faults.map((fault) => `FAULT ${fault}`),
  faults.length === 0 ? "The card is good." : "The card is NOT good.",
].join("\n")
console.log(text)
const summary = process.env.GITHUB_STEP_SUMMARY ?? ""
if (summary !== "")
  appendFileSync(summary, `## ${faults.length === 0 ? "Emulated card: good" : "Emulated card: NOT GOOD"}\n\n\`\`\`\n${text}\n\`\`\`\n`)
process.exitCode = faults.length === 0 ? 0 : 1
