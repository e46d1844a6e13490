import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { copyBytes } from "../../bytes/copy.js"
import type { Sink } from "../../bytes/sink.js"
import { FileSink } from "../../io/file-sink.js"
import { fileSource } from "../../io/file-source.js"
import { leaveNothing } from "../../io/leftovers.js"
import type { PendingOutput } from "../../io/output.js"
import { UsageError } from "../../model/errors.js"
import { outIsTerminal, writeOut } from "./terminal.js"

/** Text on standard output, sent as soon as it is written. Control characters are replaced if it is a terminal. */
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
  private readonly terminal = outIsTerminal()

  write(bytes: Uint8Array): void {
    writeOut(this.terminal ? harmless(bytes) : bytes)
    this.size += bytes.length
  }

  patch(): void {
    throw new UsageError("this output is not written in one go, so it cannot go to standard output", { hint: "-o FILE" })
  }

  close(): void {}
  abort(): void {}
}

function harmless(bytes: Uint8Array): Uint8Array {
  const QUESTION_MARK = 0x3f
  return bytes.map((byte) => ((byte < 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) || byte === 0x7f ? QUESTION_MARK : byte))
}

/**
 * Binary output for a pipe. Writers go back to patch headers, so the output is kept in a temporary file until it is complete.
 * @throws UsageError if standard output is a terminal
 */
export class BytesToStdout implements PendingOutput {
  readonly name = "-"
  readonly paths = []
  private readonly folder: string
  private readonly path: string
  private readonly remove = () => rmSync(this.folder, { recursive: true, force: true })
  private readonly done: () => void

  constructor() {
    if (outIsTerminal()) throw new UsageError("binary output does not go to a terminal", { hint: "-o FILE, or a pipe" })
    this.folder = mkdtempSync(join(tmpdir(), "fieldlog-"))
    this.path = join(this.folder, "output")
    this.done = leaveNothing(this.remove)
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
    this.remove()
    this.done()
  }
}

function severalFiles(): UsageError {
  return new UsageError("this output is several files, so it cannot go to standard output", { hint: "-o FILE" })
}
