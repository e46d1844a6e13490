import { dirname } from "node:path"
import ts from "typescript"
import { lineOf, type SourceFile, walk } from "./sources.js"

const FORMATS = ["meteor", "ddff", "btsf", "jls", "libarray"]

const FACES = ["host/index.ts", "host/browser.ts"]

/** The rooms of host/, from the lowest floor up. A room imports from rooms before it; rooms in one line stand beside each other. */
const FLOORS: readonly (readonly string[])[] = [
  ["host/bytes"],
  ["host/model"],
  ["host/text"],
  ["host/io", "host/web"],
  ["host/views"],
  ["host/summary"],
  ["host/sensors"],
  ["host/formats", "host/imports"],
  ["host/exports"],
  ["host/registry"],
  ["host/card"],
  ["host/logger"],
  ["host/inputs"],
  ["host/actions"],
  ["host/dataset"],
  ["host/plot"],
  ["host/gen"],
  FACES,
  ["host/viewer"],
  ["host/cli"],
]

/** The rooms inside a format's folder, from the lowest up; above them stand the folder's own files. */
const SUBROOMS = [["head"], ["blocks", "chunks", "scan"], ["timed"], ["records", "samples", "rows"], ["inventory"], ["writing"]]

/** The rooms that may use Node's modules and its Buffer. What must run in a browser is proved by building it (test/library). */
const KNOW_NODE = /^host\/(io|inputs|card|logger|actions|dataset|cli|gen|viewer)\//

/** `file -> import` of what leaves the four folders of the top level in the wrong direction. */
export function foreignImports(files: readonly SourceFile[]): string[] {
  const may: Readonly<Record<string, RegExp>> = {
    shared: /^shared\//,
    boards: /^$/,
    devicescript: /^(devicescript|shared|boards)\/|^package:@(devicescript|dsboard)\//,
    host: /^(host|shared)\/|^node:|^package:/,
  }
  return arrows(files, (from, to) => !may[from.split("/")[0] as string]?.test(to))
}

/** `file -> import` of arrows that run up or sideways between rooms of host/. */
export function floorsBroken(files: readonly SourceFile[]): string[] {
  const unknown = files.filter(({ path }) => path.startsWith("host/") && floorOf(path) < 0).map(({ path }) => `${path}: stands in no room`)
  const wrong = arrows(files, (from, to) => {
    if (![from, to].every((path) => path.startsWith("host/") && floorOf(path) >= 0) || roomOf(from) === roomOf(to)) return false
    return floorOf(to) >= floorOf(from)
  })
  return [...unknown, ...wrong]
}

/** `file -> import` of files inside a format's folder, named from outside it: its doors are index.ts, the Format, and api.ts, what the library shows. */
export function formatInside(files: readonly SourceFile[]): string[] {
  return arrows(files, (from, to) => {
    const format = formatOf(to)
    if (FACES.includes(from)) return false
    return format !== null && formatOf(from) !== format && !["index.ts", "api.ts"].some((face) => to === `host/formats/${format}/${face}`)
  })
}

/** Files that use Node though their room must not. */
export function nodeUse(files: readonly SourceFile[]): string[] {
  const quiet = files.filter(({ path }) => path.startsWith("host/") && !KNOW_NODE.test(path))
  const withBuffer = having(
    quiet,
    (node) => ts.isIdentifier(node) && node.text === "Buffer" && !(ts.isPropertyAccessExpression(node.parent) && node.parent.name === node),
  )
  return quiet
    .map(({ path, imports }) => (imports.some((name) => name.startsWith("node:")) || withBuffer.includes(path) ? path : ""))
    .filter(Boolean)
}

/** Files with comparisons, cases and tables by a format's name outside formats/, logger/ and the registry that lists them. */
export function formatNames(files: readonly SourceFile[]): string[] {
  const named = (node: ts.Node | undefined) => node !== undefined && ts.isStringLiteralLike(node) && FORMATS.includes(node.text)
  const keyed = (node: ts.Node) =>
    (ts.isPropertyAssignment(node) || ts.isShorthandPropertyAssignment(node)) && FORMATS.includes(node.name.getText())
  const open = files.filter(({ path }) => /^host\//.test(path) && !/^host\/(formats|logger|gen)\//.test(path))
  return having(open, (node) => {
    const compared =
      ts.isBinaryExpression(node) && /^[!=]==?$/.test(node.operatorToken.getText()) && (named(node.left) || named(node.right))
    const listed = ts.isArrayLiteralExpression(node) && node.elements.some(named)
    return compared || listed || keyed(node) || (ts.isCaseClause(node) && named(node.expression))
  })
}

/** `file -> import` of arrows that run up between the rooms of one format's folder. */
export function subroomsBroken(files: readonly SourceFile[]): string[] {
  return arrows(files, (from, to) => {
    const format = formatOf(from)
    if (format === null || formatOf(to) !== format) return false
    const [own, other] = [subroomOf(from), subroomOf(to)]
    if (own < 0 || other < 0) throw new Error(`${own < 0 ? from : to}: a room that the rule does not know`)
    return roomInFormat(from) !== roomInFormat(to) && other >= own
  })
}

/** Files of shared/ and host/ that print or exit though they are no command. */
export function exits(files: readonly SourceFile[]): string[] {
  const quiet = files.filter(({ path }) => /^(shared|host)\//.test(path) && !/^host\/(cli|gen)\//.test(path))
  const prints = /^(console\.\w+|process\.(exit|exitCode|stdout|stderr))$/
  return having(quiet, (node) => ts.isPropertyAccessExpression(node) && prints.test(node.getText()))
}

/** Circles, each as `a -> b -> a`. */
export function circles(files: readonly SourceFile[]): string[] {
  const below = new Map(files.map(({ path, imports }) => [path, imports]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].join(" -> "))
    if (way.includes(file) || done.has(file)) return
    for (const next of below.get(file) ?? []) visit(next, [...way, file])
    done.add(file)
  }
  for (const { path } of files) visit(path, [])
  return found
}

/** index.ts files that hold more than re-exports, or, in a format's folder, more than one export: the Format. */
export function indexFiles(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path }) => path.endsWith("/index.ts"))
    .filter(({ path, tree }) => {
      const statements = tree.statements.filter((each) => !ts.isImportDeclaration(each))
      if (!path.startsWith("host/formats/")) return !statements.every((each) => ts.isExportDeclaration(each))
      const exported = statements.filter((each) => ts.canHaveModifiers(each) && ts.getModifiers(each)?.some(isExport) === true)
      return exported.length !== 1 || !exported.every((each) => ts.isVariableStatement(each) && /: Format\b/.test(each.getText()))
    })
    .map(({ path }) => path)
}

