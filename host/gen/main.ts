import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { generatedFiles } from "./outputs.js"

/** `npm run gen`: writes the generated files of this checkout, and names those that changed. */
const root = fileURLToPath(new URL("../../../", import.meta.url))
for (const { path, text } of generatedFiles(root)) {
  if (current(join(root, path)) === text) continue
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  process.stdout.write(`${path}\n`)
}

function current(path: string): string | null {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return null
  }
}
