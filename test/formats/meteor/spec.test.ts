import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, test } from "vitest"
import { lintSpec, parseSpec } from "../../../host/formats/meteor/head/spec.js"
import { optionsFile } from "../../../host/formats/meteor/head/spec-file.js"
import { FormatError } from "../../../host/model/errors.js"
import { raceLapSpec } from "../../generate/race-lap.js"

const topic = (id: unknown, key: unknown, data: unknown = { type: "unsigned-number" }) => ({ id, key, data })
const schema = JSON.parse(readFileSync("shared/meteor/spec.schema.json", "utf8"))
const golden = readdirSync("test/golden/meteor")
  .map((name) => join("test/golden/meteor", name, "spec.json"))
  .filter((path) => existsSync(path))

test.each([
  [null, "not a Meteor specification"],
  [[], "not a Meteor specification"],
  [{ spec: { composites: [] } }, "not a Meteor specification"],
  [{ topics: [3] }, "topics[0] is 3, expected an object"],
  [{ topics: [topic(256, "a")] }, "topics[0].id is 256, expected an integer from 0 to 255"],
  [{ topics: [topic("1", "a")] }, 'topics[0].id is "1"'],
  [{ topics: [topic(1, "")] }, 'topics[0].key is "", expected a name'],
  [{ topics: [], composites: [{ id: 1 }] }, "composites[0].topics is absent, expected a list"],
  [
    { topics: [], composites: [{ id: 1, topics: [{ key: "a", length: -1 }] }] },
    "composites[0].topics[0].length is -1, expected 1 to 8 bytes",
  ],
  [{ topics: [], composites: [{ id: 1, topics: [{ key: "a", length: 1.5 }] }] }, "composites[0].topics[0].length is 1.5"],
])("%j is refused with one clear message", (value, message) => {
  const attempt = () => parseSpec(value, "my.json")
  expect(attempt).toThrow(FormatError)
  expect(attempt).toThrow(message)
})

test("the linter names every fault with its place, found and expected, those that forbid the use of the specification too", () => {
  const { faults } = lintSpec({
    topics: [topic(256, ""), 7, topic(1, "a"), topic(1, "b")],
    composites: [
      { id: -1, topics: [{ key: "a", length: 300 }, { length: 2 }, null] },
      { id: 2 },
      { id: 3, topics: [{ key: "x", length: 1 }] },
    ],
  })
  expect(faults.map(({ rule, severity, where, text }) => `${severity} ${rule} ${where}: ${text}`)).toEqual([
    "error id topics[0].id: 256, expected an integer from 0 to 255",
    'error key topics[0].key: "", expected a name',
    "error not-object topics[1]: 7, expected an object",
    "error id composites[0].id: -1, expected an integer from 0 to 255",
    "error item-length composites[0].topics[0].length: 300, expected 1 to 8 bytes",
    "error key composites[0].topics[1].key: absent, expected a name",
    "error not-object composites[0].topics[2]: null, expected an object",
    "error not-list composites[1].topics: absent, expected a list",
    "error duplicate-id topics[3].id: 1 is also topics[2].id; the first counts",
    'warning unknown-key composites[2].topics[0].key: no topic has the key "x"; read as raw unsigned',
  ])
})

test.each([
  [{ topics: [topic(1, "a"), topic(1, "b")] }, "duplicate-id", "topics[1].id"],
  [{ topics: [topic(1, "a"), topic(2, "a")] }, "duplicate-key", "topics[1].key"],
  [{ topics: [topic(1, "a", { type: "float" })] }, "topic-type", "topics[0].data.type"],
  [{ topics: [topic(1, "a", { type: "signed-number", divisor: 0 })] }, "zero-factor", "topics[0].data.divisor"],
  [{ topics: [topic(1, "a", { type: "signed-number", multiplier: "2" })] }, "factor", "topics[0].data.multiplier"],
  [{ topics: [{ ...topic(1, "a"), length: 9 }] }, "topic-length", "topics[0].length"],
  [{ topics: [], composites: [{ id: 1, topics: [{ key: "x", length: 2 }] }] }, "unknown-key", "composites[0].topics[0].key"],
  [
    { topics: [topic(1, "a")], composites: [{ id: 1, topics: [{ key: "a", length: 0 }] }] },
    "item-length",
    "composites[0].topics[0].length",
  ],
  [
    { topics: [topic(1, "a")], composites: [{ id: 1, topics: Array.from({ length: 33 }, () => ({ key: "a", length: 8 })) }] },
    "composite-size",
    "composites[0]",
  ],
])("%j is used, with the fault %s at %s", (value, rule, where) => {
  expect(parseSpec(value).faults.map((fault) => [fault.rule, fault.where])).toEqual([[rule, where]])
})

test("both shapes of a specification are accepted", () => {
  const bare = parseSpec(raceLapSpec.spec)
  expect(bare).toEqual(parseSpec(raceLapSpec))
  expect(bare.faults).toEqual([])
})

test("a specification written for the reference program reads back the same", () => {
  const spec = parseSpec(raceLapSpec)
  expect(optionsFile(spec)).toEqual(raceLapSpec)
  expect(parseSpec(optionsFile(spec))).toEqual(spec)
})

test("what only fieldlog knows is left out for the reference program and kept for fieldlog", () => {
  const spec = parseSpec({
    topics: [{ ...topic(1, "a"), length: 2 }],
    composites: [{ id: 1, name: "imu", topics: [{ key: "a", length: 2 }] }],
  })
  expect(JSON.stringify(optionsFile(spec))).not.toMatch(/imu|"length":2,"data"/)
  expect(parseSpec(optionsFile(spec, { reader: "fieldlog" }))).toEqual(spec)
})

test.each(golden)("the schema and the linter agree on %s", (path) => {
  const value = JSON.parse(readFileSync(path, "utf8"))
  const { faults } = parseSpec(value)
  // What a schema cannot say: uniqueness by id, sums, references.
  const sayable = faults.filter(({ rule }) => !["duplicate-id", "duplicate-key", "unknown-key", "composite-size"].includes(rule))
  expect(valid(schema, value)).toBe(sayable.length === 0)
})

/** The few words of JSON Schema that ours uses. */
function valid(rule: Record<string, unknown>, value: unknown): boolean {
  const object = typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
  const list = Array.isArray(value) ? value : null
  for (const [word, says] of Object.entries(rule)) {
    if (word === "$ref" && !valid(schema.$defs[String(says).split("/")[2] as string], value)) return false
    if (word === "anyOf" && !(says as Record<string, unknown>[]).some((each) => valid(each, value))) return false
    if (word === "not" && valid(says as Record<string, unknown>, value)) return false
    if (word === "const" && value !== says) return false
    if (word === "enum" && !(says as unknown[]).includes(value)) return false
    if (word === "type" && !isOfType(String(says), value)) return false
    if (word === "minimum" && !((value as number) >= (says as number))) return false
    if (word === "maximum" && !((value as number) <= (says as number))) return false
    if (word === "minLength" && (value as string).length < (says as number)) return false
    if (word === "maxItems" && list !== null && list.length > (says as number)) return false
    if (word === "items" && list !== null && !list.every((item) => valid(says as Record<string, unknown>, item))) return false
    if (word === "required" && object !== null && !(says as string[]).every((key) => key in object)) return false
    if (word !== "properties" || object === null) continue
    for (const [key, inner] of Object.entries(says as Record<string, Record<string, unknown>>)) {
      if (key in object && !valid(inner, object[key])) return false
    }
  }
  return true
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value)
  if (type === "array") return Array.isArray(value)
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value)
  return type === "string" ? typeof value === "string" : typeof value === "number"
}
