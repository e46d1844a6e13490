import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"

/** The board whose pins the sources name. */
const NAMED = "fieldlog_pico"

/** Copies the board files to where the DeviceScript command looks for them: in its project folder only. */
export function copyBoards(root: string): void {
  const target = join(root, "devicescript", "boards")
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const name of boardNames(root)) cpSync(boardFile(root, name), boardFile(join(root, "devicescript"), name))
}

/** The boards that there is a file for, by name: `pico`, `xiao_esp32c3`. */
export function boardNames(root: string): string[] {
  const files = readdirSync(join(root, "boards")).filter((file) => file.endsWith(".board.json"))
  return files.map((file) => file.replace(/^fieldlog_|\.board\.json$/g, "")).sort()
}

/** A board file, as far as anyone here needs it. */
export interface BoardJson {
  readonly archId: string
  readonly devName: string
  readonly productId: string
  readonly pins: Readonly<Record<string, number>>
  /** Labels that stand for another's pin, where a board has too few analog inputs. */
  readonly $shared?: Readonly<Record<string, string>>
  readonly i2c: { readonly pinSDA: number; readonly pinSCL: number }
}

/** The file of a board by its name. */
export function readBoard(root: string, name: string): BoardJson {
  return JSON.parse(readFileSync(boardFile(root, name), "utf8")) as BoardJson
}

function boardFile(folder: string, name: string): string {
  return join(folder, "boards", `fieldlog_${name}.board.json`)
}

/**
 * The program's sources with another board's pins, in `.build/boards/<name>`: the compiler takes pins from a module that the source
 * names. All boards have the same labels.
 * @returns the DeviceScript project folder
 */
export function stageProgram(root: string, name: string): string {
  const stage = join(root, ".build", "boards", name)
  const folder = join(stage, "devicescript")
  for (const part of ["shared", "boards", "devicescript/src"]) rmSync(join(stage, part), { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const part of ["shared", "boards", "devicescript/src", "devicescript/devsconfig.json", "devicescript/package.json"])
    cpSync(join(root, part), join(stage, part), { recursive: true })
  copyBoards(stage)
  const board = readBoard(root, name)
  for (const file of readdirSync(join(folder, "src"), { recursive: true }) as string[]) {
    if (!file.endsWith(".ts")) continue
    const path = join(folder, "src", file)
    const text = readFileSync(path, "utf8")
    if (text.includes(`@dsboard/${NAMED}"`)) writeFileSync(path, forBoard(text, name, board))
  }
  return folder
}

function forBoard(text: string, name: string, { $shared = {} }: BoardJson): string {
  const named = text.replaceAll(`@dsboard/${NAMED}"`, `@dsboard/fieldlog_${name}"`)
  return named.replace(/\bpins\.(\w+)/g, (pin, label: string) => ($shared[label] === undefined ? pin : `pins.${$shared[label]}`))
}

/** Runs the DeviceScript command in a project folder. @returns what it printed. @throws Error with its messages when it fails */
export function runDevs(folder: string, command: readonly string[]): string {
  const cli = createRequire(import.meta.url).resolve("@devicescript/cli/devicescript")
  // Without CI the command asks the registry for updates and colours its output.
  const env = { ...process.env, NO_UPDATE_NOTIFIER: "1", CI: "1" }
  const run = spawnSync(process.execPath, [cli, ...command], { cwd: folder, env, encoding: "utf8" })
  if (run.status !== 0) throw new Error(`devs ${command.join(" ")}:\n${run.stdout}${run.stderr}`)
  return run.stdout + run.stderr
}
