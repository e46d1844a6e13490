import type { Issue, Loss } from "../../model/log.js"
import { printable } from "../../text/printable.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { type ColorMode, painter, writeErr } from "../terminal/terminal.js"
import { SCHEMA_VERSION } from "../text/json.js"
import { counted } from "../text/quantities.js"

/** Kinds of issues that report what was done, not what is wrong with the file. */
const DONE = ["joined", "clock-jump"]
/** Most lines of each kind that are printed. */
const FEW = 5

/** What is missing in an output. */
interface Outcome {
  readonly losses: readonly Loss[]
  readonly issues: readonly Issue[]
}

/** How it is reported. */
interface Telling {
  readonly color: ColorMode
  readonly json?: boolean
  /** True if losses of form also end the command with exit code 3. */
  readonly strict?: boolean
  /** True if losses of form are expected and not printed, as in `cat`, which prints no units. */
  readonly quietForm?: boolean
}

/** Prints on standard error what is damaged in the input and what the output could not carry. @returns the exit code */
export function tellOutcome({ losses, issues }: Outcome, telling: Telling): Exit {
  const errors = issues.filter(({ severity }) => severity === "error")
  const warnings = issues.filter(({ severity }) => severity === "warning")
  if (telling.json !== true) {
    const paint = painter(telling.color, "err")
    const told = telling.quietForm === true ? losses.filter(({ kind }) => kind !== "form") : losses
    tell(paint("red", "damaged input"), errors.map(issueText))
    tell(paint("yellow", "warning"), warnings.map(issueText))
    const done = issues.filter(({ severity, kind }) => severity === "note" && DONE.includes(kind))
    tell(
      "note",
      done.map(({ text }) => text),
    )
    tell(
      paint("yellow", "not carried over"),
      told.map(({ text }) => text),
    )
  }
  const lost = telling.strict === true ? losses : losses.filter(({ kind }) => kind !== "form")
  const reasons = [...errors.map(issueText), ...lost.map(({ text }) => text)]
  if (reasons.length === 0) return EXIT.fine
  if (telling.json !== true) return EXIT.damaged
  return endIncomplete(null, errors.length > 0 ? "damaged input" : "not carried over", reasons, telling)
}

/** Prints warnings on standard error, for a command that goes on all the same. */
export function tellWarnings(issues: readonly Issue[], { color }: Pick<Telling, "color">): void {
  tell(painter(color, "err")("yellow", "warning"), issues.map(issueText))
}

/** Says in one line that an input is damaged, for a command that does not report it on standard error. @returns the exit code */
export function tellDamage(path: string, issues: readonly Issue[], telling: Pick<Telling, "color" | "json">): Exit {
  const errors = issues.filter(({ severity }) => severity === "error")
  return errors.length === 0 ? EXIT.fine : endIncomplete(path, "damaged input", errors.map(issueText), telling)
}

/**
 * Says in one line on standard error why a command ends with 3: the first of the reasons and how many more there are.
 * With `--json` the line is a JSON object, as for every error.
 * @param path null where the command has one input
 * @returns 3
 */
export function endIncomplete(
  path: string | null,
  what: string,
  reasons: readonly string[],
  { color, json }: Pick<Telling, "color" | "json">,
): Exit {
  const more = reasons.length > 1 ? ` (and ${counted(reasons.length - 1, "more", "more")})` : ""
  const message = `${what}: ${reasons[0] ?? ""}${more}`
  if (json === true) {
    const error = { exit: EXIT.damaged, message, ...(path === null ? {} : { path }) }
    writeErr(`${JSON.stringify({ schemaVersion: SCHEMA_VERSION, error })}\n`)
  } else writeErr(`${painter(color, "err")("red", "fieldlog:")} ${printable(path === null ? message : `${path}: ${message}`)}\n`)
  return EXIT.damaged
}

function tell(head: string, texts: readonly string[]): void {
  for (const text of texts.slice(0, FEW)) writeErr(`${head}: ${printable(text)}\n`)
  if (texts.length > FEW) writeErr(`${head}: ${counted(texts.length - FEW, "more", "more")}\n`)
}

function issueText({ at, text, kind }: Issue): string {
  return `${kind}${at < 0 ? "" : ` at byte ${at}`}: ${text}`
}
