import type { Finding } from "../../model/format.js"
import { type LineFault, severityOf } from "./scan.js"
import type { SeriesInput } from "./series.js"

/** Every rule that the files of some series break. */
export async function* checkSeries(inputs: readonly SeriesInput[]): AsyncGenerator<Finding> {
  for (const input of inputs) {
    for (const file of input.files()) {
      for await (const { lines, at, linesBefore, label } of file.stretches())
        for (const fault of lines.faults) yield findingOf(fault, at, linesBefore, label)
    }
  }
}

function findingOf(fault: LineFault, offset: number, linesBefore: number, label: string): Finding {
  const { kind, at, line, text } = fault
  return { rule: kind, severity: severityOf(fault), at: offset + at, where: line === 0 ? label : `${label}:${line + linesBefore}`, text }
}
