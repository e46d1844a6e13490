import type { OpenInput } from "../../inputs/input.js"
import { UnsupportedError, UsageError } from "../../model/errors.js"
import type { AnnotationEdit, Format } from "../../model/format.js"
import type { Annotation, Log } from "../../model/log.js"
import { given } from "../../model/options.js"
import { resolveRange } from "../../views/select.js"
import type { CommonOptions, InputOptions } from "../options/flags.js"
import { withLog } from "../report/with-log.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { outWidth, painter, tableRoom, writeOut } from "../terminal/terminal.js"
import { annotationDocument, annotationTable } from "../text/info.js"
import { printJson } from "../text/json.js"

interface AnnotateOptions extends CommonOptions, InputOptions {
  readonly json?: boolean
  readonly add?: string
  readonly edit?: number
  readonly remove?: number
  readonly text?: string
  readonly at?: string
  readonly group?: string
  readonly kind?: Annotation["kind"]
  readonly y?: number
}

/** Lists, adds, edits and removes annotations. @throws LogError if the log cannot be read or its format has no annotations; UsageError for a wrong edit */
export async function annotate(name: string, options: AnnotateOptions): Promise<Exit> {
  const { edit, open } = await withLog(name, { ...options, join: false }, async (open) => {
    await open.log.survey()
    const edit = await editOf(open, options)
    if (edit === null) list(open, options)
    return { edit, open }
  })
  if (edit === null) return EXIT.fine
  const { format, input } = open
  if (format?.annotate === undefined) throw noAnnotations(name, format)
  if (input.path === null || input.label !== input.path) throw new UsageError("only a file on disk can be annotated", { path: name })
  await format.annotate(input.path, [edit], open.options)
  return withLog(name, { ...options, join: false }, async (changed) => {
    await changed.log.survey()
    return list(changed, options)
  })
}

function noAnnotations(path: string, format: Format | null): UnsupportedError {
  return new UnsupportedError(`${format?.name ?? "this format"} files: annotations cannot be changed`, {
    path,
    hint: "convert to btsf or jls first",
  })
}

async function editOf({ log }: OpenInput, options: AnnotateOptions): Promise<AnnotationEdit | null> {
  const { add, edit, remove, text, at, group, kind, y } = options
  const asked = [add, edit, remove].filter((each) => each !== undefined).length
  if (asked > 1) throw new UsageError("--add, --edit and --remove exclude one another")
  if (asked === 0 && [text, at, group, kind, y].some((each) => each !== undefined))
    throw new UsageError("expected --add, --edit or --remove")
  if (remove !== undefined) {
    existing(log.annotations, remove)
    return { kind: "remove", index: remove }
  }
  const time = at === undefined ? undefined : (await resolveRange(log, { start: at })).start
  const changed = {
    ...(time === undefined ? {} : { time, tick: null }),
    ...given({ group: group === undefined ? undefined : groupNamed(log, group), kind, y }),
  }
  if (add !== undefined) {
    if (time === undefined) throw new UsageError("an annotation needs a time: --at TIME")
    return { kind: "add", annotation: { group: null, tick: null, kind: "text", data: null, y: null, text: add, ...changed, time } }
  }
  if (edit === undefined) return null
  const before = existing(log.annotations, edit)
  return { kind: "edit", index: edit, annotation: { ...before, ...changed, ...given({ text }) } }
}

function existing(annotations: readonly Annotation[], n: number): Annotation {
  const annotation = annotations[n]
  if (annotation !== undefined) return annotation
  throw new UsageError(`no annotation ${n}: there are ${annotations.length}`, {
    hint: "fieldlog annotate FILE lists them with their numbers",
  })
}

function groupNamed({ groups }: Log, name: string): number {
  const names = groups.map((group) => group.name)
  const found = names.indexOf(name)
  if (found < 0) throw new UsageError(`no group "${name}"`, { hint: `there are ${names.join(", ")}` })
  return found
}

function list({ log, input }: OpenInput, options: AnnotateOptions): Exit {
  if (options.json === true)
    printJson({ path: input.label, annotations: log.annotations.map((annotation) => annotationDocument(annotation, log.groups)) })
  else if (log.annotations.length === 0) writeOut("no annotations\n")
  else {
    const look = { all: true, width: outWidth(), room: tableRoom(), paint: painter(options.color, "out") }
    writeOut(`${annotationTable(log.annotations, log.groups, look).join("\n")}\n`)
  }
  return EXIT.fine
}
