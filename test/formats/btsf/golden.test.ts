import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { readHeader } from "../../../host/formats/btsf/head/header.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { LogError } from "../../../host/model/errors.js"
import { allRows, type Cell } from "./rows-of.js"

const folder = "test/golden/btsf"
const cases = readdirSync(folder).filter((name) => existsSync(`${folder}/${name}/file.btsf`))

/** Cases where the reference cannot open the file although its rows are clear. */
const READ_NEVERTHELESS = ["format_mismatch"]
/** Cases of which the reference reads no row: the rows that they hold. */
const WHOLE_ROWS: Readonly<Record<string, number>> = { truncated_row: 5, format_mismatch: 6 }
/** The reference takes space allocated ahead for rows of zeros. */
const ZERO_ROWS: Readonly<Record<string, number>> = { preallocated_tail: 10 }

describe.each(cases)("golden %s", (name) => {
  const bytes = new Uint8Array(readFileSync(`${folder}/${name}/file.btsf`))
  const expected = JSON.parse(readFileSync(`${folder}/${name}/expected.json`, "utf8"))

  if (expected.open_error !== undefined && !READ_NEVERTHELESS.includes(name)) {
    test("cannot be opened", async () => {
      await expect(openBtsf(memorySource(bytes))).rejects.toThrow(LogError)
    })
    return
  }

  test("gives the header that the reference reads", async () => {
    const header = await readHeader(memorySource(bytes))
    if (expected.header === undefined) return
    const { master } = header
    expect({
      struct_size: master.structSize,
      byte_order: master.byteOrder,
      pad_to: master.padTo,
      data_offset: header.dataOffset,
      metrics: master.metrics.map(({ identifier, code, name, unit, description, isTime }) => {
        return { identifier, type: code, name, unit, description, is_time: isTime }
      }),
    }).toEqual({ ...expected.header, struct_format: undefined })
    expect(header.sections.map(({ type, payloadSize, followupSize }) => [type, payloadSize, followupSize])).toEqual(
      expected.intro_sections.map((section: Record<string, number>) => [section.type, section.payload_size, section.followup_size]),
    )
    expect(header.masterText).toBe(expected.intro_sections[0].payload_text)
  })

  test("gives the rows that the reference reads, or that it wrote", async () => {
    const log = await openBtsf(memorySource(bytes))
    const rows = await allRows(log)
    if (name in WHOLE_ROWS) {
      expect(rows.length).toBe(WHOLE_ROWS[name])
      return
    }
    const want = (expected.iter?.rows ?? expected.rows) as Cell[][]
    expect(rows).toEqual(want.slice(0, want.length - (ZERO_ROWS[name] ?? 0)))
  })

  test("says what is wrong with it, and nothing else", async () => {
    const log = await openBtsf(memorySource(bytes))
    await log.survey()
    const kinds: Readonly<Record<string, string[]>> = {
      truncated_row: ["truncated"],
      format_mismatch: ["format-mismatch"],
      preallocated_tail: ["preallocated"],
    }
    const issues = log.issues.map((issue) => issue.kind).filter((kind) => kind !== "clock-step")
    expect(issues).toEqual(kinds[name] ?? [])
  })
})
