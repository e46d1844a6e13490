import { randomUUID } from "node:crypto"
import { renameSync, rmSync } from "node:fs"
import { dirname, join } from "node:path"
import { FileSink } from "../io/file-sink.js"

/**
 * A file that is seen whole or not at all, also when another machine writes the same one: the last to be complete stays.
 * Until then its name begins with `_`, which Spark, Hive and Trino leave out of a folder of tables.
 */
export class WholeFile {
  readonly sink: FileSink
  private readonly draft: string

  constructor(private readonly path: string) {
    this.draft = join(dirname(path), `_${randomUUID()}`)
    this.sink = new FileSink(this.draft)
  }

  /** Gives the file its name. Its sink has been closed. */
  publish(): void {
    renameSync(this.draft, this.path)
  }

  discard(): void {
    this.sink.abort()
    rmSync(this.draft, { force: true })
  }
}

/** Writes all of a file at once. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const file = new WholeFile(path)
  file.sink.write(bytes)
  file.sink.close()
  file.publish()
}
