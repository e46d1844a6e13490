import { describe, expect, test } from "vitest"
import { COMMON, type Conversion, convert, settingsFor } from "../../host/actions/convert.js"
import { LogError, UsageError } from "../../host/model/errors.js"
import type { WriteOptions } from "../../host/model/format.js"
import { targetFor, targets } from "../../host/registry/targets.js"
import { type Case, cases, MemoryOutput } from "../conformance/cases.js"
import { caseLog } from "../conformance/expected.js"

const settings = (path: string, options: WriteOptions) => settingsFor(targetFor(path), options)

describe("what the options of a conversion mean for a target", () => {
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
    expect(() => settings("run.parquet", { separator: ";" })).toThrow("the option separator means nothing to parquet")
    expect(() => settings("run.csv", { codec: "snappy" })).toThrow("the option codec means nothing to csv")
    expect(() => settings("run.csv", { hold: 2 })).toThrow("hold needs rate")
    expect(() => settings("run.csv", { fill: "mean", maxRows: 5 })).toThrow("fill needs rate")
    expect(() => settings("run.csv", { raw: true, rate: 5 })).toThrow("raw goes with neither")
    expect(() => settings("run.jls", { maxRows: 5, rate: 5 })).toThrow("exclude one another")
  })

  test("a name that no target knows is refused, with the nearest one", () => {
    expect(() => settings("run.csv", { layuot: "long" })).toThrow("there is no option layuot: did you mean layout?")
    expect(() => settings("run.mcap", { rat: 5 })).toThrow("there is no option rat: did you mean rate?")
    expect(() => settings("run.met", { zzzzzz: 1 })).toThrow(UsageError)
    expect(settings("run.csv", { layuot: undefined }).write).toEqual({})
  })

  test("a name beside the options that convert does not know is refused, with the nearest one", async () => {
    const made = convert(caseLog(Object.values(cases)[0] as Case), "/nowhere/run.csv", { forc: true } as Conversion)
    await expect(made).rejects.toThrow(UsageError)
    await expect(made).rejects.toThrow("there is no option forc: did you mean force?")
  })

  test("an option that is on or off is neither for any other word", () => {
    expect(() => settings("run.csv", { raw: "yes" })).toThrow("raw: yes is none of true, false")
    expect(settings("run.csv", { raw: "true" }).write).toEqual({ raw: "true" })
  })
})

describe("each target declares the options that its writer heeds, and no other", () => {
  const data: Case = cases["two rates"] as Case
  test.each(targets().map((target) => [target.name, target] as const))("%s", async (_, target) => {
    const asked = new Set<string>()
    const options = new Proxy<Record<string, unknown>>(
      {},
      {
        get(_target, key) {
          asked.add(String(key))
          return undefined
        },
      },
    )
    await target.write(caseLog(data), new MemoryOutput(`case${target.extensions[0] ?? ""}`), options)
    // What all exports have in common, and the name that goes with a specification.
    const own = [...asked].filter((name) => !["selection", "raw", "specPath"].includes(name))
    expect(own.sort()).toEqual([...target.options].sort())
  })

  test.each(targets().map((target) => [target.name, target] as const))(
    "%s refuses or takes any text, and fails in no other way",
    async (_, target) => {
      for (const option of target.options) {
        const output = new MemoryOutput(`case${target.extensions[0] ?? ""}`)
        const end = await target.write(caseLog(data), output, { [option]: "?!" }).catch((error: unknown) => error)
        if (!Array.isArray(end)) expect(end, option).toBeInstanceOf(LogError)
      }
    },
  )

  test("no target's own option hides one that every target takes", () => {
    for (const { name, options, ownGrid } of targets()) {
      const both = options.filter((option) => COMMON.includes(option))
      expect(both, name).toEqual(ownGrid === true ? ["rate", "hold", "fill"] : [])
    }
  })
})
