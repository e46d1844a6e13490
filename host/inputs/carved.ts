import { stat } from "node:fs/promises"
import { renamedSource } from "../bytes/source.js"
import { findLogs, foundSource } from "../card/find-logs.js"
import { fileSource } from "../io/file-source.js"
import type { Input } from "./input.js"

const SECTOR = 512

/**
 * The logs that `findLogs` finds in a file or card reader, as inputs. None in a file that cannot be opened.
 * @param known places where logs begin that are known already, and left out
 * @param taken names that the card's folders list: no log that is found gets one of them
 */
export async function carveInputs(path: string, known: ReadonlySet<number> = new Set(), taken: readonly string[] = []): Promise<Input[]> {
  const there = await stat(path).catch(() => null)
  if (there === null || !(there.isFile() || there.isBlockDevice())) return []
  const card = await fileSource(path)
  const inputs: Input[] = []
  const names = new Set(taken.map((name) => name.toUpperCase()))
  try {
    for await (const log of findLogs(card)) {
      if (known.has(log.at)) continue
      // Two cards' worth of logs may lie on one: the later of two with the same number is told by its place.
      const name = names.has(log.name.toUpperCase()) ? log.name.replace(/(?=\.)/, `-${log.at / SECTOR}`) : log.name
      names.add(name.toUpperCase())
      inputs.push({
        label: `${path}:/${name}`,
        path,
        kind: "bytes",
        source: async () => {
          const source = await fileSource(path)
          return renamedSource(foundSource(source, log), name, () => source.close())
        },
        folders: async () => [],
        issues: [],
      })
    }
  } finally {
    await card.close()
  }
  return inputs
}
