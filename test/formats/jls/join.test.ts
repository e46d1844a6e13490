import { expect, test } from "vitest"
import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource } from "../../../host/bytes/source.js"
import { jls } from "../../../host/formats/jls/index.js"
import { JlsLog, openJls } from "../../../host/formats/jls/read.js"
import { IssueList } from "../../../host/model/issues.js"
import type { Log } from "../../../host/model/log.js"
import { rowTimes } from "../../../host/model/time.js"
import { joinLogs } from "../../../host/views/join.js"
import { memoryLog } from "../../conformance/cases.js"

const START = 1_700_000_000_123_456_789n

async function written(log: Log): Promise<JlsLog> {
  const sink = new MemorySink()
  await jls.write?.(log, { name: "x.jls", sink: () => sink }, {})
  return openJls(memorySource(sink.bytes()))
}

/** A JLS log of one signal. */
async function run(name: string, start: bigint): Promise<Log> {
  const channels = [{ name: "current", type: "f32", values: [1, 2, 3] }] as const
  const groups = [{ name: "current", time: { kind: "fixed", rate: 10, offset: 0 }, channels }] as const
  const { source, contents } = await written(memoryLog({ name, start, groups }))
  return new JlsLog({ ...source, name }, contents, new IssueList(), false)
}

test.each([
  ["start", [0, 0]],
  [
    [0, 2],
    [0, 2],
  ],
  ["utc", [0, 60]],
] as const)("JLS logs joined into one stand as they are aligned (%s), each signal under the name of its run", async (align, begins) => {
  const log = await written(joinLogs([await run("a", START), await run("b", START + 60_000_000_000n)], align))
  expect(log.groups.map(({ name, channels }) => [name, channels[0]?.name])).toEqual([
    ["a.current", "a.current"],
    ["b.current", "b.current"],
  ])
  const firsts: number[] = []
  for await (const chunk of log.chunks())
    firsts[chunk.group] ??= rowTimes(log.groups[chunk.group] as (typeof log.groups)[0], chunk)[0] ?? -1
  expect(firsts).toEqual(begins.map((begin) => expect.closeTo(begin, 6)))
})
