import { findings, treeFindings } from "../../actions/check.js"
import { lintSpec } from "../../formats/meteor/head/spec.js"
import { damageAround, type Input, withCause, withSideFile } from "../../inputs/input.js"
import { isLoggerSettings, settingsFindings } from "../../logger/settings.js"
import { UsageError } from "../../model/errors.js"
import { findingOf } from "../../model/findings.js"
import type { Finding } from "../../model/format.js"
import { formatFor, located, type Opening, treeFormatFor } from "../../registry/open.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions, InputOptions } from "../options/flags.js"
import { openingOf } from "../options/from-flags.js"
import { eachInput } from "../report/each-input.js"
import { endIncomplete } from "../report/outcome.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { type Paint, painter, type Style, writeOut } from "../terminal/terminal.js"
import { printJson } from "../text/json.js"
import { counted } from "../text/quantities.js"

interface CheckOptions extends CommonOptions, InputOptions {
  readonly json?: boolean
  readonly strict?: boolean
}

/** More of a settings file is not looked at. */
const LONGEST_TEXT = 65_536

/** One file checked. */
interface Checked {
  readonly path: string
  readonly format: string
  readonly findings: readonly Finding[]
}

/** Checks logs against every rule of their format. A log that cannot be read does not keep the others from being checked. */
export async function check(names: string[], options: CheckOptions): Promise<Exit> {
  if (names.length === 0 && options.spec === undefined) throw new UsageError("nothing to check: expected a log or --spec FILE")
  const paint = painter(options.color, "out")
  const opening = await openingOf(options)
  const checked: Checked[] = []
  let lastExit: Exit = EXIT.fine
  const show = (result: Checked) => {
    checked.push(result)
    if (options.json !== true) writeOut(text(result, paint))
    return endOf(result, options)
  }
  if (names.length === 0) lastExit = show(await checkSpec(options.spec as string, opening))
  else lastExit = await eachInput(names, opening, options, async (input, own) => show(await checkLog(input, own)))
  if (options.json === true && checked.length > 0)
    printJson({ files: checked.map((result) => ({ ...result, clean: result.findings.length === 0 })) })
  return lastExit
}

async function checkSpec(path: string, { spec }: Opening): Promise<Checked> {
  const findings = lintSpec(spec).faults.map(({ rule, severity, where, text }) => ({ rule, severity, at: -1, where, text }))
  return { path, format: "meteor specification", findings }
}

async function checkLog(input: Input, opening: Opening): Promise<Checked> {
  const found: Finding[] = []
  if (input.kind === "tree") return { path: input.label, ...(await checkTree(input.label, opening)) }
  const source = await input.source()
  try {
    if (isLoggerSettings(input.label)) {
      const bytes = await source.read(0, Math.min(source.size, LONGEST_TEXT))
      return { path: input.label, format: "logger settings", findings: settingsFindings(bytes) }
    }
    const format = await located(input.label, () => formatFor(source, opening))
    const { options, issues } = await withSideFile(input, source, format, opening)
    await located(input.label, async () => {
      for await (const finding of findings(source, format, options)) found.push(finding)
    })
    const around = [
      ...damageAround(input, source).map((issue) => findingOf(issue, "card")),
      ...issues.map((issue) => findingOf(issue, "specification")),
    ]
    return { path: input.label, format: format.name, findings: [...around, ...found] }
  } catch (error) {
    throw withCause(error, input, source)
  } finally {
    await source.close()
  }
}

async function checkTree(path: string, opening: Opening): Promise<Omit<Checked, "path">> {
  const format = await treeFormatFor(path, opening)
  const found: Finding[] = []
  await located(path, async () => {
    for await (const finding of treeFindings(path, format, opening)) found.push(finding)
  })
  return { format: format.name, findings: found }
}

function endOf({ path, findings }: Checked, options: CheckOptions): Exit {
  const grave = findings.filter(({ severity }) => severity === "error" || (options.strict === true && severity === "warning"))
  if (grave.length === 0) return EXIT.fine
  const reasons = grave.map(({ at, text: what }) => (at < 0 ? what : `at byte ${at}: ${what}`))
  return endIncomplete(path, "rules are broken", reasons, options)
}

const STYLE_OF: Readonly<Record<Finding["severity"], Style>> = { error: "red", warning: "yellow", note: "dim" }

function text({ path, format, findings }: Checked, paint: Paint): string {
  const name = printable(path)
  if (findings.length === 0) return `${name}: ${paint("green", "clean")} (${format})\n`
  const lines = findings.map(({ rule, severity, at, where, text: what }) => {
    const place = [at < 0 ? "" : `byte ${at}`, printable(where)].filter((part) => part !== "").join(", ")
    return `${name}: ${paint(STYLE_OF[severity], severity)}: ${place === "" ? "" : `${place}: `}${printable(what)} [${rule}]\n`
  })
  const many = (severity: Finding["severity"]) => findings.filter((finding) => finding.severity === severity).length
  const sums = [counted(many("error"), "error"), counted(many("warning"), "warning"), counted(many("note"), "note")]
  return `${lines.join("")}${name}: ${sums.join(", ")} (${format})\n`
}
