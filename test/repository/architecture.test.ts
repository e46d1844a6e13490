import { readdirSync, readFileSync, statSync } from "node:fs"
import { dirname, join, posix, relative, sep } from "node:path"
import { describe, expect, test } from "vitest"

/** Folder -> folders it may import from. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  shared: ["shared"],
  boards: [],
  devicescript: ["devicescript", "shared", "boards"],
  host: ["host", "shared"],
}
const FORMATS = ["meteor", "ddff", "btsf", "jls", "libarray"]

interface Import {
  readonly from: string
  readonly to: string
}

const sources = Object.keys(MAY_IMPORT).flatMap((folder) => typeScriptFiles(folder))
const imports = sources.flatMap(importsOf)

describe("imports run in one direction", () => {
  test("each folder imports only what architecture allows", () => {
    const wrong = imports.filter(({ from, to }) => to.startsWith(".") === false && !allowed(from, to))
    expect(wrong).toEqual([])
  })

  test("formats never import one another", () => {
    const wrong = imports.filter(({ from, to }) => {
      const [own, other] = [formatOf(from), formatOf(to)]
      return own !== null && other !== null && own !== other
    })
    expect(wrong).toEqual([])
  })

  test("the library does not import the command line", () => {
    const wrong = imports.filter(({ from, to }) => from.startsWith("host/") && !from.startsWith("host/cli/") && to.startsWith("host/cli/"))
    expect(wrong).toEqual([])
  })

  test("no file imports itself by way of others", () => {
    const below = new Map<string, string[]>()
    for (const { from, to } of imports) below.set(from, [...(below.get(from) ?? []), to.replace(/\.js$/, ".ts")])
    const done = new Set<string>()
    const circles: string[] = []
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(" -> "))
      if (path.includes(file) || done.has(file)) return
      for (const next of below.get(file) ?? []) walk(next, [...path, file])
      done.add(file)
    }
    for (const file of sources) walk(file, [])
    expect(circles).toEqual([])
  })

  test("relative imports end in .js", () => {
    const wrong = sources.flatMap((file) =>
      specifiers(file)
        .filter((name) => name.startsWith(".") && !name.endsWith(".js"))
        .map((name) => `${file}: ${name}`),
    )
    expect(wrong).toEqual([])
  })
})

describe("the house rules", () => {
  test("only host/cli and host/gen print or exit", () => {
    const wrong = sources.filter(
      (file) =>
        file.startsWith("host/") &&
        !file.startsWith("host/cli/") &&
        !file.startsWith("host/gen/") &&
        /\bconsole\.|process\.(exit|stdout|stderr)/.test(withoutComments(readFileSync(file, "utf8"))),
    )
    expect(wrong).toEqual([])
  })

  test("no file is named after having no idea", () => {
    expect(sources.filter((file) => /\/(utils?|helpers?|common|misc|manager|service)\.ts$/.test(file))).toEqual([])
  })

  test("nothing evaluates text", () => {
    const wrong = sources.filter((file) => /\bnew Function\b|\beval\(/.test(withoutComments(readFileSync(file, "utf8"))))
    expect(wrong).toEqual([])
  })
})

function typeScriptFiles(folder: string): string[] {
  let entries: string[]
  try {
    entries = readdirSync(folder, { recursive: true }) as string[]
  } catch {
    return []
  }
  return entries
    .map((entry) => join(folder, entry).split(sep).join("/"))
    .filter((file) => file.endsWith(".ts") && !/node_modules|\.devicescript|devicescript\/boards/.test(file) && statSync(file).isFile())
}

function specifiers(file: string): string[] {
  const text = withoutComments(readFileSync(file, "utf8"))
  return [...text.matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)"([^"]+)"/gm)].map((match) => match[1] as string)
}

function importsOf(file: string): Import[] {
  return specifiers(file).map((name) => ({ from: file, to: name.startsWith(".") ? posix.join(dirname(file), name) : `package:${name}` }))
}

function allowed(from: string, to: string): boolean {
  const folder = from.split("/")[0] as string
  if (to.startsWith("package:")) {
    if (folder === "shared" || folder === "boards") return false
    if (folder === "devicescript") return to.startsWith("package:@devicescript/") || to.startsWith("package:@dsboard/")
    return true
  }
  return (MAY_IMPORT[folder] as readonly string[]).includes(to.split("/")[0] as string)
}

function formatOf(path: string): string | null {
  const parts = relative(".", path).split(sep)
  return parts.find((part) => FORMATS.includes(part)) !== undefined && (parts[0] === "shared" || parts[1] === "formats")
    ? (parts.find((part) => FORMATS.includes(part)) as string)
    : null
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "")
}
