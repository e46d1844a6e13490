import { writeFileSync } from "node:fs"
import { test } from "vitest"
import { tenFiles } from "../device/ten.js"

test("gen", () => {
  for (const { path, text } of tenFiles()) writeFileSync(path, text)
})
