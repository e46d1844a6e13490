import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { expect, test } from "vitest"
import { memorySource } from "../../host/bytes/source.js"
import { checkDdff } from "../../host/formats/ddff/check.js"
import { checkMeteor } from "../../host/formats/meteor/check.js"
import { LogError } from "../../host/model/errors.js"
import type { Finding } from "../../host/model/format.js"

const formats = [
  { name: "meteor", file: "input.met", check: checkMeteor },
  { name: "ddff", file: "file.ddff", check: checkDdff },
]

const PLACE = /^(header, \w+|frame \d+, \w+|block \d+ of stream \d+, .+|bytes \d+ to \d+, \w+)$/
/** What is found in a field is compared with something. */
const COMPARED = /expected|computed|the file ends \d+ bytes before/

for (const { name, file, check } of formats) {
  test(`every rule that a golden ${name} file breaks comes with its byte, its block or frame, its field, what was found and what was expected`, async () => {
    const rules = new Set<string>()
    for (const folder of readdirSync(join("test/golden", name))) {
      const path = join("test/golden", name, folder, file)
      const packed = existsSync(`${path}.gz`)
      if (!packed && !existsSync(path)) continue
      const bytes = new Uint8Array(packed ? gunzipSync(readFileSync(`${path}.gz`)) : readFileSync(path))
      const specPath = join("test/golden", name, folder, "spec.json")
      const spec = existsSync(specPath) ? JSON.parse(readFileSync(specPath, "utf8")) : undefined
      for (const { rule, severity, at, where, text } of await findings(check(memorySource(bytes), { spec }))) {
        if (severity === "note") continue
        rules.add(rule)
        if (rule.startsWith("spec-")) {
          expect(text, folder).toMatch(/^specification \S+: /)
          continue
        }
        expect([at >= 0 && at < bytes.length, where], `${folder}: ${rule}`).toEqual([true, expect.stringMatching(PLACE)])
        expect(text, `${folder}: ${rule}`).toMatch(COMPARED)
      }
    }
    expect(rules.size).toBeGreaterThan(8)
  })
}

async function findings(check: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = []
  try {
    for await (const finding of check) found.push(finding)
  } catch (error) {
    if (!(error instanceof LogError)) throw error
  }
  return found
}
