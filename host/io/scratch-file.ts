import { randomUUID } from "node:crypto"
import { rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { copyBytes } from "../bytes/copy.js"
import type { Sink } from "../bytes/sink.js"
import { fileSource } from "./file-source.js"
import { leaveNothing } from "./leftovers.js"

/** A file of its own for a library that writes to a path and to nothing else; its bytes then go to a sink. */
export class ScratchFile {
  readonly path: string
  private readonly forget: () => void

  constructor(extension: string) {
    this.forget = leaveNothing(() => this.remove())
    this.path = join(tmpdir(), `fieldlog-${randomUUID()}${extension}`)
  }

  async copyTo(sink: Pick<Sink, "write">): Promise<void> {
    const source = await fileSource(this.path)
    try {
      await copyBytes(source, 0, source.size, sink)
    } finally {
      await source.close()
    }
  }

  remove(): void {
    rmSync(this.path, { force: true })
    this.forget()
  }
}
