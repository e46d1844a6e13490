import { groups } from "../../../shared/channels.js"

/** Groups by what tests need of them, whatever list is in shared/channels.ts. */

/** The group with the most rows. */
export const FASTEST: string = groups.reduce((most, group) => (group.rate > most.rate ? group : most)).name

/** The other groups that measure something. */
export const SLOWER: readonly string[] = groups
  .filter(({ name, source }) => name !== FASTEST && source.driver !== "health")
  .map(({ name }) => name)

/** 100 Hz for each of them. */
export const RATES: Readonly<Record<string, number>> = Object.fromEntries(SLOWER.map((name) => [name, 100]))
