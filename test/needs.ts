import { spawnSync } from "node:child_process"
import { python } from "./peers/python.js"

/** Options of a test or of a group of tests. */
export interface Need {
  readonly skip: boolean
  readonly meta: { readonly skipped?: string }
}

/**
 * Options of tests that need programs from outside npm: `test("...", needs("fsck.vfat"), () => ...)`. Where one is missing they are skipped,
 * and the reporter says what they need.
 * @throws Error if one is missing and CI=true: there no test is skipped for a missing tool
 */
export function needs(...programs: readonly string[]): Need {
  const missing = programs.filter((program) => !installed(program))
  return skipIf(missing.length > 0, `need ${missing.join(" and ")}`)
}

/** As `needs`, for the Python packages of test/peers/requirements.txt. With CI=true the tests run without them, and fail. */
export function needsPeers(): Need {
  return skipIf(python === null && process.env.CI !== "true", "need Python with test/peers/requirements.txt")
}

/** Options of tests that are skipped for another reason, such as `this is Windows`; null lets them run. */
export function without(reason: string | null): Need {
  return skipIf(reason !== null, `as ${reason}`)
}

function skipIf(skip: boolean, skipped: string): Need {
  return skip ? { skip, meta: { skipped } } : { skip, meta: {} }
}

const known = new Map<string, string | null>()

/** True if a program is on the path. @throws Error if it is not, and CI=true */
export function installed(program: string): boolean {
  const found = pathOf(program) !== null
  if (!found && process.env.CI === "true") throw new Error(`${program} is missing: .ci/run installs it`)
  return found
}

/** Where a program lies; null if it is not on the path. */
export function pathOf(program: string): string | null {
  let found = known.get(program)
  if (found === undefined) {
    const [finder, ...args] = process.platform === "win32" ? ["where", program] : ["sh", "-c", 'command -v "$1"', "sh", program]
    const { status, stdout } = spawnSync(finder as string, args, { encoding: "utf8" })
    found = status === 0 ? (stdout.split(/\r?\n/)[0] as string) : null
    known.set(program, found)
  }
  return found
}
