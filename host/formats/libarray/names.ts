import { NAME_PATTERN, ROOT_VARIABLE } from "../../../shared/libarray/layout.js"
import { UsageError } from "../../model/errors.js"
import { isDebris } from "../../text/debris.js"

/** What identifies a series: network (Messnetz), method (Methode) and station (Kennung). */
export interface SeriesName {
  readonly net: string
  readonly method: string
  readonly id: string
}

/** The root of the tree: the environment variable TSDIR if set and not empty, else the working directory. */
export function defaultRoot(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return environment[ROOT_VARIABLE] || "."
}

/** File systems take 255 bytes; temporary files add an ending. */
const LONGEST_NAME = 240

/** True for names that may be written: letters, digits, `.`, `_`, `-`, no leading `-`, not `.` or `..`, at most 240 of them. */
export function isWritableName(name: string): boolean {
  return NAME_PATTERN.test(name) && name.length <= LONGEST_NAME && name !== "." && name !== ".." && !isSkippedEntry(name)
}

/** @throws UsageError when one of the three names may not be written */
export function checkSeriesName({ net, method, id }: SeriesName): void {
  for (const [what, name] of [
    ["Messnetz", net],
    ["Methode", method],
    ["Kennung", id],
  ] as const) {
    if (isWritableName(name)) continue
    const hint = "letters, digits, . _ and - only: the name becomes a file name"
    throw new UsageError(`${what} ${JSON.stringify(name)} is no name that a tree takes`, { format: "libarray", hint })
  }
}

/** Names to read by may be anything that a directory holds. @throws UsageError for names that would leave it */
export function checkReadableName({ net, method, id }: SeriesName): void {
  for (const name of [net, method, id]) {
    if (name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name)) continue
    throw new UsageError(`${JSON.stringify(name)} is no name of a file or directory`, { format: "libarray" })
  }
}

/** The nearest name that may be written. */
export function writableName(name: string): string {
  const plain = name
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9._-]+/g, "_")
    .replace(/^[-.]+/, "_")
    .slice(0, LONGEST_NAME - 8)
  return isWritableName(plain) ? plain : `_${plain.replace(/(~|\.tmp|\.part)$/, "_")}`
}

/** Entries of a directory that are no series: hidden ones, and what editors, writers and operating systems leave behind. */
export function isSkippedEntry(name: string): boolean {
  return name.startsWith(".") || name.endsWith("~") || name.endsWith(".tmp") || name.endsWith(".part") || isDebris(name)
}

/** `net/method/id`: the name of the series' group. */
export function seriesText({ net, method, id }: SeriesName): string {
  return `${net}/${method}/${id}`
}

/** A series' file of one day below the root, with `/`. @param day `YYYY-MM-DD` */
export function dayPath({ net, method, id }: SeriesName, day: string): string {
  return `${net}/${method}/${day.slice(0, 4)}/${day.slice(5, 7)}/${day.slice(8, 10)}/${id}`
}
