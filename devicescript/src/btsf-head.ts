import { headSum } from "../../shared/btsf/head-sum.js"
import { HEAD_SIZES, HEAD_SUMS } from "../../shared/btsf/put.js"
import type { Fat32 } from "../../shared/card/fat32.js"
import type { Settings } from "../../shared/logger/settings.js"
import { NAMES } from "./generated/plan.js"

/**
 * For `format = btsf`: the header that `fieldlog card prepare` wrote for the first group that is on. The others are switched off, for
 * a btsf file holds channels that are sampled together.
 * @returns null when there is none that fits this program; the settings are then as they were
 */
export async function readHead(volume: Fat32, settings: Settings): Promise<Buffer | null> {
  const periods = settings.periods
  let group = 0
  while (group < periods.length && periods[group] === 0) group = group + 1
  if (group === periods.length) return null
  const head = Buffer.alloc(HEAD_SIZES[group] as number)
  try {
    const size = await volume.readSmall(group < 10 ? `HEAD0${group}  BTS` : `HEAD${group}  BTS`, head)
    if (size !== head.length || headSum(head) !== HEAD_SUMS[group]) return null
  } catch (_error) {
    return null
  }
  for (let i = 0; i < NAMES.length; i++) if (i !== group) periods[i] = 0
  return head
}
