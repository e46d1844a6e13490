import { existsSync, readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { openBtsf } from "../../../host/formats/btsf/read.js"
import { writeBtsf } from "../../../host/formats/btsf/write.js"
import type { Chunk, Group, Log, Loss } from "../../../host/model/log.js"
import { rowTimes } from "../../../host/model/time.js"
import { physicalColumn } from "../../../host/model/values.js"
import { type Case, cases, MemoryOutput, memoryLog } from "../../conformance/cases.js"
import { allChunks } from "./rows-of.js"

async function written(log: Log, options = {}): Promise<{ losses: Loss[]; logs: Map<string, Log> }> {
  const output = new MemoryOutput("run.btsf")
  const losses = await writeBtsf(log, output, options)
  const logs = new Map<string, Log>()
  for (const name of output.files.keys()) logs.set(name, await openBtsf(memorySource(output.bytes(name), name)))
  return { losses, logs }
}

/** Physical values and times of one group, by channel name. */
async function tableOf(log: Log, g: number): Promise<Record<string, number[]>> {
  const table: Record<string, number[]> = { "": [] }
  for (const chunk of (await allChunks(log)).filter((each: Chunk) => each.group === g)) {
    const group = log.groups[g] as Group
    table[""]?.push(...rowTimes(group, chunk))
    for (const [c, { name, calibration }] of group.channels.entries()) {
      const column = physicalColumn(chunk.columns[c] as Float64Array, calibration, chunk.missing[c] ?? null)
      if (column !== null) table[name] = [...(table[name] ?? []), ...column]
    }
  }
  return table
}

describe.each(Object.entries(cases))("the case %s", (_, data: Case) => {
  test("is written, read back equal, and what is lost is said", async () => {
    const log = memoryLog(data)
    const { losses, logs } = await written(log)
    const names = [...logs.keys()]
    expect(names.length).toBe(data.groups.length)
    for (const [g, group] of log.groups.entries()) {
      const back = logs.get(names[g] as string) as Log
      const expected = await tableOf(log, g)
      const got = await tableOf(back, 0)
      for (const [name, values] of Object.entries(expected)) expect([name, got[name] ?? []]).toEqual([name, values])
      expect(back.start).toBe(data.start ?? null)
      const units = new Map(back.groups[0]?.channels.map(({ name, unit }) => [name, unit]))
      for (const { name, unit, type } of group.channels) {
        if (!["text", "bytes", "mixed"].includes(type)) expect(units.get(name)).toBe(unit)
      }
    }
    expect(losses.map(({ text }) => text)).toMatchSnapshot()
  })
})

test("annotations, user data and start come back", async () => {
  const { logs } = await written(memoryLog(cases.annotations as Case))
  const log = logs.get("run.btsf") as Log
  expect(log.annotations).toEqual([
    { group: null, time: 0.005, tick: 5, kind: "text", text: "here: größe", data: null, y: null },
    { group: null, time: null, tick: null, kind: "user", text: "", data: Uint8Array.of(1, 2, 3), y: null },
  ])
  expect(log.userData.find(({ meta }) => meta === 3)?.data).toEqual(new TextEncoder().encode("{}"))
})

test("several groups become files beside the main one", async () => {
  const { logs } = await written(memoryLog(cases["two rates"] as Case))
  expect([...logs.keys()]).toEqual(["run.imu.btsf", "run.temp.btsf"])
})

const folder = "test/golden/btsf"
/** Cases that the writer's usual layout gives again, byte for byte. */
const same = ["pad_8", "annotations", "intro_many", "intro_unknown_type", "all_types_le", "no_padding_needed", "empty", "duplicate_ids"]

test.each(same)("golden %s converted to btsf is the same file", async (name) => {
  const bytes = new Uint8Array(readFileSync(`${folder}/${name}/file.btsf`))
  const output = new MemoryOutput()
  expect(await writeBtsf(await openBtsf(memorySource(bytes)), output, {})).toEqual([])
  expect(Buffer.from(output.bytes()).equals(bytes)).toBe(true)
})

test.each(readdirSync(folder).filter((name) => name.startsWith("legacy_")))(
  "golden %s becomes a file of the present layout",
  async (name) => {
    expect(existsSync(`${folder}/${name}/file.btsf`)).toBe(true)
    const { logs } = await written(await openBtsf(memorySource(new Uint8Array(readFileSync(`${folder}/${name}/file.btsf`)))))
    const log = logs.get("run.btsf") as Log
    expect(log.variant).toBe("sections, rows of 24 bytes, byte order <")
    expect(await log.survey()).toMatchObject({ groups: [{ rows: 3 }] })
  },
)
