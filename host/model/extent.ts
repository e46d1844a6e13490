import type { Group, GroupSurvey } from "./log.js"
import { seconds } from "./values.js"

/** A stretch of time in seconds from the log's start, both ends included. */
export interface Extent {
  readonly from: number
  readonly to: number
}

/** What a survey says of a group without rows. */
export const NO_ROWS: GroupSurvey = { rows: 0, first: null, last: null }

/**
 * Times of a group's first and last row in seconds from the log's start; `last` is the smaller one where its clock went back.
 * @param start index of the group's first row
 * @returns null when the group has no rows, or the file gives it no time
 */
export function endTimes(group: Group, { rows, first, last }: GroupSurvey, start = 0): { first: number; last: number } | null {
  if (rows === 0) return null
  const times = { first: seconds(group, first, start), last: seconds(group, last, start + rows - 1) }
  return Number.isNaN(times.first) || Number.isNaN(times.last) ? null : times
}

/**
 * From the earliest to the latest of all groups' first and last rows.
 * @param surveys one per group
 * @param starts per group the index of its first row; 0 when absent
 * @returns null when no group has rows with a time
 */
export function extent(groups: readonly Group[], surveys: readonly GroupSurvey[], starts: readonly number[] = []): Extent | null {
  let from = Number.POSITIVE_INFINITY
  let to = Number.NEGATIVE_INFINITY
  for (const [g, group] of groups.entries()) {
    const ends = endTimes(group, surveys[g] ?? NO_ROWS, starts[g])
    if (ends === null) continue
    from = Math.min(from, ends.first, ends.last)
    to = Math.max(to, ends.first, ends.last)
  }
  return from <= to ? { from, to } : null
}

/**
 * Seconds of the extent.
 * @returns null when no group has rows with a time, or when a group ends before it begins: then its rows do not say how long it lasted
 */
export function durationOf(groups: readonly Group[], surveys: readonly GroupSurvey[], starts: readonly number[] = []): number | null {
  const span = extent(groups, surveys, starts)
  return span === null || goesBack(groups, surveys) ? null : span.to - span.from
}

/** True when the last row of a group is earlier than its first: a clock was set, or rolled over. */
function goesBack(groups: readonly Group[], surveys: readonly GroupSurvey[]): boolean {
  return groups.some((group, g) => {
    const ends = endTimes(group, surveys[g] ?? NO_ROWS)
    return ends !== null && ends.last < ends.first
  })
}
