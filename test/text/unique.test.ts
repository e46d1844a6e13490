import { expect, test } from "vitest"
import { fileNames, UniqueNames, unique } from "../../host/text/unique.js"

test("a name that is taken gets a number, and never one that is taken as well", () => {
  expect(unique(["a", "a-2", "a", "a", "A"])).toEqual(["a", "a-2", "a-3", "a-4", "A"])
  expect(unique(["a", "A", "b"], { fold: (name) => name.toLowerCase(), join: "_", taken: ["B"] })).toEqual(["a", "A_2", "b_2"])
})

test("a cap holds for the name with its number", () => {
  expect(unique(["abcdef", "abcdef", "abcdeg"], { cap: 5 })).toEqual(["abcde", "abc-2", "abc-3"])
})

test("ten thousand equal names take no time that grows with their square", () => {
  const names = new UniqueNames()
  const started = performance.now()
  for (let n = 0; n < 100_000; n++) names.take("x")
  expect(names.take("x")).toBe("x-100001")
  expect(performance.now() - started).toBeLessThan(5000)
})

test("names of files have no sign that a file system refuses, and differ in more than their case", () => {
  expect(fileNames("run.v2.csv", ["imu/1", "IMU_1", "..", ""])).toEqual([
    "run.v2.imu_1.csv",
    "run.v2.IMU_1-2.csv",
    "run.v2._.csv",
    "run.v2._-2.csv",
  ])
  expect(fileNames("run", ["$&"])).toEqual(["run._"])
})
