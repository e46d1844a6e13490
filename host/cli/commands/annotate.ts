import { type Command, Option } from "commander"
import type { OpenInput } from "../../inputs/input.js"
import { UnsupportedError, UsageError } from "../../model/errors.js"
import type { AnnotationEdit, Format } from "../../model/format.js"
import type { Annotation } from "../../model/log.js"
import { type CommonOptions, commonOptions, type InputOptions, inputOptions, jsonOption, openingOf } from "../options/flags.js"
import { EXIT, type Exit, exits } from "../terminal/exit.js"
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

/** `fieldlog annotate FILE`: lists, adds, edits and removes remarks in a log. */
export function addAnnotate(program: Command): void {
  const command = program
    .command("annotate")
    .summary("lists, adds, edits and removes annotations (btsf, JLS)")
    .argument("<file>", "a log whose format has annotations")
    .addHelpText(
      "before",
      `Examples:
  fieldlog annotate run.btsf                                list, with numbers
  fieldlog annotate run.btsf --add "pit stop" --at 12m30s
  fieldlog annotate run.btsf --edit 3 --text "spin" --at 95.2
  fieldlog annotate run.btsf --remove 0
`,
    )
    .option("--add <text>", "a new annotation, at --at")
    .option("--edit <n>", "changes annotation n as listed", index)
    .option("--remove <n>", "removes annotation n as listed", index)
    .option("--text <text>", "with --edit: its new text")
    .option("--at <time>", "where: 12.5, 1m30s, -10s (from the end), @1700000000, RFC 3339")
    .option("--group <name>", "of this group instead of the whole log")
    .addOption(new Option("--kind <kind>", "what is drawn").choices(["text", "vertical", "horizontal", "user"]))
    .option("--y <value>", "vertical position", Number)
  commonOptions(jsonOption(inputOptions(command))).action(exits(annotate))
}

function index(text: string): number {
  if (!/^\d+$/.test(text))
    throw new UsageError(`"${text}" is no number of an annotation`, { hint: "fieldlog annotate FILE lists them with their numbers" })
  return Number(text)
}

async function annotate(name: string, options: AnnotateOptions): Promise<Exit> {
  const { findOneInput } = await import("../../inputs/find.js")
  const { openInput } = await import("../../inputs/input.js")
  const input = await findOneInput(name)
  const opening = await openingOf(options)
  const open = await openInput(input, opening)
  let edit: AnnotationEdit | null
  try {
    await open.log.survey()
    edit = await editOf(open, options)
    if (edit === null) return list(open, options)
  } finally {
    await open.close()
  }
  const { format } = open
  if (format?.annotate === undefined) throw noAnnotations(name, format)
  if (input.path === null || input.label !== input.path) throw new UsageError("only a file on disk can be annotated", { path: name })
  await format.annotate(input.path, [edit], open.options)
  const changed = await openInput(input, opening)
  try {
    await changed.log.survey()
    return list(changed, options)
  } finally {
    await changed.close()
  }
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
  const time = at === undefined ? undefined : (await (await import("../../views/select.js")).resolveRange(log, { start: at })).start
  const given = {
    ...(time === undefined ? {} : { time, tick: null }),
    ...(group === undefined
      ? {}
      : {
          group: groupNamed(
            log.groups.map((each) => each.name),
            group,
          ),
        }),
    ...(kind === undefined ? {} : { kind }),
    ...(y === undefined ? {} : { y }),
  }
  if (add !== undefined) {
    if (time === undefined) throw new UsageError("an annotation needs a place in time: --at TIME")
    return { kind: "add", annotation: { group: null, tick: null, kind: "text", data: null, y: null, text: add, ...given, time } }
  }
  if (edit === undefined) return null
  const before = existing(log.annotations, edit)
  return { kind: "edit", index: edit, annotation: { ...before, ...given, ...(text === undefined ? {} : { text }) } }
}

function existing(annotations: readonly Annotation[], n: number): Annotation {
  const annotation = annotations[n]
  if (annotation !== undefined) return annotation
  throw new UsageError(`no annotation ${n}: there are ${annotations.length}`, {
    hint: "fieldlog annotate FILE lists them with their numbers",
  })
}

function groupNamed(names: readonly string[], name: string): number {
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
