import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { btsfDeviceHeader } from "../../../host/formats/btsf/device.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { writeBtsf } from "../../../host/formats/btsf/write.js"
import { cases, MemoryOutput, memoryLog } from "../../conformance/cases.js"
import { needsPeers } from "../../needs.js"
import { peer } from "../../peers/python.js"
import { allRows, type Cell } from "./rows-of.js"

/** What the reference says of a file. */
interface Read {
  readonly metrics: readonly (readonly [string, string, string])[]
  readonly rows: readonly (readonly Cell[])[]
}

async function readByReference(files: readonly Uint8Array[]): Promise<Read[]> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-btsf-"))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const paths = files.map((bytes, i) => {
    const path = join(folder, `${i}.btsf`)
    writeFileSync(path, bytes)
    return path
  })
  return (await peer("read_btsf.py", paths)) as Read[]
}

describe("the btsf package", needsPeers(), () => {
  test("reads every file that we write, value for value", { timeout: 60_000 }, async () => {
    const files: Uint8Array[] = []
    for (const data of Object.values(cases)) {
      const output = new MemoryOutput("run.btsf")
      await writeBtsf(memoryLog(data), output, {})
      for (const name of output.files.keys()) files.push(output.bytes(name))
    }
    for (const [i, { metrics, rows }] of (await readByReference(files)).entries()) {
      const log = await openBtsf(memorySource(files[i] as Uint8Array))
      expect(metrics.map(([name, unit]) => [name, unit])).toEqual(log.groups[0]?.channels.map(({ name, unit }) => [name, unit]))
      expect(rows).toEqual(await allRows(log))
    }
  })

  test("reads what the board writes behind the header that the laptop made", async () => {
    const { bytes, structSize, fields } = btsfDeviceHeader([
      { identifier: "time", code: "L", unit: "ms", isTime: true },
      { identifier: "ax", code: "h", unit: "g" },
      { identifier: "temperature", code: "f", unit: "degC" },
    ])
    const rows = Buffer.alloc(structSize * 3)
    for (let i = 0; i < 3; i++) {
      rows.writeUInt32LE(4_000_000_000 + i, i * structSize + (fields[0]?.at ?? 0))
      rows.writeInt16LE(i - 5, i * structSize + (fields[1]?.at ?? 0))
      rows.writeFloatLE(21.25 + i, i * structSize + (fields[2]?.at ?? 0))
    }
    const [read] = await readByReference([new Uint8Array(Buffer.concat([bytes, rows]))])
    expect(read?.metrics).toEqual([
      ["time", "ms", "L"],
      ["ax", "g", "h"],
      ["temperature", "degC", "f"],
    ])
    expect(read?.rows).toEqual([0, 1, 2].map((i) => [4_000_000_000 + i, i - 5, 21.25 + i]))
  })
})
