import type { Log, Selection } from "../../../host/model/log.js"
import { isBig, physical } from "../../../host/model/values.js"

/** One value: stamp in ms, channel name, physical value or null. */
export type Sample = [number, string, number | null]

/** Every value of a log in the order of the file, as the golden files list them. */
export async function samplesOf(log: Log, selection: Selection = {}): Promise<Sample[]> {
  const placed: { at: number; column: number; sample: Sample }[] = []
  for await (const chunk of log.chunks({ ...selection, order: "file" })) {
    const group = log.groups[chunk.group]
    if (group === undefined || chunk.order === null || chunk.ticks === null) throw new Error("a Meteor chunk has ticks and an order")
    for (let row = 0; row < chunk.rows; row++) {
      for (const [c, channel] of group.channels.entries()) {
        const column = chunk.columns[c]
        if (column === undefined) throw new Error("a column for each channel")
        const raw = isBig(column) ? Number(column[row]) : (column[row] as number)
        const value = chunk.missing[c]?.[row] === 1 ? null : physical(raw, channel.calibration)
        placed.push({ at: chunk.order[row] as number, column: c, sample: [Number(chunk.ticks[row]), channel.name, value] })
      }
    }
  }
  placed.sort((a, b) => a.at - b.at || a.column - b.column)
  return placed.map(({ sample }) => sample)
}
