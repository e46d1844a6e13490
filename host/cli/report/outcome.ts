import type { Issue, Loss } from "../../model/log.js"
import { EXIT, type Exit } from "../terminal/exit.js"
import { type ColorMode, painter, printable, writeErr } from "../terminal/terminal.js"
import { counted, countText } from "../text/quantities.js"

/** Notes of what was done on the way, not of what stands in the file. */
const DONE = ["joined", "clock-jump"]
/** Lines of each kind that are told one by one. */
const FEW = 5

/** What went missing between an input and an output. */
export interface Outcome {
  readonly losses: readonly Loss[]
  readonly issues: readonly Issue[]
}

/** How it is told. */
export interface Telling {
  readonly color: ColorMode
  readonly json?: boolean
  /** Losses of form end the command with 3 as well. */
  readonly strict?: boolean
  /** Losses of form are what one asked for, as the units of `cat`. */
  readonly quietForm?: boolean
}

/** Tells of damage in the input and of what the output could not carry, on standard error. @returns the exit code */
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
  const lost = losses.some(({ kind }) => kind !== "form") || (telling.strict === true && losses.length > 0)
  return lost || errors.length > 0 ? EXIT.damaged : EXIT.fine
}

function tell(head: string, texts: readonly string[]): void {
  for (const text of texts.slice(0, FEW)) writeErr(`${head}: ${printable(text)}\n`)
  if (texts.length > FEW) writeErr(`${head}: ${counted(texts.length - FEW, "more", "more")}\n`)
}

function issueText({ at, text, kind }: Issue): string {
  return `${kind}${at < 0 ? "" : ` at byte ${countText(at)}`}: ${text}`
}
