import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { generatedFiles } from "./outputs.js"

/**
 * Refuses to build a program from a channel list that `npm run gen` has not seen: the board would log by the list before.
 * @throws Error naming the files that differ, or every fault of the channel list
 */
export function refuseStale(root: string): void {
  const stale = generatedFiles(root).filter(({ path, text }) => isBuilt(path) && !isCurrent(root, path, text))
  if (stale.length === 0) return
  const names = stale.map(({ path }) => `  ${path}`).join("\n")
  throw new Error(`shared/channels.ts changed since npm run gen: run it, then build again. These files are not current:\n${names}`)
}

/** True if a generated file holds what it must hold. */
export function isCurrent(root: string, path: string, text: string): boolean {
  return existsSync(join(root, path)) && readFileSync(join(root, path), "utf8") === text
}

/** True for what programs are built from: tables in pages and files for emulators are not. */
function isBuilt(path: string): boolean {
  return /^(shared|devicescript)\/.*\.(ts|json|JSN)$/.test(path)
}
