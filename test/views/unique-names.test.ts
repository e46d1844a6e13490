import { expect, test } from "vitest"
import { writeCsv } from "../../host/exports/csv.js"
import { writeNdjson } from "../../host/exports/ndjson.js"
import { uniquelyNamed } from "../../host/views/unique-names.js"
import { type Case, MemoryOutput, memoryLog } from "../conformance/cases.js"

const time = { kind: "stamped", tick: 0.001 } as const

function bench(names: readonly (readonly [group: string, channel: string, source?: string])[], known = names.length): Case {
  const groups = names.map(([name, channel, source]) => ({
    name,
    time,
    ticks: [0],
    channels: [{ name: channel, type: "u8" as const, values: [1], ...(source === undefined ? {} : { notes: { source } }) }],
  }))
  return { groups, known }
}

test("groups of equal names get their source or a number, and a group that turns up late does not rename the first", async () => {
  const names = (data: Case) => uniquelyNamed(memoryLog(data)).log.groups.map(({ name }) => name)
  expect(
    names(
      bench([
        ["current", "x", "A"],
        ["current", "x", "B"],
        ["t", "x"],
      ]),
    ),
  ).toEqual(["A.current", "B.current", "t"])
  expect(
    names(
      bench([
        ["current", "x"],
        ["current", "x"],
        ["current-2", "x"],
      ]),
    ),
  ).toEqual(["current", "current-2", "current-2-2"])
  const late = uniquelyNamed(
    memoryLog(
      bench(
        [
          ["current", "x", "A"],
          ["current", "x", "B"],
        ],
        1,
      ),
    ),
  )
  expect(late.log.groups.map(({ name }) => name)).toEqual(["current"])
  await late.log.survey()
  expect(late.log.groups.map(({ name }) => name)).toEqual(["current", "B.current"])
  expect(late.losses()).toEqual([{ kind: "form", count: 1, text: 'renamed "current" to "B.current": others have the same name' }])
})

test("NDJSON has no key twice, and tells groups apart", async () => {
  const values = [1]
  const channels = [1, 2, 3].map(() => ({ name: "x", type: "u8" as const, values }))
  const output = new MemoryOutput()
  const losses = await writeNdjson(memoryLog({ groups: [1, 2].map(() => ({ name: "g", time, ticks: [0], channels })) }), output, {})
  expect(output.text().split("\n").slice(0, 2)).toEqual([
    '{"group":"g","tick":0,"time":0,"values":{"x":1,"x-2":1,"x-3":1}}',
    '{"group":"g-2","tick":0,"time":0,"values":{"x":1,"x-2":1,"x-3":1}}',
  ])
  expect(losses.map(({ count }) => count)).toEqual([5])
})

test("a column of a wide table that is named otherwise than its channel is told", async () => {
  const output = new MemoryOutput()
  const losses = await writeCsv(
    memoryLog(
      bench([
        ["a", "x"],
        ["b", "x"],
        ["c", "time"],
      ]),
    ),
    output,
    {},
  )
  expect(output.text().split("\n")[0]).toBe("time [s],a.x,b.x,time-2")
  expect(losses).toEqual([{ kind: "form", count: 3, text: 'renamed "x" to "a.x", and 2 more: other columns have the same name' }])
})
