import { lstatSync, readlinkSync, realpathSync } from "node:fs"
import { dirname, resolve } from "node:path"

/** As many symbolic links one behind the other as Linux follows. */
const MOST_LINKS = 40

/** Where a path leads, also when nothing is there yet. */
export function behindLinks(path: string): string {
  let target = path
  for (let links = 0; links < MOST_LINKS; links++) {
    if (lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink() !== true) break
    target = resolve(realpathSync(dirname(target)), readlinkSync(target))
  }
  return resolve(target)
}
