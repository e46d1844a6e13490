import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { openForAppend } from "../../../host/formats/btsf/append.js"
import { checkBtsf } from "../../../host/formats/btsf/check.js"
import { composeHeader, type NewMetric } from "../../../host/formats/btsf/compose.js"
import { encodeRow } from "../../../host/formats/btsf/encode.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { repairBtsf } from "../../../host/formats/btsf/recover.js"
import { LogError } from "../../../host/model/errors.js"
import { MemoryOutput } from "../../conformance/memory.js"
import { Random } from "../../generate/random.js"
import { allRows } from "./rows-of.js"

const TIMED: NewMetric[] = [
  { identifier: "time", code: "d", isTime: true },
  { identifier: "power", code: "f" },
  { identifier: "counter", code: "Q" },
  { identifier: "flags", code: "B" },
]
/** No padding, no time. */
const BARE: NewMetric[] = [
  { identifier: "a", code: "f" },
  { identifier: "b", code: "l" },
]

/** Rows as a logger writes them, each value known from its number. */
function fileOf(metrics: NewMetric[], rows: number): { bytes: Uint8Array; dataOffset: number; size: number; values: number[][] } {
  const header = composeHeader({ metrics })
  const bytes = new Uint8Array(header.bytes.length + rows * header.structSize)
  bytes.set(header.bytes)
  const view = new DataView(bytes.buffer)
  const values = Array.from({ length: rows }, (_, i) =>
    metrics === BARE ? [20.5 + (i % 7), i * 3] : [1000 + i * 0.1, i % 9, i * 5, i % 2],
  )
  for (const [i, row] of values.entries()) encodeRow(header.row, row, view, header.bytes.length + i * header.structSize)
  return { bytes, dataOffset: header.bytes.length, size: header.structSize, values }
}

/** The file with `cut` bytes missing from the end of row `row`: what a writer leaves that appended behind a torn row. */
function withStub(bytes: Uint8Array, dataOffset: number, size: number, row: number, cut: number): Uint8Array {
  const end = dataOffset + (row + 1) * size
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, end - cut), bytes.subarray(end)]))
}

async function numbers(bytes: Uint8Array): Promise<{ rows: number[][]; kinds: string[] }> {
  const log = await openBtsf(memorySource(bytes))
  const rows = (await allRows(log)).map((row) => row.map((cell) => (typeof cell === "number" ? cell : Number(Object.values(cell)[0]))))
  return { rows, kinds: log.issues.map(({ kind }) => kind) }
}

describe("rows behind a stub", () => {
  test("are found for every length of the stub", async () => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 120)
    for (let cut = 1; cut < size; cut++) {
      const { rows, kinds } = await numbers(withStub(bytes, dataOffset, size, 60, cut))
      const expected = values.filter((_, i) => i !== 60)
      expect([cut, kinds]).toEqual([cut, ["shifted"]])
      expect([cut, rows]).toEqual([cut, expected])
    }
  })

  test("are found in files with neither time nor padding", async () => {
    const { bytes, dataOffset, size, values } = fileOf(BARE, 400)
    for (let cut = 1; cut < size; cut++) {
      const { rows, kinds } = await numbers(withStub(bytes, dataOffset, size, 200, cut))
      expect([cut, kinds]).toEqual([cut, ["shifted"]])
      // Where the cut leaves whole fields, a row more or less beside the stub is a matter of taste; the others are right.
      expect([cut, rows.slice(0, 195)]).toEqual([cut, values.slice(0, 195)])
      expect([cut, rows.slice(-195)]).toEqual([cut, values.slice(-195)])
    }
  })

  test("are found behind several stubs that add up to a row", async () => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 300)
    const once = withStub(bytes, dataOffset, size, 200, 10)
    const twice = withStub(once, dataOffset, size, 100, size - 10)
    expect((twice.length - dataOffset) % size).toBe(0)
    const { rows, kinds } = await numbers(twice)
    expect(kinds).toEqual(["shifted", "shifted"])
    expect(rows).toEqual(values.filter((_, i) => i !== 100 && i !== 200))
  })

  test("are counted by the survey as well", async () => {
    const { bytes, dataOffset, size } = fileOf(TIMED, 120)
    const log = await openBtsf(memorySource(withStub(bytes, dataOffset, size, 60, 7)))
    expect((await log.survey()).groups[0]?.rows).toBe(119)
  })

  test("are put in order by repair", async () => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 120)
    const output = new MemoryOutput()
    const rescue = await repairBtsf(memorySource(withStub(bytes, dataOffset, size, 60, 7)), output)
    expect(rescue).toMatchObject({ rows: 119, holes: [{ kind: "shifted", length: size - 7 }] })
    const repaired = await numbers(output.bytes())
    expect(repaired).toEqual({ rows: values.filter((_, i) => i !== 60), kinds: [] })
  })

  test("are not looked for in a file whose time jumps about", async () => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 3000)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < values.length; i++) {
      const time = (i * 7919) % 1000
      view.setFloat64(dataOffset + i * size, time, true)
      ;(values[i] as number[])[0] = time
    }
    const { rows, kinds } = await numbers(bytes)
    expect(rows.length).toBe(3000)
    expect(rows.slice(0, 100)).toEqual(values.slice(0, 100))
    expect(new Set(kinds)).toEqual(new Set(["clock-step", "more-issues"]))
  })
})

