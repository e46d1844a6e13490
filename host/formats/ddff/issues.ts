import { HEADER_SIZE } from "../../../shared/ddff/layout.js"
import { issue } from "../../model/issues.js"
import type { Issue, Severity } from "../../model/log.js"
import type { Scan, Span } from "./blocks/scan.js"
import type { StreamCuts } from "./recordings.js"
import type { Lost } from "./records/records.js"

const SPAN_SEVERITY: Readonly<Record<Span["kind"], Severity>> = {
  "bad-crc": "error",
  "bad-header": "error",
  truncated: "error",
  zeros: "error",
  "unused-tail": "note",
  "stale-block": "note",
}

/**
 * Reports what the walk over the blocks found: bad spans, and per stream the block numbers that are missing.
 * @param moved ids of streams whose blocks did not lie in the order of their numbers
 */
export function* blockIssues(scan: Scan, moved: readonly number[], nameOf: (id: number) => string | null): Generator<Issue> {
  for (const { at, length, kind, text } of scan.badSpans) {
    yield issue(kind, SPAN_SEVERITY[kind], text, { at, length })
  }
  for (const id of moved) {
    const text = `stream ${id}: blocks are not in the order of their numbers; they are read in that order`
    yield issue("block-order", "warning", text, { group: nameOf(id) })
  }
  for (const [id, blocks] of scan.streams) {
    for (let i = 0; i < blocks.count; i++) {
      if (blocks.follows(i)) continue
      const number = blocks.number[i] as number
      const expected = i === 0 ? 0 : (blocks.number[i - 1] as number) + 1
      const at = blocks.at[i] as number
      const text =
        number > expected
          ? `stream ${id}: block ${number} follows where block ${expected} was expected: ${number - expected} missing`
          : `stream ${id}: block ${number} comes again where block ${expected} was expected`
      yield issue("gap", "error", text, { at, group: nameOf(id) })
    }
  }
}

const LOST_TEXT: Readonly<Record<Lost["kind"], string>> = {
  "cut-record": "bytes of a record that is cut short",
  "no-msgpack": "bytes that are no msgpack",
  "long-record": "bytes of a record longer than any real one",
}

export function lostIssue(what: Lost, group: string): Issue {
  const text = `${group}: ${what.length} ${LOST_TEXT[what.kind]}`
  return issue(what.kind, "error", text, { at: what.at, length: what.length, group })
}

/** Values that are not a record often come in runs (shifted content): each run is one issue. */
export class StrangerRuns {
  private run: { group: string; expected: string; at: number; end: number; values: number } | null = null

  constructor(private readonly report: (issue: Issue) => void) {}

  /** @param expected the form of the stream's records */
  add(group: string, expected: string, at: number, length: number): void {
    const { run } = this
    if (run !== null && run.group === group && at >= run.end && at <= run.end + HEADER_SIZE) {
      run.end = at + length
      run.values++
      return
    }
    this.flush()
    this.run = { group, expected, at, end: at + length, values: 1 }
  }

  /** Reports the run that is open. */
  flush(): void {
    if (this.run === null) return
    const { group, expected, at, end, values } = this.run
    this.run = null
    const found = values === 1 ? "a value that is no record" : `${values} values that are no records`
    this.report(issue("schema", "error", `${group}: ${found}, expected ${expected}`, { at, length: end - at, group }))
  }
}

export function misfitIssue(at: number, values: number, group: string): Issue {
  const text = `${group}: ${values} values that do not fit their channel's type are given as missing`
  return issue("type-mismatch", "error", text, { at, group })
}

export function untimedIssue(at: number, rows: number, group: string): Issue {
  const text = `${group}: ${rows} rows whose tick is no number are given the tick of the row before`
  return issue("no-time", "error", text, { at, group })
}

/** DUECA repeats the places of the first recording in all tags, so its reader gives all rows for every recording. */
export function staleTagsIssue(tags: number): Issue {
  const text = `${tags} recordings whose tags point at the same data: other readers give all rows for each; --recording cuts them where ticks go back`
  return issue("stale-tags", "warning", text)
}

/** The board does not know where a stream's next block will lie, so it links none. */
export function unlinkedText(blocks: number): string {
  return `${blocks} blocks are not linked, as the board writes them: other readers need the linked file, which card get and repair write`
}

/** Says how a chosen recording was cut out of a stream. */
export function recordingIssue(group: string, by: StreamCuts["by"]): Issue {
  const whole = by === "whole"
  const text = whole ? `${group}: the recordings cannot be told apart; the first has all rows` : `${group}: recordings are cut by ${by}`
  return issue("recordings", whole ? "warning" : "note", text, { group })
}
