import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { open } from "../../host/actions/open.js"
import { openBtsf } from "../../host/formats/btsf/read.js"
import { fileSource } from "../../host/io/file-source.js"
import type { Log } from "../../host/model/log.js"
import { physicalColumn } from "../../host/model/values.js"
import { endRows } from "../../host/summary/end-rows.js"

const BTSF = ["all_types_be", "pad_4", "one_uint8", "annotations", "empty", "preallocated_tail", "truncated_row", "legacy_3c980b7"]

describe.each(BTSF)("btsf %s", (name) => {
  test.each([1, 3, 5, 100])("gives its %i first and last rows as reading it through does", async (count) => {
    const log = await openBtsf(await fileSource(`test/golden/btsf/${name}/file.btsf`))
    const atOnce = await endRows(log, count)
    expect(atOnce).toEqual(await endRows(withoutEnds(log), count))
    const { rows } = (await log.survey()).groups[0] as { rows: number }
    const numbers = atOnce.flatMap(({ first, last }) => [...first, ...last].map(({ row }) => row))
    expect(numbers).toEqual([...Array(rows).keys()].filter((row) => row < count || row >= rows - count))
    await log.close()
  })
})

test("the ends of a btsf file are read without what lies between", async () => {
  const source = await fileSource("test/golden/btsf/pad_64/file.btsf")
  const places: number[] = []
  const read = (at: number, length: number, into?: Uint8Array) => {
    places.push(Math.floor((source.size - at) / 64))
    return source.read(at, length, into)
  }
  const log = await openBtsf({ name: "x", size: source.size, read, refresh: () => source.refresh(), close: () => source.close() })
  places.length = 0
  await endRows(log, 1)
  // Eight rows of 64 bytes: only the first and the last row, and the last byte (0), which tells whether space was allocated ahead.
  expect([...new Set(places)].sort()).toEqual([0, 1, 8])
  await log.close()
})

test("calibrated values of every group are given", async () => {
  const spec = JSON.parse(readFileSync("test/golden/meteor/h06-scaling-order/spec.json", "utf8"))
  const log = await open("test/golden/meteor/h06-scaling-order/input.met", { spec })
  const [ends] = await endRows(log, 1)
  const [expected] = await firstValues(log)
  expect(ends?.first[0]?.values).toEqual(expected)
  await log.close()
})

/** The first calibrated value of each channel of the first group, by the way that exports take. */
async function firstValues(log: Log): Promise<unknown[][]> {
  for await (const chunk of log.chunks({ groups: [0] }))
    return [
      log.groups[0]?.channels.map(({ calibration }, c) => physicalColumn(chunk.columns[c] as Float64Array, calibration, null)?.[0]) ?? [],
    ]
  return []
}

/** The same log, which has to be read through. */
function withoutEnds(log: Log): Log {
  return { groups: log.groups, chunks: log.chunks.bind(log) } as unknown as Log
}