/** Bytes without any order. */
function noise(length: number, seed: number): Uint8Array {
  return new Random(seed).bytes(length)
}

function inserted(bytes: Uint8Array, at: number, between: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, at), between, bytes.subarray(at)]))
}

describe("bytes that are no rows", () => {
  test.each([1, 387, 800, 4096, 3_000_000])("%i of them between the rows cost at most the row that they hit", async (length) => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 900)
    for (const row of [1, 2, 5, 400]) {
      const { rows, kinds } = await numbers(inserted(bytes, dataOffset + row * size + 5, noise(length, row)))
      const told = kinds.filter((kind) => kind !== "clock-step")
      expect([row, told]).toEqual([row, [expect.stringMatching(length < size ? /shifted|gap/ : /gap/)]])
      const whole = new Set(values.map(String))
      // Of the row that was hit the better part may stand, with other low digits.
      expect(rows.filter((each) => !whole.has(String(each))).length).toBeLessThanOrEqual(1)
      expect(rows.length).toBeGreaterThanOrEqual(values.length - 1)
    }
  })

  test("do not hide rows behind them whose clock began anew", async () => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 300)
    const rows = bytes.subarray(dataOffset)
    const twice = Uint8Array.from(Buffer.concat([bytes, noise(40 * size + 3, 5), rows]))
    const read = await numbers(twice)
    expect(read.rows).toEqual([...values, ...values])
    expect(read.kinds.filter((kind) => kind !== "clock-step")).toEqual(["gap"])
  })

  test("at the end are left out, the end is called a guess, and nothing is appended behind them", async () => {
    const { bytes, values } = fileOf(TIMED, 100)
    const hurt = inserted(bytes, bytes.length, noise(2400, 1))
    const { rows, kinds } = await numbers(hurt)
    expect({ rows, kinds }).toEqual({ rows: values, kinds: ["gap"] })
    const folder = mkdtempSync(join(tmpdir(), "fieldlog-btsf-"))
    try {
      const path = join(folder, "hurt.btsf")
      writeFileSync(path, hurt)
      await expect(openForAppend(path)).rejects.toThrow("the end is damaged")
      expect(readFileSync(path).equals(hurt)).toBe(true)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test("are told of where nothing can decide", async () => {
    const { bytes, dataOffset, size } = fileOf(BARE, 100)
    const view = new DataView(bytes.buffer)
    for (let i = 60; i < 100; i++) view.setFloat32(dataOffset + i * size, 1e20 * (i % 3), true)
    const { rows, kinds } = await numbers(bytes.slice(0, -1))
    expect({ rows: rows.length, kinds }).toEqual({ rows: 99, kinds: ["doubtful", "truncated"] })
  })

  test("a sector of zeros is a gap, and its rows are not counted", async () => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 300)
    bytes.fill(0, dataOffset + 100 * size, dataOffset + 120 * size)
    const { rows, kinds } = await numbers(bytes)
    expect(rows).toEqual(values.filter((_, i) => i < 100 || i >= 120))
    expect(kinds).toEqual(["gap"])
    expect((await (await openBtsf(memorySource(bytes))).survey()).groups[0]?.rows).toBe(280)
  })
})

