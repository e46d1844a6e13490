import { UsageError } from "../../../model/errors.js"
import type { Log, Loss } from "../../../model/log.js"
import type { MeteorSpec } from "../head/spec.js"
import type { LogFacts } from "./facts.js"
import { type ChannelPlan, Planner, sizeOf, split } from "./planner.js"

/** How a log is written. */
export interface LogPlan {
  /** By group and channel; null for one that Meteor cannot hold. */
  readonly channels: readonly (readonly (ChannelPlan | null)[])[]
  /** What the file's reader must be told; null for a log that comes from one without a specification. */
  readonly spec: MeteorSpec | null
}

/** What the plan must keep to. */
interface PlanOptions {
  /** A specification whose ids, widths and composites are used. */
  readonly known?: MeteorSpec | null
  /** By topic id: fewest bytes of its values where they are alone in a frame. */
  readonly least?: ReadonlyMap<number, number>
  /** Channels that it does not name are added to it; else they are lost. */
  readonly open: boolean
  /** Lone channels with the same stamps become composites where that makes the file smaller. */
  readonly join: boolean
}

/** Bytes of a frame header. */
const HEADER = 7

/** Gives every channel its topic and channels with the same stamps their composites; says what does not fit. */
export function planLog(log: Log, facts: LogFacts, losses: Loss[], { known = null, least = new Map(), open, join }: PlanOptions): LogPlan {
  const planner = new Planner(log, facts, losses, { known, least, open })
  planner.useFrames()
  if (open) planner.keepFrames()
  planner.useTopics()
  planner.useComposites()
  for (const [g, own] of planner.channels.entries()) {
    const free = own.filter((plan) => plan !== null && plan.place === null && !plan.asked) as ChannelPlan[]
    if (free.length > 1) planner.addComposites(free, log.groups[g]?.name ?? null)
  }
  if (join) for (const set of lonely(planner.channels, facts)) planner.addComposites(set, null)
  losses.push(...planner.renames)
  return { channels: planner.channels, spec: planner.spec }
}

/** Sets of channels that are alone in their groups and have the same stamps, where one frame for all is smaller whatever their values. */
function lonely(channels: readonly (readonly (ChannelPlan | null)[])[], { stamps }: LogFacts): ChannelPlan[][] {
  const sets = new Map<string, ChannelPlan[]>()
  for (const [g, [plan, ...others]] of channels.entries()) {
    const print = stamps[g]
    if (
      plan === null ||
      plan === undefined ||
      plan.place !== null ||
      plan.asked ||
      others.length > 0 ||
      print === null ||
      print === undefined
    )
      continue
    const set = sets.get(print)
    if (set === undefined) sets.set(print, [plan])
    else set.push(plan)
  }
  return [...sets.values()].filter((set) => {
    const alone = set.reduce((sum, { topic }) => sum + HEADER + (topic.length ?? 1), 0)
    return set.length > 1 && split(set).length * HEADER + sizeOf(set) < alone
  })
}

/** Whether lone channels are joined: `composites` is `join` or `keep`. A Meteor log keeps its own frames if nothing is said. */
export function joinsLone(log: Log, composites: unknown): boolean {
  if (composites === undefined) return log.format !== "meteor"
  if (composites === "join" || composites === "keep") return composites === "join"
  throw new UsageError(`composites is ${JSON.stringify(composites)}, expected join or keep`, { format: "meteor" })
}
