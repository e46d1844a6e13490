import { describe, expect, test } from "vitest"
import { targetSettings } from "../../host/cli/options/target-flags.js"
import { targetFor } from "../../host/registry/targets.js"

const settings = (path: string, options: Parameters<typeof targetSettings>[0]) => targetSettings(options, targetFor(path))

describe("what the options of convert mean for a target", () => {
  test("any target takes rows at equal steps", () => {
    expect(settings("run.parquet", { rate: 10, hold: 0.5, fill: "mean" })).toEqual({
      reshape: { rate: 10, hold: 0.5, fill: "mean" },
      write: {},
    })
    expect(settings("run.csv", { maxRows: 5000 })).toEqual({ reshape: { maxRows: 5000 }, write: {} })
  })

  test("a target with a grid of its own gets the rate itself", () => {
    for (const path of ["run.jls", "run.mlg", "run.msl", "run.motec.csv"]) {
      expect(settings(path, { rate: 100, fill: "linear" })).toEqual({ reshape: {}, write: { rate: 100, fill: "linear" } })
    }
  })

  test("what a target would not heed is refused, with those that would", () => {
    expect(() => settings("run.parquet", { separator: ";" })).toThrow("--separator means nothing to parquet")
    expect(() => settings("run.csv", { codec: "snappy" })).toThrow("--codec means nothing to csv")
    expect(() => settings("run.csv", { hold: 2 })).toThrow("--hold needs --rate")
    expect(() => settings("run.csv", { fill: "mean", maxRows: 5 })).toThrow("--fill needs --rate")
    expect(() => settings("run.csv", { raw: true, rate: 5 })).toThrow("--raw")
  })

  test("a tab is spelled out, and --set reaches the writer", () => {
    expect(settings("run.csv", { separator: "tab", set: { bom: "true" } }).write).toEqual({ bom: "true", separator: "\t" })
  })
})
