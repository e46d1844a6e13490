import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from "node:fs"
import { fileSource } from "../../io/file-source.js"
import { type Lock, lockFile } from "../../io/lock.js"
import { LogError } from "../../model/errors.js"
import { IssueList } from "../../model/issues.js"
import type { Issue, Values } from "../../model/log.js"
import { encodeRow, encodeRows } from "./encode.js"
import { readHeader } from "./head/header.js"
import type { Master } from "./head/master.js"
import { surveyRows } from "./survey.js"

/** How rows are gathered. */
export interface AppendOptions {
  /** Most rows held back before they are written at once; a killed process can lose as many. Default 256. */
  readonly gatherRows?: number
}

/** What was cut off a file so that the next row is aligned. */
export interface Settled {
  /** Byte offset where the first new row goes. */
  readonly at: number
  /** Bytes cut: an unfinished row, or rows of zeros allocated ahead. */
  readonly cut: number
  readonly issues: readonly Issue[]
}

/**
 * Opens a btsf file of any layout to append rows. An unfinished last row and space allocated ahead are cut off first,
 * so no row is ever shifted. Only one writer may have a file: a second one is refused.
 * @throws LogError if it is not a btsf file, its end is damaged, it cannot be written, or another writer has it
 */
export async function openForAppend(path: string, options: AppendOptions = {}): Promise<BtsfAppender> {
  // Without a file there is nothing to lock.
  const source = await fileSource(path)
  let lock: Lock | null = null
  try {
    lock = lockFile(path)
    if ((await source.isCurrent?.()) === false) throw new LogError("was replaced by another writer", { format: "btsf", path })
    await source.refresh()
    const header = await readHeader(source)
    const issues = new IssueList()
    const { end } = await surveyRows(source, header, issues)
    // What follows the last row is cut off: an unfinished row or zeros, but not bytes that may be worth a rescue.
    const doubt = issues.all.find(({ kind, at, length }) => kind === "gap" && at + length >= source.size)
    if (doubt !== undefined) {
      throw new LogError(`the end is damaged, rows must not be added to it: ${doubt.text}`, {
        format: "btsf",
        path,
        at: doubt.at,
        hint: "recover saves its rows",
      })
    }
    const cut = source.size - end
    return new BtsfAppender(path, header.master, { at: end, cut, issues: issues.all }, options.gatherRows ?? 256, lock)
  } catch (error) {
    lock?.release()
    throw error
  } finally {
    await source.close()
  }
}

/** Appends rows: `append` gathers, `flush` hands whole rows to the system, `sync` waits until they are on the disk. */
export class BtsfAppender {
  private readonly fd: number
  private readonly gather: Uint8Array
  private readonly view: DataView
  private readonly limit: number
  private gathered = 0
  private at: number

  /** Use `openForAppend`. */
  constructor(
    readonly path: string,
    readonly master: Master,
    readonly settled: Settled,
    gatherRows: number,
    private readonly lock: Lock,
  ) {
    const size = master.structSize
    this.limit = Math.max(1, gatherRows) * size
    this.gather = new Uint8Array(this.limit)
    this.view = new DataView(this.gather.buffer)
    this.at = settled.at
    this.fd = openToWrite(path)
    if (settled.cut === 0) return
    ftruncateSync(this.fd, settled.at)
    fsyncSync(this.fd)
  }

  /** Adds one row: a value per metric. @throws UsageError for values that do not fit; the row is not added then */
  append(values: readonly (number | bigint)[]): void {
    encodeRow(this.master.row, values, this.view, this.gathered)
    this.gathered += this.master.structSize
    if (this.gathered === this.limit) this.flush()
  }

  /** Adds rows from columns, one per metric in the storage of its type. */
  appendColumns(columns: readonly Values[], rows: number): void {
    const size = this.master.structSize
    for (let done = 0; done < rows; ) {
      const n = Math.min(rows - done, (this.limit - this.gathered) / size)
      encodeRows(this.master.row, size, columns, done, n, this.gather.subarray(this.gathered, this.gathered + n * size))
      this.gathered += n * size
      done += n
      if (this.gathered === this.limit) this.flush()
    }
  }

  /**
   * Gives the gathered rows to the operating system in one write: they outlive this process.
   * @throws LogError if somebody else changed the file or the disk is full; the rows stay gathered, and the file ends in a whole row
   */
  flush(): void {
    if (this.gathered === 0) return
    const { size } = fstatSync(this.fd)
    if (size !== this.at) {
      throw new LogError(`has ${size} bytes, expected ${this.at}: somebody else writes to it`, { format: "btsf", path: this.path })
    }
    try {
      for (let done = 0; done < this.gathered; ) done += writeSync(this.fd, this.gather, done, this.gathered - done, this.at + done)
    } catch (error) {
      ftruncateSync(this.fd, this.at)
      throw new LogError(`cannot be written (${(error as NodeJS.ErrnoException).code})`, { format: "btsf", path: this.path })
    }
    this.at += this.gathered
    this.gathered = 0
  }

  /** `flush`, then waits for the disk: the rows outlive a power loss. */
  sync(): void {
    this.flush()
    fsyncSync(this.fd)
  }

  close(): void {
    try {
      this.sync()
    } finally {
      closeSync(this.fd)
      this.lock.release()
    }
  }
}

function openToWrite(path: string): number {
  try {
    return openSync(path, "r+")
  } catch (error) {
    throw new LogError(`cannot be written (${(error as NodeJS.ErrnoException).code})`, { format: "btsf", path })
  }
}
