import { randomUUID } from "node:crypto"
import { closeSync, openSync, readSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Sink } from "../bytes/sink.js"

/** A file of its own for a library that writes to a path and to nothing else; its bytes then go to a sink. */
export class ScratchFile {
  readonly path: string

  constructor(extension: string) {
    this.path = join(tmpdir(), `fieldlog-${randomUUID()}${extension}`)
  }

  copyTo(sink: Sink): void {
    const fd = openSync(this.path, "r")
    const block = Buffer.alloc(1024 * 1024)
    try {
      for (let n = readSync(fd, block); n > 0; n = readSync(fd, block)) sink.write(block.subarray(0, n))
    } finally {
      closeSync(fd)
    }
  }

  remove(): void {
    rmSync(this.path, { force: true })
  }
}
