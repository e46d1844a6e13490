import { copyBytes } from "../../bytes/copy.js"
import type { Sink } from "../../bytes/sink.js"
import type { Source } from "../../bytes/source.js"
import type { Output, Rescue } from "../../model/format.js"
import { holesOf, IssueList } from "../../model/issues.js"
import { composeHeader } from "./compose.js"
import type { Header } from "./head/header.js"
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
  if (issues.some(({ kind }) => kind === "header")) {
    const { metrics, byteOrder, structSize } = master
    // Rows are padded to their own length, so that it stays.
    sink.write(composeHeader({ metrics, byteOrder, padTo: structSize }).bytes)
    return
  }
  if (header.variant === "sections" && issues.some(({ kind }) => kind === "format-mismatch")) {
    const others = []
    for (const { type, payloadAt, payloadSize, followupSize } of sections.slice(1)) {
      others.push({ type, payload: (await source.read(payloadAt, payloadSize)).slice(), followupSize })
    }
    const { metrics, byteOrder, padTo } = master
    const fits = others.every(({ payload, followupSize }) => (payload.length + followupSize) % padTo === 0)
    const composed = fits ? composeHeader({ metrics, byteOrder, padTo, sections: others }) : null
    if (composed !== null && composed.structSize === master.structSize) {
      sink.write(composed.bytes)
      return
    }
  }
  await copyBytes(source, 0, dataOffset, sink)
}
