import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

/** `npm run gen`: writes the generated files of this checkout, and names those that changed. */
const root = fileURLToPath(new URL("../../../", import.meta.url))

try {
  // Loaded here, so that a channel list that throws is told in a sentence too.
  const { generatedFiles } = await import("./outputs.js")
  const { isCurrent } = await import("./current.js")
  for (const { path, text } of generatedFiles(root)) {
    if (isCurrent(root, path, text)) continue
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    process.stdout.write(`${path}\n`)
  }
} catch (error) {
  process.stderr.write(`gen: ${(error as Error).message}\n`)
  process.exitCode = 1
}
