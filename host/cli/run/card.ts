import { completionOf } from "../../actions/complete.js"
import { copyBytes } from "../../bytes/copy.js"
import type { CardEntry, CardImage } from "../../card/image.js"
import { openCard } from "../../inputs/card.js"
import { damageAround } from "../../inputs/input.js"
import { UsageError } from "../../model/errors.js"
import type { Issue } from "../../model/log.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions } from "../options/flags.js"
import { tellDamage, tellWarnings } from "../report/outcome.js"
import { startProgress } from "../report/progress.js"
import { writing } from "../report/writing.js"
import type { Exit } from "../terminal/exit.js"
import { painter, tableRoom, writeErr, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { bytesText, counted, countText } from "../text/quantities.js"
import { type Column, tableLines } from "../text/table.js"

interface ListOptions extends CommonOptions {
  readonly json?: boolean
}

interface GetOptions extends ListOptions {
  readonly output: string
  readonly raw?: boolean
  readonly force?: boolean
}

/** Lists the files of a card or an image. @throws LogError if there is no FAT32 in it */
export async function list(path: string, options: ListOptions): Promise<Exit> {
  const image = await openCard(path)
  try {
    const free = await image.free()
    if (options.json === true) printJson({ ...summary(path, image), free, files: image.entries.map(entryDocument), issues: image.issues })
    else writeOut(listText(path, image, free, options))
    return tellDamage(path, image.issues, options)
  } finally {
    await image.close()
  }
}

function summary(path: string, { label, clusterBytes, capacity }: CardImage): Record<string, unknown> {
  return { path, label, clusterBytes, capacity }
}

function entryDocument({ path, folder, size, readable, modified, runs }: CardEntry): Record<string, unknown> {
  return { path, folder, size, readable, modified, pieces: runs }
}

function listText(path: string, image: CardImage, free: number, { color }: ListOptions): string {
  const paint = painter(color, "out")
  const label = image.label === "" ? "" : ` "${printable(image.label)}"`
  const head = `${paint("bold", printable(path))}${label}  FAT32, ${bytesText(image.capacity)}, ${bytesText(free)} free\n`
  const columns: Column[] = [
    { title: "file", shrinkTo: 20 },
    { title: "bytes", align: "right" },
    { title: "changed" },
    { title: "pieces", align: "right" },
  ]
  const rows = image.entries.map((entry) => [
    printable(entry.path) + (entry.folder ? "/" : ""),
    entry.folder ? "" : countText(entry.size),
    entry.modified?.replace("T", " ") ?? "",
    entry.runs > 1 ? countText(entry.runs) : "",
  ])
  const [titles = "", ...body] = tableLines(columns, rows, tableRoom() - 2)
  const table = rows.length === 0 ? ["  no files"] : [`  ${paint("dim", titles)}`, ...body.map((line) => `  ${line}`)]
  const issues = image.issues.map(
    ({ severity, text }) => `  ${paint(severity === "error" ? "red" : "yellow", severity)}: ${printable(text)}`,
  )
  return `${head}${[...table, ...issues].join("\n")}\n`
}

/** Copies files off a card or an image. @throws LogError; UsageError for a file that is not on it */
export async function copy(path: string, wanted: string[], options: GetOptions): Promise<Exit> {
  if (options.output === "-") throw new UsageError("card get copies into a folder, expected -o FOLDER")
  const image = await openCard(path)
  try {
    const files = chosen(path, image, wanted)
    const total = files.reduce((sum, { readable }) => sum + readable, 0)
    const progress = startProgress(path, total, options)
    const holes: Issue[] = []
    const completed: { path: string; text: string }[] = []
    const written = await writing(options, { text: false, folder: true, inputs: [path] }, async ({ output, paths }) => {
      let done = 0
      for (const file of files) {
        const sink = output.sink(file.path)
        const source = image.open(file.path)
        const completion = options.raw === true ? null : await completionOf(source)
        await copyBytes(source, 0, source.size, sink, (piece, at) => {
          completion?.change(piece, at)
          progress.at((done += piece.length))
        })
        if (completion !== null) completed.push({ path: file.path, text: completion.text })
        sink.close()
        holes.push(...damageAround({ issues: [] }, source))
      }
      return paths()
    }).finally(progress.end)
    if (options.json === true) printJson({ ...summary(path, image), files: written, completed, issues: [...image.issues, ...holes] })
    else {
      for (const { path: name, text } of completed) writeErr(`${printable(name)}: ${text}; --raw copies it as it is\n`)
      const warnings = image.issues.filter(({ severity }) => severity === "warning")
      tellWarnings(warnings, options)
      writeErr(`${counted(files.length, "file")}, ${bytesText(total)}, in ${options.output}\n`)
    }
    return tellDamage(path, [...image.issues, ...holes], options)
  } finally {
    await image.close()
  }
}

/** The files that the names on the command line mean. @throws UsageError if one is not on the card */
function chosen(path: string, image: CardImage, wanted: readonly string[]): CardEntry[] {
  const files = image.entries.filter(({ folder }) => !folder)
  if (wanted.length === 0) return files
  const found = new Set<CardEntry>()
  for (const name of wanted) {
    const inside = `/${name.replace(/^\/+|\/+$/g, "")}`.toLowerCase()
    const matching = files.filter((file) => {
      const own = file.path.toLowerCase()
      return own === inside || own.startsWith(inside === "/" ? inside : `${inside}/`)
    })
    if (matching.length === 0) throw new UsageError(`no file ${name} on the card`, { path, hint: `fieldlog card ls ${path}` })
    for (const file of matching) found.add(file)
  }
  return [...found]
}