/** Folders with more than 24 files. */
export function foldersTooFull(paths: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1)
  return [...counts].filter(([, n]) => n > 24).map(([folder]) => folder)
}

/** Files of more than 360 lines. */
export function longFiles(files: readonly SourceFile[]): string[] {
  return files.filter(({ lines, generated }) => lines > 360 && !generated).map(({ path }) => path)
}

/** `file: name` of functions of more than 70 lines. */
export function longFunctions(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ generated }) => !generated)
    .flatMap(({ path, tree }) => {
      const found: string[] = []
      walk(tree, (node) => {
        if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return
        const lines = tree.getLineAndCharacterOfPosition(node.end).line + 2 - lineOf(tree, node)
        if (lines > 70) found.push(`${path}: ${nameOf(node)}`)
      })
      return found
    })
}

/** Relative imports that do not name a file as Node finds it. */
export function looseSpecifiers(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, specifiers }) =>
    specifiers.filter((name) => name.startsWith(".") && !/\.(js|mjs|json)$/.test(name)).map((name) => `${path} -> ${name}`),
  )
}

/** Files that are named after having no idea. */
export function namelessFiles(files: readonly SourceFile[]): string[] {
  return files.map(({ path }) => path).filter((path) => /\/(utils?|helpers?|common|misc|manager|service)\.ts$/.test(path))
}

/** Files that run text as a program. */
export function evaluations(files: readonly SourceFile[]): string[] {
  return having(files, (node) => {
    const called = ts.isCallExpression(node) || ts.isNewExpression(node) ? node.expression : null
    return called !== null && ts.isIdentifier(called) && /^(eval|Function)$/.test(called.text)
  })
}

/** Tests that are skipped without a reason that the reporter can count. */
export function uncountedSkips(files: readonly SourceFile[]): string[] {
  return having(
    files,
    (node) => ts.isPropertyAccessExpression(node) && /^(test|it|describe)\.(skip|skipIf|runIf|todo|only)$/.test(node.getText()),
  )
}

function arrows(files: readonly SourceFile[], wrong: (from: string, to: string) => boolean): string[] {
  return files.flatMap(({ path, imports }) => imports.filter((to) => wrong(path, to)).map((to) => `${path} -> ${to}`))
}

function floorOf(path: string): number {
  return FLOORS.findIndex((rooms) => rooms.some((room) => path === room || path.startsWith(`${room}/`)))
}

/** A room of host/; each format is one of its own, as formats never import one another. */
function roomOf(path: string): string {
  const format = formatOf(path)
  return format === null ? path.split("/").slice(0, 2).join("/") : `host/formats/${format}`
}

function formatOf(path: string): string | null {
  const [top, room, format] = path.split("/")
  return top === "host" && room === "formats" && FORMATS.includes(format as string) ? (format as string) : null
}

function roomInFormat(path: string): string {
  const [, , , room, file] = path.split("/")
  return file === undefined ? "" : (room as string)
}

/** The floor of a file inside its format's folder, or -1 for a folder without a floor. */
function subroomOf(path: string): number {
  const room = roomInFormat(path)
  return room === "" ? SUBROOMS.length : SUBROOMS.findIndex((rooms) => rooms.includes(room))
}

/** The files in which a node answers true. */
function having(files: readonly SourceFile[], asked: (node: ts.Node) => boolean): string[] {
  const answers = ({ tree }: SourceFile) => {
    let found = false
    walk(tree, (node) => {
      found ||= asked(node)
    })
    return found
  }
  return files.filter(answers).map(({ path }) => path)
}

function isExport({ kind }: ts.ModifierLike): boolean {
  return kind === ts.SyntaxKind.ExportKeyword
}

function nameOf(node: ts.Node): string {
  const name = (node as { name?: ts.Node }).name ?? (node.parent as { name?: ts.Node }).name
  return name === undefined ? "(without a name)" : name.getText()
}
