import type { Log, Loss } from "../../model/log.js"
import { renameLosses } from "../../model/losses.js"
import type { DdffOptions } from "./options.js"
import { MAX_MEMBERS } from "./records/label-text.js"

/** Counts of what ddff, or the programs that read it, cannot hold. */
export interface Met {
  missing: number
  /** Ticks outside 32 bits. */
  wideTicks: number
  /** Names of new streams, and the keys that the file's other streams left for them. */
  renames: [name: string, key: string][]
  /** Recordings whose label, time and initial condition were carried over. */
  recordings: number
}

/** The losses of a log that was written as ddff. */
export function writeLosses(log: Log, met: Met, settings: DdffOptions): Loss[] {
  const losses: Loss[] = []
  const form = (count: number, text: string) => {
    if (count > 0) losses.push({ kind: "form", count, text })
  }
  const dropped = log.annotations.length - met.recordings
  form(log.start === null ? 0 : 1, "the start time dropped: ddff has no place for it")
  form(dropped, `${dropped} annotations dropped: ddff has no place for them`)
  form(log.utc.length, `${log.utc.length} UTC points dropped: ddff has no place for them`)
  form(log.userData.length, `${log.userData.length} user data blocks dropped: ddff has no place for them`)
  form(
    met.missing,
    `${met.missing} missing values written as nil: DUECA reads them only into optional members, pyddff's numpy view only into floats`,
  )
  form(met.wideTicks, `${met.wideTicks} ticks are no 32-bit counts: DUECA and pyddff read 32 bits`)
  const offset = log.groups.filter(({ time }) => time.kind === "fixed" && time.offset !== 0).length
  form(offset, `the start offset of ${offset} groups dropped: ticks count from 0`)
  if (settings.variant === "base")
    form(log.groups.length, `the names of ${log.groups.length} groups and their channels dropped: the base variant has no names`)
  const most = MAX_MEMBERS ** 2
  const deep = log.groups.filter(({ channels }) => channels.length > most).length
  form(deep, `${deep} groups have more than ${most} channels: pyddff's numpy view does not take parts of parts`)
  return [...losses, ...renameLosses(met.renames, "the file has a stream of that name")]
}
