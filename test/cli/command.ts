import { spawn } from "node:child_process"
import { join } from "node:path"

/** The built program. */
export const MAIN = join(import.meta.dirname, "../../dist/host/cli/main.js")

/** What a run of the built program left. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** How it is run. */
export interface Running {
  readonly input?: Uint8Array | string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the built `fieldlog` with its output in pipes. */
export function fieldlog(args: readonly string[], { input, cwd, env }: Running = {}): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, NO_COLOR: "", ...env } })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes))
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }))
    child.stdin.on("error", () => {})
    child.stdin.end(input ?? "")
  })
}

/** The program as a shell word, for tests of pipes. */
export const SHELL_COMMAND = `'${process.execPath}' '${MAIN}'`

/** Runs a shell line. */
export function shell(line: string, cwd?: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-o", "pipefail", "-c", line], { cwd })
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on("data", (bytes: Buffer) => out.push(bytes))
    child.stderr.on("data", (bytes: Buffer) => err.push(bytes))
    child.on("error", reject)
    child.on("close", (code) => resolve({ code, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() }))
    child.stdin.end()
  })
}
