import type { Source } from "../../bytes/source.js"
import { findingOf } from "../../model/findings.js"
import type { Finding } from "../../model/format.js"
import { IssueList } from "../../model/issues.js"
import type { Issue } from "../../model/log.js"
import { type Header, readHeader } from "./head/header.js"
import { readRows } from "./scan.js"

/** Every rule that a file breaks: the header's, then the rows'. @throws FormatError if the header cannot be read */
export async function* checkBtsf(source: Source): AsyncGenerator<Finding> {
  const header = await readHeader(source)
  yield* header.issues.map((issue) => findingOf(issue, "header"))
  yield* checkHeader(header)
  const issues = new IssueList()
  let listed = 0
  for await (const _ of readRows(source, header, issues))
    while (listed < issues.all.length) yield findingOf(issues.all[listed++] as Issue, "rows")
  while (listed < issues.all.length) yield findingOf(issues.all[listed++] as Issue, "rows")
}

function* checkHeader({ master, sections, variant }: Header): Generator<Finding> {
  const { metrics, padTo, structSize, byteOrder } = master
  const at = sections[0]?.payloadAt ?? 40
  const counts = new Map<string, number>()
  for (const { identifier } of metrics) counts.set(identifier, (counts.get(identifier) ?? 0) + 1)
  for (const [identifier, n] of counts) {
    if (n < 2) continue
    const text = `${n} metrics are called "${identifier}": the reference's to_numpy fails`
    yield { rule: "duplicate-identifier", severity: "warning", at, where: "header", text }
  }
  if (metrics.filter(({ isTime }) => isTime).length > 1) {
    yield { rule: "several-times", severity: "warning", at, where: "header", text: "several metrics are the time: the first one counts" }
  }
  if (structSize % padTo !== 0) {
    const text = `rows of ${structSize} bytes are no multiple of pad_to ${padTo}`
    yield { rule: "row-padding", severity: "warning", at, where: "header", text }
  }
  if (byteOrder === "=" || byteOrder === "@") {
    const text = `byte order ${byteOrder} is the writer's machine's, which the file does not name: read as little-endian`
    yield { rule: "native-order", severity: "note", at, where: "header", text }
  }
  if (variant !== "sections") {
    const text = `layout of ${variant}: the present reference program cannot open it`
    yield { rule: "old-layout", severity: "note", at: 32, where: "header", text }
    return
  }
  for (const section of sections.slice(1)) {
    const size = section.payloadSize + section.followupSize
    if (size % padTo === 0) continue
    const text = `section of type ${section.type} has ${size} bytes, no multiple of pad_to ${padTo}`
    yield { rule: "section-padding", severity: "warning", at: section.at, where: "header", text }
  }
}
