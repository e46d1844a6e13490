import type { Finding } from "../../format.js"
import type { LineFault } from "./lines.js"
import type { SeriesInput } from "./series.js"

/** Every rule that the files of some series break. */
export async function* checkSeries(inputs: readonly SeriesInput[]): AsyncGenerator<Finding> {
  for (const input of inputs) {
    for (const file of input.files()) {
      for await (const { lines, at, linesBefore, label } of file.stretches()) {
        for (const fault of lines.faults) yield findingOf(fault, at, linesBefore, label)
        const last = lines.bytes[lines.bytes.length - 1]
        if (lines.bytes.length > 0 && last !== 10) {
          const text = "the last line has no line end: it may not be finished"
          yield { rule: "no-line-end", severity: "note", at: at + lines.bytes.length, where: label, text }
        }
      }
    }
  }
}

function findingOf({ kind, at, line, text }: LineFault, offset: number, linesBefore: number, label: string): Finding {
  const severity = kind === "bad-line" ? "error" : kind === "duplicates" ? "note" : "warning"
  return { rule: kind, severity, at: offset + at, where: line === 0 ? label : `${label}:${line + linesBefore}`, text }
}
