import { rowsInRange } from "../model/chunk.js"
import { durationOf } from "../model/extent.js"
import { issue } from "../model/issues.js"
import type { Annotation, Chunk, Group, Issue, Log, Selection, Ticks } from "../model/log.js"
import { seconds } from "../model/values.js"
import { clocksOf, type Jump } from "./clocks.js"
import { View } from "./view.js"

/** A step of one group's clock. */
interface ClockJump extends Jump {
  readonly group: number
}

/**
 * The log with its clock made continuous: the time after the last jump is taken to be right, and what was stamped
 * before is moved up to it, each jump by the usual step of its group. An issue says what was done. A log without jumps comes
 * back as it is.
 */
export async function repairClock(log: Log): Promise<Log> {
  await log.survey()
  const jumps = (await clocksOf(log)).flatMap((clock, group) => (clock?.jumps ?? []).map((jump): ClockJump => ({ ...jump, group })))
  if (jumps.length === 0) return log
  const moves = movesOf(jumps)
  return new View(log, {
    around: () => jumps.map((jump) => issueOf(log, jump)),
    annotations: log.annotations.map((annotation) => movedAnnotation(log, annotation, jumps, moves)),
    utc: log.utc.map((point) => ({ ...point, tick: movedTick(log, point.group, point.tick, jumps, moves) as bigint })),
    rows: {
      groups: log.groups,
      async *chunks(selection: Selection = {}) {
        // A time range is meant in repaired time, so rows are chosen after the repair.
        const { start, end, ...passed } = selection
        for await (const chunk of log.chunks(passed)) {
          const moved = moveChunk(log, chunk, moves.get(chunk.group) ?? [])
          yield* rowsInRange(log.groups[chunk.group] as Group, moved, { start, end })
        }
      },
      async survey() {
        const { groups } = await log.survey()
        const counts = groups.map((count, g) => {
          const first = count.first === null ? null : shifted(log, g, count.first, shiftAt(moves.get(g) ?? [], 0))
          return { ...count, first }
        })
        return { groups: counts, duration: durationOf(log.groups, counts) }
      },
    },
  })
}

/** From this row on a group's times are moved by so many seconds. */
interface Move {
  readonly row: number
  readonly shift: number
}

/** One clock feeds all groups, so the k-th jump of each is the same one: its size is taken from the fastest group. */
function movesOf(jumps: readonly ClockJump[]): Map<number, Move[]> {
  const byGroup = new Map<number, ClockJump[]>()
  for (const jump of jumps) byGroup.set(jump.group, [...(byGroup.get(jump.group) ?? []), jump])
  const fastest = [...byGroup.values()].reduce((best, own) => (own.length === best.length && usualOf(own) < usualOf(best) ? own : best))
  const moves = new Map<number, Move[]>()
  for (const [group, own] of byGroup) {
    const excess = own.map((jump, k) => {
      const other = fastest[k]
      const mine = jump.step - jump.usual
      if (other === undefined || own.length !== fastest.length) return mine
      const theirs = other.step - other.usual
      return Math.abs(theirs - mine) <= 2 * (jump.usual + other.usual) ? theirs : mine
    })
    const rows = [0, ...own.map(({ row }) => row)]
    moves.set(
      group,
      rows.map((row, k) => ({ row, shift: excess.slice(k).reduce((sum, each) => sum + each, 0) })),
    )
  }
  return moves
}

/** An annotation is moved with the rows of its time; one of the whole log with those of the first group that jumps. */
function movedAnnotation(log: Log, each: Annotation, jumps: readonly ClockJump[], moves: ReadonlyMap<number, Move[]>): Annotation {
  const group = each.group ?? (jumps[0] as ClockJump).group
  const time = each.time === null ? null : each.time + shiftOfTime(each.time, group, jumps, moves)
  const tick = each.tick === null ? null : movedTick(log, group, each.tick, jumps, moves)
  return { ...each, time, tick }
}

function movedTick(
  log: Log,
  group: number,
  tick: number | bigint,
  jumps: readonly ClockJump[],
  moves: ReadonlyMap<number, Move[]>,
): number | bigint {
  const own = log.groups[group]
  if (own === undefined || own.time.kind === "fixed") return tick
  return shifted(log, group, tick, shiftOfTime(seconds(own, tick, 0), group, jumps, moves))
}

/** How far what was stamped with a time is moved: as the rows before the first jump that leads away from it. */
function shiftOfTime(time: number, group: number, jumps: readonly ClockJump[], moves: ReadonlyMap<number, Move[]>): number {
  const before = jumps.filter((jump) => jump.group === group)
  // Half of a jump belongs to either side: nothing was stamped in it.
  const k = before.findIndex((jump) => (jump.step > 0 ? time < jump.time - jump.step / 2 : time > jump.time - jump.step / 2))
  return k < 0 ? 0 : (moves.get(group)?.[k]?.shift ?? 0)
}

function usualOf(jumps: readonly ClockJump[]): number {
  // A group that jumps at its second row has not shown its pace yet.
  return Math.min(...jumps.map(({ usual }) => (usual === 0 ? Number.POSITIVE_INFINITY : usual)))
}

function shiftAt(moves: readonly Move[], row: number): number {
  let shift = 0
  for (const move of moves) if (move.row <= row) shift = move.shift
  return shift
}

function shifted(log: Log, group: number, tick: number | bigint, shift: number): number | bigint {
  const time = log.groups[group]?.time
  const ticks = time?.kind === "stamped" ? Math.round(shift / time.tick) : 0
  return typeof tick === "bigint" ? tick + BigInt(ticks) : tick + ticks
}

function moveChunk(log: Log, chunk: Chunk, moves: readonly Move[]): Chunk {
  const { ticks } = chunk
  if (moves.length === 0 || ticks === null) return chunk
  const moved = ticks.slice() as Ticks
  for (let i = 0; i < chunk.rows; i++) {
    moved[i] = shifted(log, chunk.group, ticks[i] as number | bigint, shiftAt(moves, chunk.first + i)) as never
  }
  return { ...chunk, ticks: moved }
}

function jumpText(log: Log, { group, row, step, usual }: ClockJump): string {
  const direction = step < 0 ? "back" : "ahead"
  return `the clock of ${log.groups[group]?.name ?? ""} was set ${direction} by ${Math.abs(step - usual).toFixed(3)} s at row ${row}`
}

function issueOf(log: Log, jump: ClockJump): Issue {
  const text = `${jumpText(log, jump)}; earlier rows were moved to the time after it`
  return issue("clock-jump", "note", text, { group: log.groups[jump.group]?.name ?? null })
}
