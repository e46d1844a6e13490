import { copyBytes } from "../../bytes/copy.js"
import type { Sink } from "../../bytes/sink.js"
import type { Source } from "../../bytes/source.js"
import { FormatError } from "../../model/errors.js"
import type { Output, Rescue } from "../../model/format.js"
import { holesOf, IssueList } from "../../model/issues.js"
import { composeHeader } from "./compose.js"
import type { Header } from "./head/header.js"
import type { Master } from "./head/master.js"
import { rescuedHeader } from "./rescued-header.js"
import { readRows } from "./scan.js"

/**
 * Writes the file again with its whole rows one after the other: stubs of unfinished rows, a torn end and space allocated ahead are left
 * out, a row format that contradicts the metrics is corrected, and a damaged header is made anew. No value is touched.
 * @throws FormatError if nothing of the header says how rows are laid out
 */
export async function repairBtsf(source: Source, output: Output): Promise<Rescue> {
  const header = await rescuedHeader(source)
  const issues = new IssueList()
  for (const each of header.issues) if (each.kind === "header") issues.add(each)
  const sink = output.sink()
  let rows = 0
  try {
    await writeHeader(source, header, sink)
    for await (const part of readRows(source, header, issues)) {
      await copyBytes(source, part.at, part.at + part.rows * header.master.structSize, sink)
      rows += part.rows
    }
    sink.close()
  } catch (error) {
    sink.abort()
    throw error
  }
  return { rows, holes: holesOf(issues.all) }
}

/** The header's bytes as they are, or a new header if the old one needs repair. */
async function writeHeader(source: Source, header: Header, sink: Sink): Promise<void> {
  const { master, sections, dataOffset, issues } = header
  const isMade = issues.some(({ kind }) => kind === "header")
  const isMended = header.variant === "sections" && issues.some(({ kind }) => kind === "format-mismatch" || kind === "metric-key")
  if (isMade || isMended) {
    const others = []
    for (const { type, payloadAt, payloadSize } of sections.slice(1))
      others.push({ type, payload: (await source.read(payloadAt, payloadSize)).slice() })
    const composed = composeHeader({ ...master, padTo: paddingOf(master), sections: others })
    if (composed.structSize === master.structSize) {
      sink.write(composed.bytes)
      return
    }
    if (isMade)
      throw new FormatError("the header is damaged, and rows of its layout cannot be written", { format: "btsf", path: source.name })
  }
  await copyBytes(source, 0, dataOffset, sink)
}

/** What rows are padded to; where that contradicts their length they are padded to that. */
function paddingOf({ padTo, structSize, row }: Master): number {
  return Math.ceil(row.used / padTo) * padTo === structSize ? padTo : structSize
}
