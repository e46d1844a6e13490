import type { Seconds } from "./best.js"
import { btsfBenches } from "./btsf.js"
import { ddffBenches } from "./ddff.js"
import { exportBenches, memoryBenches } from "./exports.js"
import { jlsBenches } from "./jls.js"
import { libarrayBenches } from "./libarray.js"
import { meteorBenches } from "./meteor.js"
import { reduceBenches } from "./reduce.js"

/** What a bench measured: bytes of input, and the best times of ours and of the plain loop over the same bytes. */
export interface BenchResult {
  readonly name: string
  readonly bytes: number
  readonly ours: Seconds
  readonly plain: Seconds
  /** Further facts, one line each. */
  readonly notes?: readonly string[]
}

/** A measurement; it prints nothing itself. */
export type Bench = () => Promise<BenchResult>

/** Every format adds its own. */
const benches: Readonly<Record<string, readonly Bench[]>> = {
  meteor: meteorBenches,
  ddff: ddffBenches,
  jls: jlsBenches,
  btsf: btsfBenches,
  libarray: libarrayBenches,
  reduce: reduceBenches,
  exports: exportBenches,
  memory: memoryBenches,
}

const wanted = process.argv.slice(2)
for (const [format, list] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(format)) continue
  for (const bench of list) report(await bench())
}

function report({ name, bytes, ours, plain, notes = [] }: BenchResult): void {
  const rate = (seconds: number) => `${Math.round(bytes / 1e6 / seconds)} MB/s`
  const line = (a: number, b: number) => `ours ${rate(a)}, plain loop ${rate(b)}, ratio ${(b / a).toFixed(2)}`
  console.log(`${name}: ${line(ours.wall, plain.wall)}`)
  console.log(`  by processor time, for a machine that is not idle: ${line(ours.cpu, plain.cpu)}`)
  for (const note of notes) console.log(`  ${note}`)
}
