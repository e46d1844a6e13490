import { join, relative } from "node:path"
import { rescueInput, type Saved } from "../../actions/rescue.js"
import { unlistedInputs } from "../../inputs/card.js"
import { carveInputs } from "../../inputs/carved.js"
import { findInputs } from "../../inputs/find.js"
import type { Found, Input } from "../../inputs/input.js"
import { FileOutput, safeParts } from "../../io/output.js"
import { LogError, UsageError } from "../../model/errors.js"
import { type Opening, openingForSeveral } from "../../registry/open.js"
import { printable } from "../../text/printable.js"
import type { CommonOptions, InputOptions, OutputChoice } from "../options/flags.js"
import { openingOf } from "../options/from-flags.js"
import { endIncomplete, tellDamage } from "../report/outcome.js"
import { reportError } from "../report/report-error.js"
import { EXIT, type Exit, worse } from "../terminal/exit.js"
import { painter, writeErr } from "../terminal/terminal.js"
import { jsonText, printJson, SCHEMA_VERSION } from "../text/json.js"
import { counted } from "../text/quantities.js"

interface RescueOptions extends CommonOptions, InputOptions, OutputChoice {
  readonly json?: boolean
  readonly report?: string
  readonly deep?: boolean
}

/** How a log is saved. */
type Verb = "recover" | "repair"

/** One input saved. */
interface Result extends Saved {
  readonly input: string
  readonly output: string
}

/** Saves what a damaged log, a card image or a card still holds. @throws LogError if it holds nothing */
export async function recoverInput(name: string, options: RescueOptions): Promise<Exit> {
  return rescueAll(name, options, "recover")
}

/** Rebuilds structure without touching values. @throws LogError */
export async function repairInput(name: string, options: RescueOptions): Promise<Exit> {
  return rescueAll(name, options, "repair")
}

async function rescueAll(name: string, options: RescueOptions, verb: Verb): Promise<Exit> {
  if (options.output === "-") throw new UsageError("the new file is read again before it counts, expected -o FILE")
  const opening = await openingOf(options)
  const { inputs, issues } = await findAll(name, options.deep === true)
  // The output of a card or folder is always a folder, however many logs it holds today.
  const folder = inputs.length !== 1 || inputs[0]?.label !== name
  const several = openingForSeveral(opening)
  const results: Result[] = []
  let exit: Exit = tellDamage(name, issues, options)
  for (const input of inputs) {
    try {
      const result = await rescueOne(
        input,
        inputs.length > 1 ? several.each : opening,
        options,
        verb,
        folder ? nameBelow(name, input) : null,
      )
      results.push(result)
      exit = worse(exit, endOf(result, options))
    } catch (error) {
      if (!folder) throw error
      exit = worse(exit, reportError(error, process.argv.slice(2)))
    }
  }
  several.done()
  const document = { input: name, logs: results, issues }
  if (options.report !== undefined)
    await writeReport(options.report, document, { ...options, inputs: inputs.flatMap(({ path }) => path ?? []) })
  if (options.json === true) printJson(document)
  else for (const result of results) tell(result, options)
  return exit
}

/** Prints the holes, losses and doubts one by one. */
function endOf({ input, holes, losses, doubts }: Result, options: RescueOptions): Exit {
  const reasons = [...holes.map(({ text }) => text), ...losses, ...doubts.map(({ text }) => text)]
  if (reasons.length === 0) return EXIT.fine
  if (options.json !== true) return EXIT.damaged
  return endIncomplete(input, holes.length > 0 ? "damaged input" : "not carried over", reasons, options)
}

/** The logs that a name means; with `deep` also those that no folder of the card lists. */
async function findAll(name: string, deep: boolean): Promise<Found> {
  const { isCarved, ...listed } = await findInputs([name]).then(
    (found) => ({ ...found, isCarved: false }),
    async (error: unknown) => ({ inputs: await carved(name, error), issues: [], isCarved: true }),
  )
  // Without a file system every sector has been looked at.
  return deep && !isCarved ? { ...listed, inputs: [...listed.inputs, ...(await unlistedInputs(name))] } : listed
}

/** Finds the logs by their signatures on a card whose file system cannot be read. */
async function carved(name: string, error: unknown): Promise<Input[]> {
  if (!(error instanceof LogError)) throw error
  const found = await carveInputs(name)
  if (found.length === 0) throw error
  writeErr(`${printable(name)}: ${error.message}; ${counted(found.length, "log")} found by signature\n`)
  return found
}

async function rescueOne(input: Input, opening: Opening, options: RescueOptions, verb: Verb, below: string | null): Promise<Result> {
  const path = below === null ? options.output : join(options.output, ...safeParts(below))
  const saved = await rescueInput(input, path, verb, { opening, force: options.force === true, isNamed: below === null })
  return { input: input.label, output: path, ...saved }
}

/** Where an input lies within what the user named: `/OLD/LOG00002.MET` of `card.img:/OLD/LOG00002.MET`. */
function nameBelow(name: string, { label }: Input): string {
  return label.startsWith(`${name}:`) ? label.slice(name.length + 1) : relative(name, label)
}

async function writeReport(
  path: string,
  document: Record<string, unknown>,
  choice: { force?: boolean; inputs: readonly string[] },
): Promise<void> {
  const output = new FileOutput(path, choice)
  output.sink().write(Buffer.from(jsonText({ schemaVersion: SCHEMA_VERSION, ...document })))
  output.commit()
}

/** Holes that are printed one by one. */
const FEW = 5

function tell({ input, output, rows, holes, losses, doubts }: Result, { color }: RescueOptions): void {
  const paint = painter(color, "err")
  const damage = holes.length === 0 ? paint("green", "no damage") : paint("red", counted(holes.length, "hole"))
  writeErr(`${printable(input)}: ${counted(rows, "row")} saved in ${printable(output)}, ${damage}\n`)
  for (const { at, length, kind, text } of holes.slice(0, FEW)) {
    const where = at < 0 ? "" : ` at byte ${at}${length > 0 ? `, ${counted(length, "byte")}` : ""}`
    writeErr(`  ${kind}${where}: ${printable(text)}\n`)
  }
  if (holes.length > FEW) writeErr(`  ${counted(holes.length - FEW, "more", "more")}: --report FILE lists them\n`)
  for (const { at, text } of doubts.slice(0, FEW)) {
    writeErr(`  ${paint("yellow", "doubtful in the new file")}${at < 0 ? "" : ` at byte ${at}`}: ${printable(text)}\n`)
  }
  if (doubts.length > FEW) writeErr(`  ${counted(doubts.length - FEW, "more doubt")}: --report FILE lists them\n`)
  for (const text of losses) writeErr(`  ${paint("yellow", "not carried over")}: ${printable(text)}\n`)
}
