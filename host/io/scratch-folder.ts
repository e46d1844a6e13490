import { randomUUID } from "node:crypto"
import { mkdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { leaveNothing } from "./leftovers.js"

/** A temporary folder of its own. It is removed when the process ends, if not before: also by a signal that comes while it is made. */
export class ScratchFolder {
  readonly path = join(tmpdir(), `fieldlog-${randomUUID()}`)
  private readonly forget: () => void

  /** @throws Error if the system's temporary folder cannot be written */
  constructor() {
    this.forget = leaveNothing(() => this.remove())
    mkdirSync(this.path, { mode: 0o700 })
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
    this.forget()
  }
}
