import { existsSync, statSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import type { Sink } from "../bytes/sink.js"
import type { Source } from "../bytes/source.js"
import { LogError, UsageError } from "../model/errors.js"
import type { Output } from "../model/format.js"
import { cutToBytes } from "../text/cut.js"
import { FileSink } from "./file-sink.js"
import { fileSource } from "./file-source.js"
import { checkPlace } from "./folder.js"
import type { Lock } from "./lock.js"

/** What is asked of a place for output. */
interface OutputOptions {
  /** Existing files may be replaced. */
  readonly force?: boolean
  /** Files that are being read: they are never written, whatever `force` says. */
  readonly inputs?: readonly string[]
  /** `path` is a folder, and every output lies below it. `mainName` names the output that the writer gives no name. */
  readonly folder?: boolean
  readonly mainName?: string
  /** The lock of `path`, where the caller has it. */
  readonly lock?: Lock | undefined
}

/** An output that is seen as a whole or not at all. */
export interface PendingOutput extends Output {
  /** The files written, in the order they were begun. */
  readonly paths: readonly string[]
  /** All files are complete: they get their names. */
  commit(): void | Promise<void>
  /** Leaves nothing behind. */
  abort(): void
}

/**
 * Runs `body`. What it wrote becomes visible when it returns, and nothing of it when it fails or is interrupted.
 */
export async function committed<T>(output: PendingOutput, body: () => Promise<T>): Promise<T> {
  try {
    const result = await body()
    await output.commit()
    return result
  } catch (error) {
    output.abort()
    throw error
  }
}

/**
 * Files at or below a path on disk. Each is written as a draft; `commit` gives all of them their names, `abort`
 * leaves nothing behind. Names that a writer asks for cannot leave the folder.
 */
export class FileOutput implements PendingOutput {
  readonly name: string
  private readonly base: string
  private readonly taken = new Set<string>()
  private readonly sinks: FileSink[] = []

  constructor(
    path: string,
    private readonly options: OutputOptions = {},
  ) {
    if (options.folder !== true && /[/\\]$/.test(path))
      throw new UsageError("names a folder, expected a file name for the output", { path })
    const full = resolve(path)
    this.base = options.folder === true ? full : dirname(full)
    this.name = safeName(options.folder === true ? (options.mainName ?? basename(full)) : basename(full))
    checkPlace(full)
    if (options.folder === true && existsSync(full) && !statSync(full).isDirectory()) {
      throw new UsageError("is a file, expected a folder for the output", { path })
    }
  }

  get paths(): string[] {
    return this.sinks.map(({ path }) => path)
  }

  sink(relative?: string): Sink {
    const path = this.free(relative === undefined ? [this.name] : safeParts(relative))
    checkPlace(path)
    this.check(path)
    const sink = open(path, relative === undefined ? this.options.lock : undefined)
    this.sinks.push(sink)
    return new Sealing(sink)
  }

  private free(parts: readonly string[]): string {
    const path = join(this.base, ...parts)
    // FAT and most laptops' file systems do not tell `A` from `a`.
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? path : path.replace(/(\.[^./\\]*)?$/, (ending) => `-${n}${ending}`)
      if (this.taken.has(candidate.toLowerCase())) continue
      this.taken.add(candidate.toLowerCase())
      return candidate
    }
  }

  private check(path: string): void {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return
    if (this.options.inputs?.some((input) => isSameFile(input, path))) {
      throw new UsageError("is an input and is never overwritten", { path, hint: "choose another name with -o" })
    }
    if (found.isDirectory()) throw new UsageError("is a folder, expected a file name for the output", { path })
    // A rename onto a device or a pipe would put a file in its place.
    if (!found.isFile()) throw new UsageError("is a device or a pipe, not a file", { path, hint: "-o - and the shell's > write there" })
    if (this.options.force !== true) throw new UsageError("exists already", { path, hint: "--force replaces it" })
  }

  /** The main output as it lies on the disk, before it has its name. */
  async written(): Promise<Source> {
    const [main] = this.sinks
    if (main === undefined) throw new LogError("nothing was written")
    main.seal()
    return fileSource(main.draftPath)
  }

  commit(): void {
    for (const sink of this.sinks) sink.seal()
    for (const sink of this.sinks) sink.publish()
  }

  abort(): void {
    for (const sink of this.sinks) sink.abort()
  }
}

function open(path: string, lock: Lock | undefined): FileSink {
  try {
    return new FileSink(path, undefined, lock)
  } catch (error) {
    if (error instanceof LogError) throw error
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : code === "ENOSPC" ? "no space left" : (code ?? message)
    throw new LogError(`cannot be written (${reason})`, { path })
  }
}

/** A file of several: closing it puts it on the disk, the name comes with the others. */
class Sealing implements Sink {
  constructor(private readonly file: FileSink) {}

  get size(): number {
    return this.file.size
  }
  write(bytes: Uint8Array): void {
    this.file.write(bytes)
  }
  patch(at: number, bytes: Uint8Array): void {
    this.file.patch(at, bytes)
  }
  close(): void {
    this.file.seal()
  }
  abort(): void {
    this.file.abort()
  }
}

/** True when both names lead to one file, by whatever links. */
function isSameFile(a: string, b: string): boolean {
  const one = statSync(a, { throwIfNoEntry: false, bigint: true })
  const other = statSync(b, { throwIfNoEntry: false, bigint: true })
  if (one === undefined || other === undefined) return false
  return one.dev === other.dev && one.ino === other.ino
}

/** Longest name of one file or folder, in bytes: file systems stop at 255, and `-2` may be added. */
const NAME_CAP = 240

/** A relative path from a file or a card as parts that stay where they are put: no `..`, no drive, no control characters. */
export function safeParts(relative: string): string[] {
  const parts = relative.split(/[/\\]+/).filter((part) => part !== "" && part !== ".")
  return parts.length === 0 ? ["_"] : parts.map(safeName)
}

/** One name that any file system takes, as near to the given one as can be. */
export function safeName(name: string): string {
  const plain = name.replace(/[\p{Cc}\p{Cs}<>:"/\\|?*]/gu, "_").replace(/[. ]+$/, (tail) => "_".repeat(tail.length))
  const cut = cutToBytes(plain, NAME_CAP)
  if (cut === "") return "_"
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(cut) ? `_${cut}` : cut
}
