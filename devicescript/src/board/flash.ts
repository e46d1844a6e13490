import * as ds from "@devicescript/core"
import { readSetting } from "@devicescript/settings"

/** The firmware answers within some milliseconds; if it does not, nothing waits longer than this for it. */
const PATIENCE_MS = 2000

/**
 * The setting `LOGGER` in the board's flash: `LOGGER.CFG` in one line, with `;` for the ends of lines; empty where there is none. It comes
 * there with the program, from a line in `devicescript/.env.local`. It is read and never written: a power cut while the firmware writes
 * a setting can cost it the program. At most 200 characters: from 230 on the firmware stops.
 */
export async function flashSettings(): Promise<string> {
  let text: string | null = null
  const ask = async () => {
    text = await readSetting("LOGGER", "")
  }
  ask.start()
  for (let waited = 0; text === null && waited < PATIENCE_MS; waited = waited + 10) await ds.sleep(10)
  return typeof text === "string" ? text : ""
}
