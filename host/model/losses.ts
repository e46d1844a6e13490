import type { Group, Log, Loss } from "./log.js"
import { hasTime } from "./time.js"

/** What a target has a place for, beside rows, names and values. */
interface Carries {
  readonly units?: boolean
  readonly annotations?: boolean
  readonly userData?: boolean
  readonly utc?: boolean
  readonly start?: boolean
  /** Times count from 1970, whether the log says when it started or not. */
  readonly since1970?: boolean
}

/** The losses that there are: those that count something. */
export function counting(...losses: readonly Loss[]): Loss[] {
  return losses.filter(({ count }) => count > 0)
}

/** The parts of a log that a target has no place for, as losses of form. Call when the log has been read to its end. */
export function formLosses(log: Log, target: string, carries: Carries): Loss[] {
  const losses: Loss[] = []
  const drop = (count: number, one: string, carried: boolean | undefined) => {
    if (count === 0 || carried === true) return
    const what = count === 1 ? `1 ${one}` : `${count} ${one.replace(/y$/, "ie")}s`
    losses.push({ kind: "form", count, text: `${what} dropped: ${target} has no place for ${count === 1 ? "it" : "them"}` })
  }
  const units = log.groups.reduce((sum, { channels }) => sum + channels.filter(({ unit }) => unit !== "").length, 0)
  drop(units, "unit", carries.units)
  drop(log.annotations.length, "annotation", carries.annotations)
  drop(log.userData.length, "user data entry", carries.userData)
  drop(log.utc.length, "UTC time point", carries.utc)
  drop(log.start === null ? 0 : 1, "start time", carries.start)
  if (log.start === null && carries.since1970 === true) {
    losses.push({ kind: "form", count: 1, text: `the log does not say when it started: in ${target} its times count from 1970-01-01` })
  }
  return losses
}

/** The groups without times whose ticks stand where the target has times. @param how what becomes of the ticks */
export function tickLosses(groups: readonly Group[], how: string): Loss[] {
  const count = groups.filter((group) => !hasTime(group)).length
  return counting({ kind: "form", count, text: `${how}: the log does not say how long a tick is` })
}

/** Rows, or cells of a time column, whose time a target that counts ns in 64 bits cannot hold. */
export function instantLosses(kind: "rows" | "values", count: number): Loss[] {
  const why = "no time, or one before 1678 or after 2261, which 64 bits of ns do not hold"
  return counting({ kind, count, text: kind === "rows" ? `${count} rows left out: ${why}` : `${count} times left empty: ${why}` })
}

/** Longest name that is shown in a loss. */
const SHOWN = 60

/** The names that changed, as one loss of form. @param renames each name and what it became @param why the reason, as a sentence's end */
export function renameLosses(renames: Iterable<readonly [from: string, to: string]>, why: string): Loss[] {
  const changed = [...renames].filter(([from, to]) => from !== to)
  const [first] = changed
  if (first === undefined) return []
  const [from, to] = first.map((name) => JSON.stringify(name.length > SHOWN ? `${name.slice(0, SHOWN)}...` : name))
  const more = changed.length === 1 ? "" : `, and ${changed.length - 1} more`
  return [{ kind: "form", count: changed.length, text: `renamed ${from} to ${to}${more}: ${why}` }]
}
