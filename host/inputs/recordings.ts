import { basename } from "node:path"
import { LogError } from "../model/errors.js"
import { extent } from "../model/extent.js"
import type { Group, Log, Survey } from "../model/log.js"
import type { Opening } from "../registry/open.js"
import { computed } from "../sensors/computed.js"
import { isSameGroup, recordingLog } from "../views/recording.js"
import { type Input, type OpenInput, openInput } from "./input.js"

/** One log that was found, or the files of one recording. It may be open already. */
export interface Recording {
  /** As the user would write it; `card.img:/LOG00001.MET to LOG00003.MET`. */
  readonly label: string
  /** Its files: one, or those that are read one behind the other. */
  readonly files: number
  /** Opens it; at most once. @throws LogError */
  open(): Promise<OpenInput>
}

/**
 * A file that a logger made, `LOG00012.MET`, or one that such a file was converted into, `LOG00012.btsf`. The logger goes on in the file of the next number when one is full or old, when the card was
 * out, and after a restart (docs/logger.md).
 */
const NUMBERED = /^LOG(\d{5})\.(\w+)$/i
/** A restart takes a board a few seconds, and its clock may count whole ones. A logger that is switched on later begins another recording. */
const RESTART_S = 60

/**
 * The recordings among the logs that names mean, in the order of the logs; numbered files of a folder in the order of their numbers. Two files
 * that follow one another in a folder are one recording if
 * - both are numbered, of one format, and have the same groups, channels and logger's name, and
 * - the rows of the second are not earlier than those of the first. When both count from one start, or neither knows its start, the
 *   logger went on counting: one that is switched on again begins at 0. With a start of its own, the second begins within a minute.
 * @param join false: every file by itself
 */
export async function* recordingsAmong(inputs: readonly Input[], opening: Opening, join = true): AsyncGenerator<Recording> {
  let run: Member[] = []
  try {
    const ordered = join ? inOrder(inputs) : inputs
    for (const [i, input] of ordered.entries()) {
      const before = ordered[i - 1]
      const after = ordered[i + 1]
      const hasNeighbour = join && ((before !== undefined && isNext(before, input)) || (after !== undefined && isNext(input, after)))
      const member = hasNeighbour ? await opened(input, opening) : null
      if (member !== null && before !== undefined && isNext(before, input) && (await goesOn(run, member))) {
        run.push(member)
        continue
      }
      const [done, rest] = [run, member === null ? [] : [member]]
      run = rest
      if (done.length > 0) yield* handedOver(done)
      if (member === null) yield { label: input.label, files: 1, open: () => openInput(input, opening) }
    }
    const last = run
    run = []
    if (last.length > 0) yield* handedOver(last)
  } finally {
    await closeAll(run)
  }
}

/** A file that has been opened. */
interface Member {
  readonly input: Input
  readonly open: OpenInput
  survey: Survey | null
}

/** Null for a log that cannot be opened: it is a recording of its own, whose opening says why. */
async function opened(input: Input, opening: Opening): Promise<Member | null> {
  try {
    return { input, open: await openInput(input, opening), survey: null }
  } catch (error) {
    if (error instanceof LogError) return null
    throw error
  }
}

/** Gives a recording to the caller, and closes its files if the caller does not open it. */
async function* handedOver(run: readonly Member[]): AsyncGenerator<Recording> {
  let isTaken = false
  const label = labelOf(run)
  try {
    yield {
      label,
      files: run.length,
      open: async () => {
        isTaken = true
        return asOne(run, label)
      },
    }
  } finally {
    if (!isTaken) await closeAll(run)
  }
}

async function closeAll(run: readonly Member[]): Promise<void> {
  for (const { open } of run) await open.close()
}

function labelOf(run: readonly Member[]): string {
  const [first, last] = [run[0] as Member, run.at(-1) as Member]
  return run.length === 1 ? first.input.label : `${first.input.label} to ${basename(last.input.label)}`
}

