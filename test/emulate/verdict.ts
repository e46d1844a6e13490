import { findings } from "../../host/actions/check.js"
import { memorySource } from "../../host/bytes/source.js"
import { openImage } from "../../host/card/image.js"
import { formatFor } from "../../host/registry/open.js"
import { loggerHealth } from "../../host/summary/logger-health.js"
import { compare, logSpec, openRecording } from "../sim/device/recording.js"

/** Rows of the last second: the logger's own row about them is not in the log yet. */
export const UNREPORTED = 125

/** What the card of an emulated run holds. */
export interface Verdict {
  /** One line a log. */
  readonly lines: readonly string[]
  /** What is wrong; empty for a good card. */
  readonly faults: readonly string[]
}

/**
 * Judges a card that the logger with its simulated sensors wrote: rows are there and true, a row of the logger's own group is there, every
 * missing row is counted, and `check` finds no error.
 */
export async function verdict(image: Uint8Array): Promise<Verdict> {
  const lines: string[] = []
  const faults: string[] = []
  const card = await openImage(memorySource(image, "card.img"))
  const paths = card.entries.map(({ path }) => path).filter((path) => /^\/LOG\d{5}\.(MET|DDF)$/.test(path))
  if (paths.length === 0) faults.push("the card holds no log")
  for (const path of paths.sort()) {
    const log = await openRecording(image, path)
    const groups = await compare(log)
    const sum = (pick: (group: (typeof groups)[string]) => number) => Object.values(groups).reduce((n, group) => n + pick(group), 0)
    const rows = sum((group) => group.rows)
    const [wrong, missing] = [sum((group) => group.wrong), sum((group) => group.missing)]
    const dropped = (await loggerHealth(log))?.dropped ?? null
    const seconds = Math.max(0, ...Object.values(groups).map(({ last }) => last)) / 1000
    lines.push(
      `${path}: ${rows} rows in ${seconds.toFixed(1)} s, ${missing} missing, ${dropped ?? "none"} counted as dropped, ${wrong} wrong`,
    )
    const fault = (text: string) => faults.push(`${path}: ${text}`)
    if (rows === 0) fault("no row")
    if (dropped === null || (groups.logger?.rows ?? 0) === 0) fault("no row of the logger about itself")
    if (wrong > 0) fault(`${wrong} samples that no sensor gave`)
    if (missing > (dropped ?? 0) + UNREPORTED) fault(`${missing} rows are missing, but ${dropped ?? 0} are counted`)
    await log.close()
    const source = card.open(path)
    const options = { spec: logSpec(), specPath: "LOGSPEC.JSN" }
    for await (const { severity, at, where, text } of findings(source, await formatFor(source, options), options)) {
      if (severity === "error") fault(`check: byte ${at}, ${where}: ${text}`)
    }
  }
  return { lines, faults }
}
