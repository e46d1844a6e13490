import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { dump, type TreeWarning } from "../../../host/formats/libarray/dump.js"
import { isWritableName } from "../../../host/formats/libarray/names.js"

const folder = "test/golden/libarray"

interface DumpCase {
  readonly args: readonly string[]
  readonly expect: string
  readonly warnings?: number
  readonly strict_exit?: number
}

for (const name of readdirSync(folder)) {
  const cases = dumpCases(name)
  if (cases.length === 0) continue
  describe(`golden ${name}`, () => {
    test.each(cases)("dumps $expect", ({ args, expect: file, warnings, strict_exit: strictExit }) => {
      const options = Object.fromEntries(Array.from({ length: args.length / 2 }, (_, i) => [args[i * 2], args[i * 2 + 1]]))
      const told: TreeWarning[] = []
      const parts = dump({
        root: `${folder}/${name}/tsdir`,
        series: { net: options["-N"] as string, method: options["-M"] as string, id: options["-K"] as string },
        from: options["-V"],
        to: options["-B"],
        warn: (warning) => told.push(warning),
      })
      expect(Buffer.concat([...parts])).toEqual(readFileSync(`${folder}/${name}/${file}`))
      // That the last line may be unfinished is said beside the golden count.
      if (warnings !== undefined) expect(told.filter(({ kind }) => kind !== "no-line-end").length).toBe(warnings)
      if (strictExit !== undefined) expect(told.some(({ severity }) => severity === "warning") ? 1 : 0).toBe(strictExit)
    })
  })
}

test("golden names are accepted and refused", () => {
  const { accept, refuse } = JSON.parse(readFileSync(`${folder}/06_names/names.json`, "utf8")) as Record<string, string[]>
  expect(accept?.filter((name) => !isWritableName(name))).toEqual([])
  expect(refuse?.filter((name) => isWritableName(name))).toEqual([])
})

function dumpCases(name: string): DumpCase[] {
  try {
    const json = JSON.parse(readFileSync(`${folder}/${name}/case.json`, "utf8")) as DumpCase | DumpCase[]
    return Array.isArray(json) ? json : [json]
  } catch {
    return []
  }
}
