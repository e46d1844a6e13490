import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { onTestFinished } from "vitest"

/** An empty directory that is gone when the test is. */
export function emptyRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "libarray-"))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

/** A tree of the given files; their paths are below the root. */
export function treeOf(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = emptyRoot()
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), content)
  }
  return root
}

/** All files below a directory as text. */
export function contentOf(root: string): Record<string, string> {
  const content: Record<string, string> = {}
  for (const name of (readdirSync(root, { recursive: true }) as string[]).sort()) {
    const path = join(root, name)
    if (statSync(path).isFile()) content[relative(root, path)] = readFileSync(path, "utf8")
  }
  return content
}
