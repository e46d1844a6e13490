import { join } from "node:path"
import { copyBytes } from "../../bytes/copy.js"
import type { Sink } from "../../bytes/sink.js"
import { FileSink } from "../../io/file-sink.js"
import { fileSource } from "../../io/file-source.js"
import type { PendingOutput } from "../../io/output.js"
import { ScratchFolder } from "../../io/scratch-folder.js"
import { UsageError } from "../../model/errors.js"
import { printableLines } from "../../text/printable.js"
import { outIsTerminal, writeOut } from "./terminal.js"

/** Text on standard output, sent as soon as it is written. What could drive a terminal is escaped if it is one. */
export class TextToStdout implements PendingOutput {
  readonly name = "-"
  readonly paths = []

  sink(relative?: string): Sink {
    if (relative !== undefined) throw severalFiles()
    return new StdoutSink()
  }

  commit(): void {}
  abort(): void {}
}

class StdoutSink implements Sink {
  size = 0
  /** Null for a pipe or a file, which get every byte as it is. */
  private readonly decoder = outIsTerminal() ? new TextDecoder() : null

  write(bytes: Uint8Array): void {
    // A character may be cut by the end of a piece: the decoder keeps its beginning.
    writeOut(this.decoder === null ? bytes : printableLines(this.decoder.decode(bytes, { stream: true })))
    this.size += bytes.length
  }

  patch(): void {
    throw new UsageError("this output is not written in one go, so it cannot go to standard output", { hint: "-o FILE" })
  }

  close(): void {}
  abort(): void {}
}

/**
 * Binary output for a pipe. Writers go back to patch headers, so the output is kept in a temporary file until it is complete.
 * @throws UsageError if standard output is a terminal
 */
export class BytesToStdout implements PendingOutput {
  readonly name = "-"
  readonly paths = []
  private readonly folder: ScratchFolder
  private readonly path: string

  constructor() {
    if (outIsTerminal()) throw new UsageError("binary output does not go to a terminal", { hint: "-o FILE, or a pipe" })
    this.folder = new ScratchFolder()
    this.path = join(this.folder.path, "output")
  }

  sink(relative?: string): Sink {
    if (relative !== undefined) throw severalFiles()
    return new FileSink(this.path)
  }

  /** Sends what was written. */
  async commit(): Promise<void> {
    const source = await fileSource(this.path)
    try {
      await copyBytes(source, 0, source.size, { write: writeOut })
    } finally {
      await source.close()
      this.abort()
    }
  }

  abort(): void {
    this.folder.remove()
  }
}

function severalFiles(): UsageError {
  return new UsageError("this output is several files, so it cannot go to standard output", { hint: "-o FILE" })
}
