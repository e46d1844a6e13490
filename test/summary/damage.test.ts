import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { open } from "../../host/actions/open.js"
import { infoText } from "../../host/cli/text/info.js"
import { damageTimes } from "../../host/summary/damage.js"
import { overview } from "../../host/summary/overview.js"

const golden = join(import.meta.dirname, "../golden")
const look = { all: false, width: 200, room: 200, paint: (_: string, text: string) => text }

test("damage is told in the time between the rows around it", async () => {
  const log = await open(join(golden, "meteor/h36-corrupt-middle/input.met"))
  try {
    const found = await overview(log)
    const damage = await damageTimes(log)
    expect(damage.map(({ from, to }) => [from, to])).toEqual([[0.11, 0.2]])
    expect(infoText({ path: "x.met", size: 439, damage }, found, look)).toContain("byte 158, 61 bytes: 0.11 s to 0.20 s: 0.09 s missing: ")
  } finally {
    await log.close()
  }
})

test("damage of a log without time is told in rows to whoever draws it", async () => {
  const log = await open(join(golden, "ddff/zeroed_block/file.ddff"))
  try {
    await log.survey()
    expect(await damageTimes(log)).toEqual([])
    const [zeros] = await damageTimes(log, 0)
    expect(zeros?.issue.kind).toBe("zeros")
    expect([zeros?.from, zeros?.to]).toEqual([22, 23])
  } finally {
    await log.close()
  }
})

test("damage of what only describes rows marks no time: none is missing there", async () => {
  const files = [
    ["jls/truncated_l1/cut_60pct_after_open.jls.gz", "bad-header"],
    ["btsf/format_mismatch/file.btsf", "format-mismatch"],
  ] as const
  for (const [name, kind] of files) {
    const bytes = readFileSync(join(golden, name))
    const log = await open(name.endsWith(".gz") ? gunzipSync(bytes) : bytes)
    try {
      await log.survey()
      expect(log.issues.map((each) => each.kind)).toContain(kind)
      expect(await damageTimes(log)).toEqual([])
    } finally {
      await log.close()
    }
  }
})
