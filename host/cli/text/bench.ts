import type { BenchVerdict } from "../../logger/bench-verdict.js"
import { bytesText, countText } from "./quantities.js"
import { tableLines } from "./table.js"

const SECTOR = 512

/** What a measured card can sustain, as text. @param needs sectors per second that the channel list takes, by format */
export function benchLines(verdict: BenchVerdict, needs: Readonly<Record<string, number>>, width: number): string {
  const { belowMs, single, stream, slowestMs, sustained, holds, slots } = verdict
  const columns = [
    { title: "writes" },
    ...belowMs.map((ms) => ({ title: Number.isFinite(ms) ? `<${ms} ms` : "longer", align: "right" as const })),
  ]
  const row = (name: string, counts: readonly number[]) => [name, ...counts.map((n) => (n === 0 ? "" : countText(n)))]
  const rate = (sectors: number) => `${Number(sectors.toPrecision(3))} sectors/s, ${bytesText(Math.round(sectors * SECTOR))}/s`
  const needed = Object.entries(needs).map(
    ([format, sectors]) =>
      `  ${format} needs ${Number(sectors.toPrecision(3))} sectors/s for the channel list: ${sectors <= holds ? "held" : "NOT held"}`,
  )
  return [
    "",
    ...tableLines(columns, [row("single", single), row("stream", stream)], width),
    `slowest write ${countText(slowestMs)} ms; sustained ${rate(sustained)}`,
    `with the logger's ${slots} sectors of buffer this card holds ${rate(holds)}`,
    ...needed,
    "",
  ].join("\n")
}
