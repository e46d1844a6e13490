import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"

/** Copies the board files to where the DeviceScript command looks for them: in its project folder only. */
export function copyBoards(root: string): void {
  const target = join(root, "devicescript", "boards")
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  for (const name of readdirSync(join(root, "boards"))) {
    if (name.endsWith(".board.json")) cpSync(join(root, "boards", name), join(target, name))
  }
}
