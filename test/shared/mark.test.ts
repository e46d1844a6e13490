import { expect, test } from "vitest"
import { markedName, markOf, markPlace } from "../../shared/meteor/mark.js"

test.each([
  ["0035a1ad-00001", "b31259f5"],
  ["0035a1ad-00001-car", "b31259f5"],
  ["0035a1ad-00001-deadbeef", "e0000000"],
  ["", "abcdef01"],
  ["Zürich", "a9999999"],
])("the name %j with its mark %s is told apart again", (name, mark) => {
  const marked = markedName(name, mark)
  const at = markPlace(marked)
  expect([marked.slice(0, at - 1), marked.slice(at)]).toEqual([name, mark])
})

test.each(["", "b31259f5", "0035a1ad-00001", "0035a1ad-00001-20261129", "run-B31259F5", "run_b31259f5", "run-b31259f", "run-b31259g5"])(
  "the name %j has no mark",
  (name) => expect(markPlace(name)).toBe(-1),
)

test("the mark of a digest begins with a letter and keeps the digits behind it", () => {
  expect(markOf("b31259f5ffff")).toBe("b31259f5")
  for (let digit = 0; digit < 16; digit++) {
    const mark = markOf(`${digit.toString(16)}1234567`)
    expect(markPlace(markedName("run", mark))).toBe(4)
    expect(mark.slice(1)).toBe("1234567")
  }
})
