import { expect, test } from "vitest"
import { Findings } from "../../host/model/findings.js"

test("findings come in file order, those without a place last, and no more than a bound", () => {
  const found = new Findings()
  found.add("b", "error", 20, "block 1", "later")
  found.add("c", "note", -1, "file", "nowhere")
  found.add("a", "warning", 10, "block 0", "earlier")
  expect(found.inFileOrder().map(({ rule }) => rule)).toEqual(["a", "b", "c"])
  for (let i = 0; i < 10_000; i++) found.add("many", "note", i, "", "")
  const all = found.inFileOrder()
  expect(all).toHaveLength(10_001)
  expect(all.at(-1)).toMatchObject({ rule: "more-findings", severity: "warning", text: "3 more findings are not listed" })
})
