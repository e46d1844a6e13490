import type { LoggedGroup } from "./channel-list.js"

/**
 * Places of the groups of each part of the channel list: the groups of one rate, which are sampled together unless the card's settings give
 * one of them another rate.
 */
export function partsOf(groups: readonly LoggedGroup[]): number[][] {
  const rates = [...new Set(groups.map(({ rate }) => rate))]
  return rates.map((rate) => groups.flatMap((group, place) => (group.rate === rate ? [place] : [])))
}
