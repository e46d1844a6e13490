import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, posix } from "node:path"
import { describe, expect, test } from "vitest"

/** Every page of the repository that names files. */
const PAGES = [
  ...["README.md", "CHANGELOG.md"],
  ...readdirSync("docs").map((name) => `docs/${name}`),
  ...["boards", ...readdirSync("shared").map((name) => `shared/${name}`)].flatMap((folder) =>
    folder.endsWith(".ts") || folder.endsWith(".JSN") ? [] : pagesIn(folder),
  ),
].filter((name) => name.endsWith(".md"))

/** The files of the repository, and the folders that they are in. */
const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { encoding: "utf8" })
  .split("\n")
  .filter(existsSync)
const paths = new Set(files.flatMap((file) => [file, ...foldersOf(file)]))

describe.each(PAGES)("%s", (page) => {
  const text = readFileSync(page, "utf8")

  test("names only files that exist", () => {
    const prose = text.replace(/```[\s\S]*?```/g, "")
    const named = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string).filter(isPath)
    // A user's own file, such as devicescript/.env.local, is not in the repository.
    expect(named.filter((name) => !/\/\.env/.test(name) && !exists(name))).toEqual([])
  })

  test("links only to files that exist", () => {
    const links = [...text.matchAll(/\]\(([^)#:\s]+)(#[^)]*)?\)/g)].map(([, target]) => posix.join(dirname(page), target as string))
    expect(links.filter((link) => !paths.has(link.replace(/\/$/, "")))).toEqual([])
  })
})

test("docs/architecture.md names many paths, and the check sees them", () => {
  const named = [...readFileSync("docs/architecture.md", "utf8").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code as string).filter(isPath)
  expect(named.length).toBeGreaterThan(150)
  expect(exists("host/formats/meteor/gone.ts")).toBe(false)
  expect(exists("scan/gone.ts")).toBe(false)
})

/** Whether a piece of code is the path of one of our files or folders: those of a user end otherwise. */
function isPath(code: string): boolean {
  return (
    /^(host|shared|devicescript|boards|test|docs|examples|\.ci|\.github)\/[\w.<>*/-]*$/.test(code) || /^[\w./<>-]+\.(ts|mjs|py)$/.test(code)
  )
}

/** A path from the root, or the end of one; `<id>` stands for any name. */
function exists(name: string): boolean {
  const wanted = name
    .replace(/\/$/, "")
    .replace(/[.+]/g, "\\$&")
    .replace(/<[^>]*>|\*/g, "[^/]+")
  const pattern = new RegExp(`(^|/)${wanted}$`)
  return [...paths].some((path) => pattern.test(path))
}

function pagesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => `${folder}/${name}`)
}

function foldersOf(file: string): string[] {
  const parts = file.split("/")
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join("/"))
}