describe("recover makes a damaged header anew", () => {
  /** What `recover` saves of a file, read again. */
  const saved = async (bytes: Uint8Array) => {
    const output = new MemoryOutput()
    const { holes } = await repairBtsf(memorySource(bytes), output)
    return { ...(await numbers(output.bytes())), holes: holes.map(({ kind }) => kind) }
  }

  test("with any byte of the head of its sections or of its text hurt", async () => {
    const { bytes, values } = fileOf(TIMED, 100)
    const text = Buffer.from(bytes).toString("latin1")
    for (const at of [3, 32, 40, 45, text.indexOf('"metrics"') - 1, text.indexOf('"type": "f"') + 6, text.indexOf('"struct_size"') - 2]) {
      const hurt = bytes.slice()
      hurt[at] = (hurt[at] as number) ^ 0x10
      const { rows, holes } = await saved(hurt)
      expect([at, rows.length]).toEqual([at, 100])
      expect([at, rows]).toEqual([at, values])
      expect(holes).toEqual(["header"])
    }
  })

  test("with the wrong one of the two places that name the row's length", async () => {
    const { bytes, values } = fileOf(TIMED, 100)
    const hurt = bytes.slice()
    hurt[Buffer.from(bytes).toString("latin1").indexOf('"struct_size": ') + 15] = 0x33
    const { rows, holes } = await saved(hurt)
    expect({ rows, holes }).toEqual({ rows: values, holes: ["header"] })
  })

  test("with its first sector unreadable, when the rest still names the types", async () => {
    const { bytes, values } = fileOf(
      TIMED.map((metric) => ({ ...metric, description: "what the logger's manual says of it" })),
      100,
    )
    const hurt = bytes.slice()
    hurt.fill(0, 0, 512)
    const { rows, holes } = await saved(hurt)
    expect({ rows: rows.length, holes }).toEqual({ rows: 100, holes: ["header"] })
    expect(rows.map((row) => row[1])).toEqual(values.map((row) => row[1]))
  })

  /** A file with an annotation and 256 spare bytes behind it. */
  const annotated = () => {
    const payload = new TextEncoder().encode('{"annotations": [{"t": 1001, "text": "gear 2"}]}')
    const sections = [{ type: 2, payload, followupSize: 256 + (-payload.length & 7) }]
    const { bytes } = composeHeader({ metrics: TIMED, sections })
    const { bytes: plain, dataOffset, values } = fileOf(TIMED, 100)
    const whole = new Uint8Array(Buffer.concat([bytes, plain.subarray(dataOffset)]))
    return { whole, values, text: Buffer.from(whole).toString("latin1") }
  }

  test("and keeps its annotations: the spare bytes behind them are no rows", async () => {
    const { whole, values, text } = annotated()
    whole[text.indexOf('"metrics"')] = 0x21
    const output = new MemoryOutput()
    await repairBtsf(memorySource(whole), output)
    const log = await openBtsf(memorySource(output.bytes()))
    expect(log.annotations.map((each) => each.text)).toEqual(["gear 2"])
    expect((await numbers(output.bytes())).rows).toEqual(values)
  })

  test("where a section's wrong size leads past rows, which is told", async () => {
    const { whole, values, text } = annotated()
    const head = text.indexOf('{"annotations"') - 16
    // Behind 960 bytes more of followup stand 16 bytes that pass for an end section.
    new DataView(whole.buffer).setUint32(head + 12, new DataView(whole.buffer).getUint32(head + 12, true) + 960, true)
    whole.fill(0, text.indexOf('{"annotations"') + 48 + 256 + 960, text.indexOf('{"annotations"') + 48 + 256 + 976)
    expect((await openBtsf(memorySource(whole))).issues.map(({ kind, severity }) => [kind, severity])).toEqual([["spare-bytes", "error"]])
    const { rows, holes } = await saved(whole)
    expect(holes).toContain("header")
    expect(rows.filter((row) => values.some((each) => each.join() === row.join())).length).toBeGreaterThanOrEqual(98)
  })

  test("with one letter of a key hurt, which every reader takes for the key", async () => {
    const { bytes, values } = fileOf(
      TIMED.map((metric) => ({ ...metric, unit: metric.isTime ? "ms" : "" })),
      100,
    )
    bytes[Buffer.from(bytes).toString("latin1").indexOf('"unit"') + 4] = 0x75
    const log = await openBtsf(memorySource(bytes))
    expect(log.groups[0]?.time).toEqual({ kind: "stamped", tick: 0.001 })
    expect(log.issues.map(({ kind }) => kind)).toEqual(["metric-key"])
    const output = new MemoryOutput()
    await repairBtsf(memorySource(bytes), output)
    expect((await openBtsf(memorySource(output.bytes()))).issues).toEqual([])
    expect((await numbers(output.bytes())).rows).toEqual(values)
  })

  test("but not where no piece of it says what the rows are", async () => {
    const { bytes, dataOffset } = fileOf(TIMED, 100)
    const hurt = bytes.slice()
    hurt.fill(0, 0, dataOffset)
    await expect(saved(hurt)).rejects.toThrow("no piece of the header says how rows are laid out")
  })
})

