import type { Clock } from "../../shared/card/bus.js"
import type { Encoder, Row } from "../../shared/encoder.js"
import { NAMES, WIDTHS } from "./generated/plan.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** Between two looks at sensors that do not answer, ms. */
const TEND_MS = 1000
/** Missed rows after which a sensor is set up again: it may have lost power, and its settings with it. */
const MISSES = 3

/** One group on its way from sensor to sector. */
export interface Task {
  source: Source
  row: Row
  /** The latest sample. */
  values: number[]
  /** ms between two rows; 0 for a group that is off. */
  period: number
  /** The sensor is set up: until then it is not asked, for what it gives would be no sample. */
  ready: boolean
  /** Rows that the sensor did not give since it was set up. */
  misses: number
}

/** @param sources in the order of the channel list @param periods ms between two rows of each group; 0 for a group that is off */
export function makeTasks(sources: Source[], periods: number[], encoder: Encoder): Task[] {
  const tasks: Task[] = []
  for (let i = 0; i < sources.length; i++) {
    const values: number[] = []
    for (let n = 0; n < (WIDTHS[i] as number); n++) values.push(0)
    const period = periods[i] as number
    tasks.push({ source: sources[i] as Source, row: encoder.rows[i] as Row, values, period, ready: false, misses: 0 })
  }
  return tasks
}

/** Sets the sensors up. @returns one line for each that fails: its rows are counted as dropped until it answers */
export async function startSensors(tasks: Task[]): Promise<string> {
  let faults = ""
  for (let i = 0; i < tasks.length; i++) {
    const task = tasks[i] as Task
    if (task.period === 0) continue
    const fault = await setUp(task)
    if (fault !== "") faults = `${faults}${NAMES[i]}: ${fault}\r\n`
  }
  return faults
}

/** Starts a fiber for each rate, groups of one rate share their ticks, and one that tends the sensors. @param start time of tick 0 */
export function startSamplers(tasks: Task[], encoder: Encoder, status: Status, clock: Clock, start: number): void {
  for (let i = 0; i < tasks.length; i++) {
    const period = (tasks[i] as Task).period
    const same: Task[] = []
    let first = -1
    for (let k = 0; k < tasks.length; k++) {
      if ((tasks[k] as Task).period !== period) continue
      if (first < 0) first = k
      same.push(tasks[k] as Task)
    }
    if (period > 0 && first === i) sample.start(same, period, encoder, status, clock, start)
  }
  tend.start(tasks, clock)
}

/** Samples the groups of one rate at absolute deadlines, for ever. */
async function sample(tasks: Task[], period: number, encoder: Encoder, status: Status, clock: Clock, start: number): Promise<void> {
  const n = tasks.length
  let due = start
  for (;;) {
    const wait = due - clock.now()
    // Late: the others come first all the same, or card and timers would never get their turn.
    await clock.sleep(wait > 1 ? wait : 1)
    const now = clock.now() - start
    const tick = (now << 24) | ((now & 0xff00) << 8) | ((now >> 8) & 0xff00) | (now >>> 24)
    const paused = status.paused
    for (let i = 0; i < n; i++) {
      const task = tasks[i] as Task
      const row = task.row
      const given = task.ready && task.source.read(task.values, now)
      if (!given) task.misses = task.misses + 1
      if (paused) continue
      if (!given || (row.sector.at > row.last && !encoder.turn(row.sector, now))) status.dropped = status.dropped + 1
      else row.put(row.sector, tick, task.values)
    }
    due = due + period
    const behind = now + start - due
    if (behind >= period) {
      const missed = Math.floor(behind / period)
      if (!paused) status.dropped = status.dropped + missed * n
      due = due + missed * period
    }
  }
}

/** Sets sensors up again that do not answer. */
async function tend(tasks: Task[], clock: Clock): Promise<void> {
  for (;;) {
    await clock.sleep(TEND_MS)
    for (let i = 0; i < tasks.length; i++) {
      const task = tasks[i] as Task
      if (task.misses < MISSES) continue
      task.ready = false
      await setUp(task)
    }
  }
}

/** @returns what went wrong, nothing when the sensor is ready */
async function setUp(task: Task): Promise<string> {
  try {
    await task.source.start()
    task.misses = 0
    task.ready = true
    return ""
  } catch (error) {
    task.misses = MISSES
    return (error as Error).message
  }
}
