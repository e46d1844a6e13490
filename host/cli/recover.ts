import { writeFileSync } from "node:fs"
import { basename } from "node:path"
import type { Command } from "commander"
import { UsageError } from "../errors.js"
import type { Input } from "../input.js"
import type { Opening } from "../open.js"
import type { RescueTarget, Saved } from "../rescue.js"
import type { Source } from "../source.js"
import { EXIT, type Exit, exits } from "./exit.js"
import { onInterrupt } from "./interrupt.js"
import { jsonText, printJson, SCHEMA_VERSION } from "./json.js"
import {
  type CommonOptions,
  commonOptions,
  type InputOptions,
  inputOptions,
  jsonOption,
  type OutputChoice,
  openingOf,
  outputOptions,
} from "./options.js"
import { counted, countText } from "./quantities.js"
import { painter, printable, writeErr } from "./terminal.js"

interface RescueOptions extends CommonOptions, InputOptions, OutputChoice {
  readonly json?: boolean
  readonly report?: string
}

/** How a log is saved: `recover` or `repair` of the library. */
type Rescuer = typeof import("../rescue.js").recover

/** One input saved. */
interface Result extends Saved {
  readonly input: string
  readonly output: string
}

/** `fieldlog recover INPUT -o OUTPUT`: what a damaged log, a card image or a card still holds. */
export function addRecover(program: Command): void {
  const command = program
    .command("recover")
    .summary("saves what a damaged log, a card image or a card still holds")
    .argument("<input>", "a log, a card image, a card reader (/dev/sdX), a folder, - for standard input")
    .addHelpText(
      "before",
      `Examples:
  fieldlog recover broken.met -o saved.met --report holes.json
  fieldlog recover card.img -o saved/       every log on a card, into a folder
`,
    )
  outputOptions(command, "<path>").option("--report <file>", "write every hole as JSON")
  commonOptions(jsonOption(inputOptions(command))).action(
    exits(async (name: string, options: RescueOptions) => rescueAll(name, options, (await import("../rescue.js")).recover)),
  )
}

/** `fieldlog repair FILE -o OUTPUT`: structure rebuilt, values untouched. */
export function addRepair(program: Command): void {
  const command = program
    .command("repair")
    .summary("rebuilds indexes, chains and tags without touching values")
    .argument("<input>", "a JLS, ddff or btsf file")
    .addHelpText(
      "before",
      `Examples:
  fieldlog repair unclosed.jls -o closed.jls  a recording that was cut off
  fieldlog repair broken.ddff -o sound.ddff  the chain of blocks and the tags
`,
    )
  outputOptions(command).option("--report <file>", "write every hole as JSON")
  commonOptions(jsonOption(inputOptions(command))).action(
    exits(async (name: string, options: RescueOptions) => rescueAll(name, options, (await import("../rescue.js")).repair)),
  )
}

async function rescueAll(name: string, options: RescueOptions, rescue: Rescuer): Promise<Exit> {
  const { findInputs } = await import("../input.js")
  if (options.output === "-") throw new UsageError("the new file is read again before it counts, expected -o FILE")
  const opening = await openingOf(options)
  const inputs = await findInputs([name])
  // A card or a folder may hold one log today and two tomorrow: its output is a folder all the same.
  const folder = inputs.length !== 1 || inputs[0]?.label !== name
  const results: Result[] = []
  for (const input of inputs) results.push(await rescueOne(input, opening, options, rescue, folder))
  const document = { input: name, outputs: results.map(({ output }) => output), logs: results }
  if (options.report !== undefined)
    writeFileSync(options.report, jsonText({ schemaVersion: SCHEMA_VERSION, ...document }), { flag: options.force === true ? "w" : "wx" })
  if (options.json === true) printJson(document)
  else for (const result of results) tell(result, options)
  return results.some(({ holes, losses }) => holes.length > 0 || losses.length > 0) ? EXIT.damaged : EXIT.fine
}

async function rescueOne(input: Input, opening: Opening, options: RescueOptions, rescue: Rescuer, folder: boolean): Promise<Result> {
  const { formatOf, located } = await import("../open.js")
  const { withSideFile } = await import("../input.js")
  const { FileOutput } = await import("../output.js")
  const source: Source = await input.source()
  const inputs = input.path === null ? [] : [input.path]
  const force = options.force === true
  const path = options.output
  const output = new FileOutput(path, folder ? { force, inputs, folder, mainName: nameBelow(input) } : { force, inputs })
  const done = onInterrupt(() => output.abort())
  const target: RescueTarget = { output, written: () => output.written() }
  try {
    const format = await located(input.label, () => formatOf(source, opening.format))
    const described = await withSideFile(input, format, opening)
    const saved = await located(input.label, () => rescue(source, format, described, target))
    output.commit()
    return { input: input.label, output: output.paths[0] ?? path, ...saved }
  } catch (error) {
    output.abort()
    throw error
  } finally {
    done()
    await source.close()
  }
}

function nameBelow({ label }: Input): string {
  return basename(label)
}

/** Holes that are told one by one. */
const FEW = 5

function tell({ input, output, rows, holes, losses }: Result, { color }: RescueOptions): void {
  const paint = painter(color, "err")
  const damage = holes.length === 0 ? paint("green", "no damage") : paint("red", counted(holes.length, "hole"))
  writeErr(`${printable(input)}: ${counted(rows, "row")} saved in ${printable(output)}, ${damage}\n`)
  for (const { at, length, kind, text } of holes.slice(0, FEW)) {
    const where = at < 0 ? "" : ` at byte ${countText(at)}${length > 0 ? `, ${counted(length, "byte")}` : ""}`
    writeErr(`  ${kind}${where}: ${printable(text)}\n`)
  }
  if (holes.length > FEW) writeErr(`  ${counted(holes.length - FEW, "more", "more")}: --report FILE lists them\n`)
  for (const text of losses) writeErr(`  ${paint("yellow", "not carried over")}: ${printable(text)}\n`)
}