/** The opened files of a recording as one input. */
function asOne(run: readonly Member[], label: string): OpenInput {
  const [{ input, open: first }, ...more] = run as readonly [Member, ...Member[]]
  if (more.length === 0) return first
  const pieces = run.map(({ input: own, open, survey }) => {
    return { log: open.stored, survey: survey as Survey, file: basename(own.label), bytes: open.size ?? 0 }
  })
  const stored = recordingLog(pieces)
  return {
    ...first,
    input: { ...input, label },
    stored,
    log: computed(stored),
    // What grows is the last file.
    source: (run.at(-1) as Member).open.source,
    size: pieces.reduce((sum, { bytes }) => sum + bytes, 0),
    files: run.flatMap(({ open }) => open.files),
    close: () => closeAll(run),
  }
}

/** Numbered files in the order of their numbers, each folder's where its first one stands. */
function inOrder(inputs: readonly Input[]): Input[] {
  const folders = new Map<string, Input[]>()
  for (const [i, input] of inputs.entries()) {
    const key = numberOf(input) === null ? `${i}` : folderOf(input)
    folders.set(key, [...(folders.get(key) ?? []), input])
  }
  return [...folders.values()].flatMap((own) => own.sort((a, b) => (numberOf(a) ?? 0) - (numberOf(b) ?? 0)))
}

function numberOf({ label }: Input): number | null {
  const found = NUMBERED.exec(basename(label))
  return found === null ? null : Number(found[1])
}

function folderOf({ label }: Input): string {
  return label.slice(0, label.length - basename(label).length)
}

/** True if a file may go on where another ends, by their names. */
function isNext(a: Input, b: Input): boolean {
  const [first, second] = [NUMBERED.exec(basename(a.label)), NUMBERED.exec(basename(b.label))]
  if (first === null || second === null || folderOf(a) !== folderOf(b)) return false
  return (first[2] as string).toUpperCase() === (second[2] as string).toUpperCase() && Number(first[1]) < Number(second[1])
}

/** True if a file goes on where the files before it end. */
async function goesOn(run: readonly Member[], next: Member): Promise<boolean> {
  const last = run.at(-1)
  if (last === undefined || last.open.format !== next.open.format) return false
  const [a, b] = [last.open.stored, next.open.stored]
  if (loggerOf(a) !== loggerOf(b) || (a.start === null) !== (b.start === null)) return false
  // Groups are final when the rows have been counted.
  last.survey ??= await a.survey()
  next.survey ??= await b.survey()
  if (!hasSameGroups(a, b)) return false
  const [before, after] = [extent(a.groups, last.survey.groups), extent(b.groups, next.survey.groups)]
  if (before === null || after === null) return a.start === b.start
  const offset = a.start === null || b.start === null ? 0 : Number(b.start - a.start) / 1e9
  const gap = after.from + offset - before.to
  return gap >= 0 && (offset === 0 || gap <= RESTART_S)
}

/** The logger's own name, which stands behind session and number, or behind the number. */
function loggerOf({ name }: Log): string {
  return name.replace(/^(?:[0-9a-f]{8}-|LOG)\d{5}/i, "")
}

/** A file that is short may lack a slow group. Those that both have must be the same, and one of them at least. */
function hasSameGroups(a: Log, b: Log): boolean {
  const pairs = a.groups.flatMap((group) =>
    b.groups.filter((other) => isSameGroup(group, a, other, b)).map((other) => [group, other] as const),
  )
  const isStamped = ({ time }: Group) => time.kind === "stamped" && time.tick > 0
  const isKnown = [...a.groups, ...b.groups].every(isStamped)
  return isKnown && pairs.length > 0 && pairs.every(([own, other]) => shapeOf(own) === shapeOf(other))
}

function shapeOf({ time, channels, id }: Group): string {
  return JSON.stringify([time, id, channels.map(({ name, unit, type, calibration }) => [name, unit, type, calibration])])
}
