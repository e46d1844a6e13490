import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)

/** The interpreter with the packages of requirements.txt, or null where there is none. */
export const python: string | null =
  [process.env.FIELDLOG_PEERS_PYTHON, resolve(".peers/bin/python")].find(
    (path): path is string => path !== undefined && existsSync(path),
  ) ?? null

/**
 * Runs `test/peers/<script>` with arguments.
 * @param tries runs until one ends by itself within ten seconds, for a program that sometimes never returns
 * @returns what it printed, as JSON
 */
export async function peer(script: string, args: readonly string[], tries = 1): Promise<unknown> {
  if (python === null) throw new Error("no Python with test/peers/requirements.txt: see .ci/run")
  try {
    const timeout = tries > 1 ? 10_000 : 50_000
    const { stdout } = await run(python, [resolve("test/peers", script), ...args], { maxBuffer: 1 << 28, timeout })
    return JSON.parse(stdout)
  } catch (error) {
    if (tries > 1 && (error as { killed?: boolean }).killed === true) return peer(script, args, tries - 1)
    throw error
  }
}
