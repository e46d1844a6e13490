import { expect, test } from "vitest"
import { memorySource } from "../../../host/bytes/source.js"
import { checkJls } from "../../../host/formats/jls/check.js"
import type { Finding } from "../../../host/model/format.js"
import { cases, corruptVariants, goldenBytes } from "./golden.js"
import { callsOf, replay } from "./replay.js"

async function findings(bytes: Uint8Array): Promise<Finding[]> {
  const all: Finding[] = []
  for await (const finding of checkJls(memorySource(bytes))) all.push(finding)
  return all
}

const RULES_OF_REFERENCE: Record<string, string[]> = {
  dtype_f64: ["summary-half"],
  dtype_i32: ["summary-half"],
  dtype_u32: ["summary-half"],
  dtype_u64: ["summary-half"],
  fixed_point: ["summary-half"],
  gaps: ["summary-half"],
  dtype_u24: ["summary"],
  dtype_i24: ["summary"],
  tail_data: ["not-indexed"],
}

test.each(cases.filter((name) => goldenBytes(name, "file.jls") !== null))(
  "%s of the reference breaks the rules that it is known for, no others",
  async (name) => {
    const found = await findings(goldenBytes(name, "file.jls") as Uint8Array)
    expect(found.filter(({ severity }) => severity === "error")).toEqual([])
    const rules = new Set(found.map(({ rule }) => rule))
    const known = RULES_OF_REFERENCE[name] ?? []
    expect([...rules].filter((rule) => !known.includes(rule))).toEqual([])
    if (known.length > 0) expect(rules.size).toBeGreaterThan(0)
  },
)

test.each(cases.filter((name) => name !== "corrupt"))("%s written by fieldlog breaks none", async (name) => {
  const calls = callsOf(name).filter(({ op }) => op !== "close")
  expect(await findings(replay([...calls, { op: "close" }], {}))).toEqual([])
})

const AT: Record<string, [rule: string, at: number]> = {
  data_payload: ["bad-payload", 76992],
  data_header: ["bad-crc", 76992],
  index1_payload: ["bad-crc", 70112],
  summary1_payload: ["bad-payload", 70200],
  index_top_payload: ["bad-crc", 172528],
  utc_data: ["bad-payload", 69288],
  zero_block: ["bad-payload", 79360],
  file_header_crc: ["bad-crc", 0],
  file_header_magic: ["bad-signature", 0],
  version_major2: ["bad-crc", 0],
  end_tag: ["end-chunk", 173128],
  garbage_appended: ["length", 16],
}

test.each([...corruptVariants()])("the damage of %s is found where it is", async (variant, bytes) => {
  const found = (await findings(bytes)).map(({ rule, at }) => [rule, at])
  expect(found).toContainEqual(AT[variant])
})
