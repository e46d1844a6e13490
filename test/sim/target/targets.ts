import { renodeTarget } from "./renode.js"
import { rp2040Target } from "./rp2040.js"
import { serialTarget } from "./serial.js"
import type { TargetKind } from "./target.js"
import { vmTarget } from "./vm.js"

const KINDS: readonly TargetKind[] = [vmTarget, rp2040Target, renodeTarget, serialTarget]

/**
 * The targets of this run: the one that FIELDLOG_TARGET names, which must then be there, or else all of them, of which the missing ones are
 * skipped with their reason.
 * @throws Error when FIELDLOG_TARGET names no target, or one that is missing
 */
export function targets(): readonly TargetKind[] {
  const { FIELDLOG_TARGET: name = "" } = process.env
  if (name === "") return KINDS
  const kind = KINDS.find((each) => each.name === name)
  if (kind === undefined) throw new Error(`FIELDLOG_TARGET=${name}: ${KINDS.map((each) => each.name).join(", ")}`)
  const missing = kind.missing()
  if (missing !== null) throw new Error(`FIELDLOG_TARGET=${name}: ${missing}`)
  return [kind]
}
