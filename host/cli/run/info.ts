import { damageTimes } from "../../summary/damage.js"
import { endRows } from "../../summary/end-rows.js"
import { overview } from "../../summary/overview.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions, InputOptions, JoinOptions } from "../options/flags.js"
import { openingOf } from "../options/from-flags.js"
import { eachRecording, type FoundRecordings } from "../report/each-input.js"
import { tellDamage } from "../report/outcome.js"
import type { Progress } from "../report/progress.js"
import { type OpenLog, withOpen } from "../report/with-log.js"
import type { Exit } from "../terminal/exit.js"
import { outWidth, painter, tableRoom, writeOut } from "../terminal/terminal.js"
import { infoDocument, infoText } from "../text/info.js"
import { printJson } from "../text/json.js"
import { counted } from "../text/quantities.js"

interface InfoOptions extends CommonOptions, InputOptions, JoinOptions {
  readonly json?: boolean
  readonly all?: boolean
  readonly rows?: number
}

/** Shows what is in logs. A log that cannot be read does not keep the others from being shown. */
export async function info(names: string[], options: InfoOptions): Promise<Exit> {
  const opening = await openingOf(options)
  const documents: unknown[] = []
  const found: FoundRecordings[] = []
  const exit = await eachRecording(
    names,
    opening,
    options,
    (recording) => withOpen(recording.open, options, (open, progress) => show(open, progress, options, documents)),
    (one) => found.push(one),
  )
  if (documents.length > 0 && options.json === true) printJson({ logs: documents, found })
  else if (options.json !== true) writeOut(foundText(found))
  return exit
}

/** How many logs and recordings stand in each folder and on each card that was named; nothing for names of one log. */
function foundText(found: readonly FoundRecordings[]): string {
  return found
    .filter(({ files }) => files > 1)
    .map(({ name, files, recordings }) => {
      const each = recordings === files ? "each a recording of its own" : `in ${counted(recordings, "recording")}`
      return `\n${printable(name)}: ${counted(files, "log")}, ${each}\n`
    })
    .join("")
}

/** Rows shown at each end if the format finds them without reading the whole log. */
const SHOWN_ROWS = 3

async function show({ input, log, stored, size }: OpenLog, progress: Progress, options: InfoOptions, documents: unknown[]): Promise<Exit> {
  const found = await overview(log, { progress: progress.at })
  const wanted = options.rows ?? (log.ends === undefined ? 0 : SHOWN_ROWS)
  const ends = wanted === 0 ? [] : await endRows(log, wanted)
  // What is cut off at the end has no row behind it that would say how much is missing.
  const isInside = found.issues.some(
    ({ severity, at, length }) => severity === "error" && at >= 0 && at + length < (size ?? Number.POSITIVE_INFINITY),
  )
  const damage = isInside ? await damageTimes(log) : []
  progress.end()
  const place = { path: input.label, size, stored: stored.groups, damage }
  if (options.json === true) documents.push(infoDocument(place, found, ends))
  else {
    const gap = documents.length > 0 ? "\n" : ""
    const look = { all: options.all === true, width: outWidth(), room: tableRoom(), paint: painter(options.color, "out") }
    writeOut(gap + infoText(place, found, look, ends))
    documents.push(null)
  }
  return tellDamage(input.label, found.issues, options)
}
