import { setTimeout as delay } from "node:timers/promises"
import type { OpenInput } from "../../inputs/input.js"
import { UsageError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import type { Selection } from "../../model/log.js"
import { targetFor } from "../../registry/targets.js"
import { asStored } from "../../views/as-stored.js"
import { selectFrom } from "../../views/select.js"
import type { CommonOptions, InputOptions, JoinOptions, PartOptions } from "../options/flags.js"
import { endIncomplete, tellOutcome } from "../report/outcome.js"
import { withLog } from "../report/with-log.js"
import { writing } from "../report/writing.js"
import type { Exit } from "../terminal/exit.js"
import { outIsFile } from "../terminal/terminal.js"

interface CatOptions extends CommonOptions, InputOptions, JoinOptions, PartOptions {
  readonly as: "ndjson" | "csv"
  readonly raw?: boolean
  readonly order: "time" | "file"
  readonly follow?: boolean
}

/** Pause between two looks at a growing file. */
const FOLLOW_MS = 200

/** Prints the rows of a log. @throws LogError if it cannot be read; UsageError for a channel or a time that it does not have */
export async function cat(name: string, options: CatOptions): Promise<Exit> {
  const target = targetFor("-", options.as)
  // The program behind a pipe may write to the terminal too.
  const quiet = !outIsFile() || options.follow === true
  return withLog(name, { ...options, progress: options.progress && !quiet }, async (open, progress) => {
    const ended: Ended = { why: null }
    const follow = options.follow === true ? { follow: follower(open, ended) } : {}
    const selection: Selection = { progress: progress.at, order: options.order, ...follow }
    const log = await selectFrom(open.log, open.wanted, selection)
    const shown = options.raw === true ? asStored(log) : log
    const how: WriteOptions = { selection, raw: options.raw === true }
    const losses = await writing({ output: "-" }, { text: true, inputs: [] }, ({ output }) => target.write(shown, output, how))
    progress.end()
    const exit = tellOutcome({ losses, issues: log.issues }, { color: options.color, quietForm: true })
    return ended.why === null ? exit : endIncomplete(open.input.label, "no longer followed", [ended.why], options)
  })
}

/** Why a file is no longer followed. */
interface Ended {
  why: string | null
}

/** Waits until the file has grown. False, and `ended` says why, when it got shorter or another file took its name. */
function follower({ source, input }: OpenInput, ended: Ended): () => Promise<boolean> {
  if (source === null || input.path === null) throw new UsageError("only a file can be followed", { path: input.label })
  return async () => {
    const before = source.size
    for (;;) {
      const now = await source.refresh()
      if (now > before) return true
      if (now < before) ended.why = `it became shorter: it had ${before} bytes, now ${now}`
      else if ((await source.isCurrent?.()) === false) ended.why = "it was removed, or another file has taken its name"
      if (ended.why !== null) return false
      await delay(FOLLOW_MS)
    }
  }
}
