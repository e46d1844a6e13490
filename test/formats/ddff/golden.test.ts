import { describe, expect, test } from "vitest"
import { countRecords, expectedRow, goldenBytes, goldenCases, goldenExpected, readRows, salvageExpected } from "./golden.js"

const salvage = salvageExpected()

describe("golden ddff files", () => {
  for (const name of goldenCases()) {
    if (name === "empty_file") continue
    test(`${name}: rows are those of the reference reader`, async () => {
      const expected = goldenExpected(name)
      const { rows, log } = await readRows(goldenBytes(name))
      for (const [id, found] of rows) {
        const reference = expected.base.streams?.[id]
        if (reference === undefined || reference.error !== undefined || reference.records === undefined) continue
        if (reference.count < found.length) continue
        const wanted = reference.records.map((record) => expectedRow(log, id, record))
        expect(found).toEqual(wanted)
      }
    })

    test(`${name}: no fewer records than an independent salvage`, async () => {
      const found = await countRecords(goldenBytes(name))
      for (const [id, count] of Object.entries(salvage[name]?.records ?? {})) {
        expect(found.get(Number(id)) ?? 0, `stream ${id}`).toBeGreaterThanOrEqual(count)
      }
    })
  }
})
