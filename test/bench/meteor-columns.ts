import { openMeteor } from "../../host/formats/meteor/read.js"
import { fileSource } from "../../host/io/file-source.js"
import { physicalColumn } from "../../host/model/values.js"
import { raceLapSpec } from "../generate/race-lap.js"

/** Reads a race lap to scaled columns, each chunk done with before the next. @returns values delivered */
export async function readScaled(path: string): Promise<number> {
  const source = await fileSource(path)
  const log = await openMeteor(source, { spec: raceLapSpec })
  let values = 0
  for await (const chunk of log.chunks({ reuse: true })) {
    const { channels } = log.groups[chunk.group] as (typeof log.groups)[number]
    for (let c = 0; c < channels.length; c++) {
      const channel = channels[c] as (typeof channels)[number]
      const column = chunk.columns[c] as (typeof chunk.columns)[number]
      const into = column instanceof Float64Array ? column : undefined
      const scaled = physicalColumn(column, channel.calibration, chunk.missing[c] ?? null, into)
      values += scaled?.length ?? 0
    }
  }
  await log.close()
  return values
}
