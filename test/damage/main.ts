import { parseArgs } from "node:util"
import type { FormatName } from "../../host/model/log.js"
import { formats } from "../../host/registry/open.js"
import { measure, type Recovered } from "./measure.js"
import { damageMeteor } from "./meteor.js"
import { writeSection } from "./section.js"

/**
 * `npm run damage -- [FORMAT...] [--rounds 200] [--seed 1]`: hurts a known log of each format at random places, runs `recover`, and
 * prints what was lost or invented beyond the rows that were hit. Of all formats together it writes the table of docs/reliability.md.
 * `npm run damage -- --frames [--rounds 600]`: Meteor's reader alone, frame by frame, next to the limits it must keep.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" }, seed: { type: "string", default: "1" }, frames: { type: "boolean", default: false } },
})
const seed = Number(values.seed)
if (values.frames) await frames(Number(values.rounds ?? 600))
else await recovery(positionals as FormatName[], Number(values.rounds ?? 200))

async function recovery(wanted: readonly FormatName[], rounds: number): Promise<void> {
  const all = formats.map(({ name }) => name)
  const results: Recovered[] = []
  for (const format of wanted.length === 0 ? all : wanted) {
    for (const result of await measure(format, rounds, seed)) {
      results.push(result)
      console.log(line(result))
      for (const [text, round] of result.why) console.log(`    round ${round}: ${text}`)
    }
  }
  if (wanted.length === 0) writeSection(results.map(line), rounds, seed)
}

function line({ format, damage, hit, lost, mostLost, wrong, silent, refused }: Recovered): string {
  return `| ${[format, damage, hit.toFixed(1), lost.toFixed(2), mostLost, wrong, silent, refused].join(" | ")} |`
}

/** Fewer rounds than 600 leave the averages to chance by 0.05. */
async function frames(rounds: number): Promise<void> {
  console.log(`${rounds} damages per kind, seed ${seed}; frames on average:`)
  console.log("damage                lost  limit  touched  most lost  beyond those touched  never were")
  for (const { name, limit, lost, most, touched, beyond, bogus } of await damageMeteor(rounds, seed)) {
    const columns = [lost.toFixed(2).padStart(8), String(limit).padStart(6), touched.toFixed(2).padStart(8), String(most).padStart(10)]
    const verdict = lost <= limit ? "" : "  over the limit"
    console.log(name.padEnd(17), ...columns, String(beyond).padStart(21), bogus.toFixed(2).padStart(11), verdict)
  }
}
