import type { Clock } from "../../shared/card/bus.js"
import type { Encoder, Row } from "../../shared/encoder.js"
import { WIDTHS } from "./generated/plan.js"
import type { Source } from "./source.js"
import type { Status } from "./status.js"

/** One group on its way from sensor to sector. */
interface Task {
  source: Source
  row: Row
  values: number[]
}

/**
 * Starts one fiber for each rate; groups of one rate share their ticks.
 * @param periods ms between two rows of each group; 0 for a group that is off
 * @param start time of tick 0
 */
export async function startSamplers(
  sources: Source[],
  periods: number[],
  encoder: Encoder,
  status: Status,
  clock: Clock,
  start: number,
): Promise<void> {
  for (let i = 0; i < periods.length; i++) {
    if (periods[i] === 0 || periods.indexOf(periods[i] as number) !== i) continue
    const tasks: Task[] = []
    for (let k = i; k < periods.length; k++) {
      if (periods[k] !== periods[i]) continue
      const values: number[] = []
      for (let n = 0; n < (WIDTHS[k] as number); n++) values.push(0)
      tasks.push({ source: sources[k] as Source, row: encoder.rows[k] as Row, values })
    }
    sample.start(tasks, periods[i] as number, encoder, status, clock, start)
  }
  for (let i = 0; i < sources.length; i++) {
    try {
      await (sources[i] as Source).start()
    } catch (_error) {
      // The sensor is not there. Its rows are counted as dropped until it answers.
    }
  }
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
    for (let i = 0; i < n; i++) {
      const task = tasks[i] as Task
      const row = task.row
      if (!task.source.read(task.values, now)) status.dropped = status.dropped + 1
      else if (row.sector.at > row.last && !encoder.turn(row.sector, now)) status.dropped = status.dropped + 1
      else row.put(row.sector, tick, task.values)
    }
    due = due + period
    const behind = now + start - due
    if (behind >= period) {
      const missed = Math.floor(behind / period)
      status.dropped = status.dropped + missed * n
      due = due + missed * period
    }
  }
}
