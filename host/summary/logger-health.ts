import type { Group, Log, Selection } from "../model/log.js"
import { View } from "../views/view.js"
import { stats } from "./stats.js"

/** What the logger wrote down about itself. Null where the log has no such channel. */
export interface LoggerHealth {
  /** Rows that it sampled and could not store. */
  readonly dropped: number | null
  /** Most sectors that waited for the card at once. */
  readonly waiting: number | null
  /** Longest write of the card in ms. */
  readonly slowestMs: number | null
  /** Where the log's start time is from. */
  readonly clock: string | null
}

/** The channel names of shared/channels.ts, group `logger`. */
const NAMES = ["dropped", "waiting", "slowest", "clock"] as const
/** What its numbers say: devicescript/src/status.ts. */
const CLOCKS = ["nowhere", "LOGGER.CFG", "the clock chip", "the network (UTC)"]

/**
 * The logger's own counters, if this log was written by our logger and something of them was stored.
 * Reads the rows of that one group.
 */
export async function loggerHealth(log: Log, selection: Pick<Selection, "signal" | "progress"> = {}): Promise<LoggerHealth | null> {
  const index = log.groups.findIndex(isHealthGroup)
  if (index < 0) return null
  const { channels } = log.groups[index] as Group
  const only = new View(log, { picks: [{ group: index, channels: [...channels.keys()] }] })
  const own = await stats(only, selection)
  const most = (name: string) => {
    const max = own.find(({ channel }) => channel === name)?.max
    return max === null || max === undefined ? null : Number(max)
  }
  const [dropped, waiting, slowestMs, from] = NAMES.map(most) as [number | null, number | null, number | null, number | null]
  if (dropped === null && waiting === null && slowestMs === null) return null
  return { dropped, waiting, slowestMs, clock: from === null ? null : (CLOCKS[from] ?? null) }
}

/** Whether a group holds the logger's own counters. A Meteor specification need not name its composites, so the channels speak for the group. */
export function isHealthGroup({ name, channels }: Group): boolean {
  const has = (wanted: string) => channels.some((channel) => channel.name === wanted)
  return has("dropped") && (name === "logger" || has("waiting"))
}
