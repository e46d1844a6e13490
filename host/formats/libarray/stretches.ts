import type { Source } from "../../bytes/source.js"
import { type ByteRange, rangesWithin } from "../../bytes/unreadable.js"
import type { ZoneReader } from "../../text/zones.js"
import { type Lines, scanLines } from "./scan.js"
import type { SeriesFile, TreeFiles } from "./tree.js"

/** Files up to this size are read, and sorted if need be, in one piece. */
const WHOLE = 32 * 1024 * 1024
/** Larger ones come in pieces of whole lines. */
const PIECE = 8 * 1024 * 1024

/** Lines of a file, with their place in it. */
export interface Stretch {
  readonly lines: Lines
  /** The file, for messages. */
  readonly label: string
  /** Byte offset in the file of the stretch's first byte. */
  readonly at: number
  /** Lines between the first one read and the stretch. */
  readonly linesBefore: number
}

/** How a file is read. */
export interface StretchOptions {
  /** The byte to begin at. */
  readonly from?: number
  /** A last line without LF shall wait for it: somebody may be writing it. */
  readonly endedOnly?: boolean
  /** Makes instants of the lines' times. */
  readonly zone?: ZoneReader | undefined
}

/**
 * The lines of a file in stretches; one for a file of usual size. Each stretch is in time order. In a file beyond 32 MiB
 * a line that is earlier than the stretch before stays where it is.
 * @returns nothing when there is no such file
 */
export function* readStretches(
  files: TreeFiles,
  { path, below, firstDay, lastDay }: SeriesFile,
  options: StretchOptions = {},
): Generator<Stretch> {
  const file = files.open(path)
  if (file === null) return
  const day = firstDay === lastDay ? firstDay : null
  try {
    const plan = new Pieces(below, day, file.size, options)
    for (let next = plan.next(); next !== null; next = plan.next()) {
      const bytes = new Uint8Array(next.length)
      yield* plan.take(bytes.subarray(0, file.read(next.at, bytes)), file.unreadable)
    }
  } finally {
    file.close()
  }
}

/** The same of a lone day file from any source. */
export async function* sourceStretches(source: Source, options: StretchOptions = {}): AsyncGenerator<Stretch> {
  const plan = new Pieces(source.name, null, source.size, options)
  for (let next = plan.next(); next !== null; next = plan.next())
    yield* plan.take(await source.read(next.at, next.length, new Uint8Array(next.length)))
}

/** Which bytes to read next, and what becomes of them. */
class Pieces {
  private at: number
  private linesBefore = 0
  private first = true
  private readonly endedOnly: boolean
  private readonly zone: ZoneReader | null

  constructor(
    private readonly label: string,
    private readonly day: number | null,
    private readonly size: number,
    { from = 0, endedOnly = false, zone }: StretchOptions,
  ) {
    this.at = from
    this.endedOnly = endedOnly
    this.zone = zone ?? null
  }

  /** Null at the end of the file. An empty file has one stretch, without lines. */
  next(): { at: number; length: number } | null {
    const left = this.size - this.at
    if (left <= 0 && !this.first) return null
    this.first = false
    return { at: this.at, length: left <= WHOLE ? Math.max(0, left) : PIECE }
  }

  /** @param unreadable places of the file whose bytes are zeros because the device cannot read them */
  *take(bytes: Uint8Array, unreadable: readonly ByteRange[] = []): Generator<Stretch> {
    const isLast = this.at + bytes.length >= this.size
    // A line longer than a piece is no line of a series; its pieces have no time and are reported as such.
    const ended = bytes.lastIndexOf(10) + 1
    const whole = isLast && !this.endedOnly ? bytes : bytes.subarray(0, ended === 0 && !isLast ? bytes.length : ended)
    const lines = withLost(scanLines(whole, this.day, this.zone), rangesWithin(unreadable, this.at, whole.length))
    yield { lines, label: this.label, at: this.at, linesBefore: this.linesBefore }
    this.linesBefore += lines.scanned
    this.at = isLast || bytes.length === 0 ? this.size : this.at + whole.length
  }
}

function withLost(lines: Lines, lost: readonly ByteRange[]): Lines {
  if (lost.length === 0) return lines
  const faults = lost.map(({ at, length }) => {
    const text = `${length} bytes cannot be read, the device reports an input/output error; they are taken as zeros`
    return { kind: "unreadable", at, length, line: 0, text } as const
  })
  return { ...lines, faults: [...faults, ...lines.faults] }
}
