import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { openMeteor } from "../../../host/formats/meteor/read.js"
import { LogError } from "../../../host/model/errors.js"
import { type Sample, samplesOf } from "./samples.js"

const folder = "test/golden/meteor"
const cases = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())

/** Not a Meteor file, or cut inside its header: one clear error. */
const UNREADABLE: Record<string, string> = {
  "r08-zero-frames": "the file is empty",
  "r10-signed-200-crash": "the file is empty",
  "h18-truncated-file-header": "header is incomplete: 18 bytes",
  "h19-truncated-signature": "header is incomplete: 9 bytes",
  "h34-bad-signature-lf": "text-mode transfer",
  "h35-bad-signature-large": "not a Meteor file",
}

/** Issues beyond notes that a case must show; no other case may show any. */
const ISSUES: Record<string, string[]> = {
  "h04-width-9": ["no-number"],
  "h05-zero-length-data": ["no-number", "no-number", "no-number"],
  "h06-scaling-order": ["spec-topic-type", "spec-zero-factor", "spec-zero-factor"],
  "h08-composite-short": ["composite-length", "composite-length", "composite-length"],
  "h12-unknown-composite-and-type": ["unknown-id", "unknown-type", "unknown-type", "unknown-type"],
  "h14-spec-without-composites": ["unknown-id"],
  "h15-duplicate-ids": ["spec-duplicate-id"],
  "h16-truncated-in-data": ["truncated"],
  "h17-truncated-in-header": ["truncated"],
  "h27-timestamp-backward": ["backward"],
  "h29-version-3": ["unknown-version"],
  "h33-date-2170": ["time-of-day"],
  "h36-corrupt-middle": ["gap"],
  "h41-composite-zero-length-item": ["spec-item-length"],
}

for (const { name } of cases) {
  test(`reads ${name} as it should be read`, async () => {
    const bytes = inputOf(name)
    const open = openMeteor(memorySource(bytes, "input.met"), { spec: json(name, "spec.json") })
    const refusal = UNREADABLE[name]
    if (refusal !== undefined) {
      const error = await open.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(LogError)
      expect((error as LogError).message).toContain(refusal)
      return
    }
    const log = await open
    const better = existsSync(join(folder, name, "recommended.json"))
    const expected = json(name, better ? "recommended.json" : "expected.json") as Sample[]
    expect(asListed(await samplesOf(log))).toEqual(expected)
    const kinds = log.issues.filter((issue) => issue.severity !== "note").map((issue) => issue.kind)
    expect(kinds.sort()).toEqual(ISSUES[name] ?? [])
    const survey = await log.survey()
    const rows = new Set(expected.map(([tick]) => tick)).size
    expect(survey.groups.reduce((sum, group) => sum + group.rows, 0) > 0).toBe(rows > 0)
  })
}

test("every case where a better answer is known differs from the reference program's", () => {
  const better = cases.filter(({ name }) => existsSync(join(folder, name, "recommended.json")))
  const differing = better.filter(
    ({ name }) => JSON.stringify(json(name, "recommended.json")) !== JSON.stringify(json(name, "expected.json")),
  )
  // In the empty log the difference is that the reference program never answers.
  expect(better.filter((entry) => !differing.includes(entry)).map(({ name }) => name)).toEqual(["h21-zero-frames-empty-name"])
})

function inputOf(name: string): Uint8Array {
  const plain = join(folder, name, "input.met")
  return existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`))
}

function json(name: string, file: string): unknown {
  return JSON.parse(readFileSync(join(folder, name, file), "utf8"))
}

/** The golden files' notation: infinities as text, ids without a specification as the bare number. */
function asListed(samples: Sample[]): unknown[] {
  return samples.map(([tick, channel, value]) => [
    tick,
    channel.replace(/^topic-/, ""),
    value === null || Number.isFinite(value) ? value : String(value),
  ])
}
