import type { Loss } from "../model/log.js"
import { counting } from "../model/losses.js"

/** Samples that are in no row of a grid. */
export interface LostSamples {
  /** They stand before rows that are already filled. */
  early: number
  /** A later sample of their channel stands in the same row. */
  covered: number
  nan: number
}

/** What is said of them. */
export function sampleLosses({ early, covered, nan }: LostSamples): Loss[] {
  return counting(
    { kind: "values", count: early, text: `${early} values left out: their clock goes back` },
    { kind: "values", count: nan, text: `${nan} values that are no number left out: a grid takes them for missing ones` },
    { kind: "form", count: covered, text: `${covered} values left out: a later one of their channel stands in the same row` },
  )
}
