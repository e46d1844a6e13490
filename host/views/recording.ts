import { durationOf, endTimes, NO_ROWS } from "../model/extent.js"
import { issue } from "../model/issues.js"
import type { Annotation, Chunk, Group, GroupSurvey, Issue, Log, Selection, Survey, UtcPoint } from "../model/log.js"
import { given } from "../model/options.js"
import { shiftedTick, shiftedTicks } from "./join.js"

/** One file of a recording. */
interface Piece {
  readonly log: Log
  readonly survey: Survey
  /** For messages. */
  readonly file: string
  /** Of the file; 0 when unknown. */
  readonly bytes: number
}

/**
 * The files of one recording as one log, one behind the other: groups of one name are one group. The first file gives name, start and
 * format; a note says which files they are. The files must have been surveyed, and have no rows before those of the file before.
 * @param pieces in the order of time, at least one; their groups are stamped
 */
export function recordingLog(pieces: readonly Piece[]): Log {
  return new Recording(pieces)
}

/** A piece in the whole. */
interface Part extends Piece {
  /** Seconds from the whole's start to the piece's. */
  readonly offset: number
  /** Group by group of the piece: its index in the whole. */
  readonly places: readonly number[]
  /** Bytes of the pieces before. */
  readonly base: number
}

class Recording implements Log {
  readonly format: Log["format"]
  readonly variant: string
  readonly name: string
  readonly start: bigint | null
  readonly groups: readonly Group[]
  private readonly parts: readonly Part[]
  private readonly how: Issue

  constructor(pieces: readonly Piece[]) {
    const [first] = pieces as readonly [Piece]
    this.format = first.log.format
    this.variant = first.log.variant
    this.name = first.log.name
    this.start = first.log.start
    const groups: Group[] = []
    let base = 0
    this.parts = pieces.map((piece) => {
      const { log } = piece
      const places = log.groups.map((group) => {
        const known = groups.findIndex((other) => isSameGroup(other, first.log, group, log))
        return known >= 0 ? known : groups.push(group) - 1
      })
      const part = { ...piece, offset: log.start === null || this.start === null ? 0 : Number(log.start - this.start) / 1e9, places, base }
      base += piece.bytes
      return part
    })
    this.groups = groups
    this.how = issue("joined", "note", `${pieces.length} files are read as one recording: ${pieces.map(({ file }) => file).join(", ")}`)
  }

  get issues(): readonly Issue[] {
    return [this.how, ...this.parts.flatMap(({ log, file }) => log.issues.map((found) => ({ file, ...found })))]
  }

  get annotations(): readonly Annotation[] {
    return this.parts.flatMap(({ log, offset, places }) =>
      log.annotations.map((annotation) => {
        const { group, time, tick } = annotation
        return {
          ...annotation,
          group: group === null ? null : (places[group] as number),
          time: time === null ? null : time + offset,
          tick: group === null ? tick : shiftedTick(tick, (log.groups[group] as Group).time, offset),
        }
      }),
    )
  }

  get utc(): readonly UtcPoint[] {
    return this.parts.flatMap(({ log, offset, places }) =>
      log.utc.map(({ group, tick, utc }) => ({
        group: places[group] as number,
        tick: shiftedTick(tick, (log.groups[group] as Group).time, offset) as bigint,
        utc,
      })),
    )
  }

  get userData(): Log["userData"] {
    return this.parts.flatMap(({ log }) => log.userData)
  }

  async survey(): Promise<Survey> {
    const found: GroupSurvey[] = this.groups.map(() => NO_ROWS)
    for (const { log, survey, offset, places } of this.parts) {
      for (const [g, own] of survey.groups.entries()) {
        const place = places[g] as number
        const before = found[place] as GroupSurvey
        if (own.rows === 0) continue
        const { time } = log.groups[g] as Group
        const first = before.rows === 0 ? shiftedTick(own.first, time, offset) : before.first
        found[place] = { rows: before.rows + own.rows, first, last: shiftedTick(own.last, time, offset) }
      }
    }
    return { groups: found, duration: durationOf(this.groups, found) }
  }

  async *chunks({ start, end, groups, progress, follow, ...rest }: Selection = {}): AsyncGenerator<Chunk> {
    const rows = this.groups.map(() => 0)
    let window = 0
    for (const [p, part] of this.parts.entries()) {
      const { log, survey, offset, places, base } = part
      const isLast = p === this.parts.length - 1
      if (liesIn(part, start, end) || (isLast && follow !== undefined)) {
        const own: Selection = {
          ...rest,
          ...given({
            groups: groups === undefined ? undefined : [...places.keys()].filter((g) => groups.includes(places[g] as number)),
            start: start === undefined ? undefined : start - offset,
            end: end === undefined ? undefined : end - offset,
            progress: progress === undefined ? undefined : (bytes: number) => progress(base + bytes),
            follow: isLast ? follow : undefined,
          }),
        }
        let latest = -1
        for await (const chunk of log.chunks(own)) {
          latest = Math.max(latest, chunk.window)
          yield this.placed(chunk, part, rows, window)
        }
        window += latest + 1
      }
      for (const [g, found] of survey.groups.entries()) rows[places[g] as number] = (rows[places[g] as number] as number) + found.rows
    }
  }

  private placed(chunk: Chunk, { log, offset, places, base }: Part, rows: readonly number[], window: number): Chunk {
    const group = places[chunk.group] as number
    return {
      ...chunk,
      group,
      first: chunk.first + (rows[group] as number),
      window: chunk.window + window,
      ticks: shiftedTicks(chunk.ticks, (log.groups[chunk.group] as Group).time, offset),
      order: chunk.order === null || base === 0 ? chunk.order : chunk.order.map((at) => at + base),
    }
  }

  async close(): Promise<void> {
    for (const { log } of this.parts) await log.close()
  }
}

/** A format that names its one group after the file has another name for it in each file. */
export function isSameGroup(a: Group, ofA: Log, b: Group, ofB: Log): boolean {
  return a.name === b.name || (a.name === ofA.name && b.name === ofB.name)
}

/** False when no row of a piece lies in a range of the whole. */
function liesIn({ log, survey, offset }: Part, start = Number.NEGATIVE_INFINITY, end = Number.POSITIVE_INFINITY): boolean {
  if (start === Number.NEGATIVE_INFINITY && end === Number.POSITIVE_INFINITY) return true
  return log.groups.some((group, g) => {
    const ends = endTimes(group, survey.groups[g] ?? NO_ROWS)
    if (ends === null) return false
    // A clock that went back inside the file leaves its extent unknown.
    return ends.last < ends.first || (ends.last + offset >= start && ends.first + offset < end)
  })
}