describe("sound rows stay, all of them", () => {
  const set = async (times: (i: number) => number) => {
    const { bytes, dataOffset, size, values } = fileOf(TIMED, 1000)
    const view = new DataView(bytes.buffer)
    for (let i = 0; i < 1000; i++) {
      view.setFloat64(dataOffset + i * size, times(i), true)
      ;(values[i] as number[])[0] = times(i)
    }
    const { rows, kinds } = await numbers(bytes)
    expect(rows).toEqual(values)
    return kinds
  }

  test("where a clock steps back", async () => {
    expect(await set((i) => (i < 500 ? 5000 + i : i - 500))).toEqual(["clock-step"])
  })

  test("where a clock steps ahead, or the rate changes", async () => {
    expect(await set((i) => (i < 500 ? i * 0.001 : 1e7 + i * 0.001))).toEqual([])
    expect(await set((i) => (i < 500 ? i * 0.001 : 0.5 + (i - 500) * 3600))).toEqual([])
    expect(await set((i) => (i < 500 ? i * 60 : 30_000 + i * 0.001))).toEqual([])
  })

  test("where single stamps are odd, times repeat, or a burst stands between pauses", async () => {
    expect(await set((i) => (i % 100 === 50 ? 1e9 : i))).toContain("clock-step")
    expect(await set((i) => Math.floor(i / 5))).toEqual([])
    expect(await set((i) => Math.floor(i / 50) * 86_400 + (i % 50) * 0.001)).toEqual([])
  })
})

test("a file cut at any byte gives its whole rows, or says that its header is cut", async () => {
  for (const metrics of [TIMED, BARE]) {
    const { bytes, dataOffset, size, values } = fileOf(metrics, 6)
    for (let length = 0; length < bytes.length; length++) {
      const part = bytes.slice(0, length)
      if (length < dataOffset) {
        await expect(openBtsf(memorySource(part))).rejects.toThrow(LogError)
        continue
      }
      const whole = Math.floor((length - dataOffset) / size)
      const { rows, kinds } = await numbers(part)
      expect([length, rows]).toEqual([length, values.slice(0, whole)])
      // Zeros of the last row that are cut off cannot be told from padding that was never written.
      if ((length - dataOffset) % size !== 0)
        expect([length, kinds.every((kind) => kind === "truncated" || kind === "preallocated")]).toEqual([length, true])
    }
  }
})

test("repair of a damaged golden file gives a file that check finds nothing in", async () => {
  for (const name of ["truncated_row", "preallocated_tail", "format_mismatch"]) {
    const source = memorySource(new Uint8Array(readFileSync(`test/golden/btsf/${name}/file.btsf`)))
    const output = new MemoryOutput()
    const { rows } = await repairBtsf(source, output)
    expect(rows).toBe(name === "truncated_row" ? 5 : 6)
    const findings = []
    for await (const finding of checkBtsf(memorySource(output.bytes()))) if (finding.severity !== "note") findings.push(finding)
    expect(findings).toEqual([])
  }
})

test("check names the rules that a file breaks", async () => {
  const rules = async (name: string) => {
    const found: string[] = []
    for await (const { rule } of checkBtsf(memorySource(new Uint8Array(readFileSync(`test/golden/btsf/${name}/file.btsf`)))))
      found.push(rule)
    return [...new Set(found)].filter((rule) => rule !== "clock-step")
  }
  expect(await rules("pad_8")).toEqual([])
  expect(await rules("truncated_row")).toEqual(["truncated"])
  expect(await rules("format_mismatch")).toEqual(["format-mismatch"])
  expect(await rules("duplicate_ids")).toEqual(["duplicate-identifier"])
  expect(await rules("all_types_at")).toEqual(["native-order"])
  expect(await rules("legacy_9b1c0c3")).toContain("old-layout")
})

test("padding that is not zero is reported, and the row is kept", async () => {
  const { bytes, dataOffset, size, values } = fileOf(TIMED, 50)
  bytes[dataOffset + 20 * size + 22] = 4
  const { rows, kinds } = await numbers(bytes)
  expect(rows).toEqual(values)
  expect(kinds).toEqual(["padding"])
})
