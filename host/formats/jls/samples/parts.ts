import { search } from "../../../bytes/search.js"
import type { SignalDef } from "../chunks/definitions.js"
import { chunkSpan, type DataPlace, type FsrMap, mostSamples, type SummaryPlace } from "../chunks/structure.js"

/** A stretch of samples that no chunk holds. `at`: offset of the DATA chunk behind it. */
interface Hole {
  readonly first: number
  readonly end: number
  readonly at: number
}

/** The parts of one FSR signal as a scan meets them, in any order. */
export class FsrParts {
  samples = 0
  /** Bits of a sample, and the most samples of a chunk. */
  bits = 8
  fullest = 0
  private readonly data = new Rows(3)
  private readonly omitted = new Rows(2)
  private readonly summaries: Rows[] = []
  private start = Number.POSITIVE_INFINITY

  addData(at: number, first: number, count: number, bits: number): void {
    this.data.push(first, at, count)
    this.samples += count
    this.bits = bits
    this.fullest = Math.max(this.fullest, count)
    this.covers(first)
  }

  /** DATA chunk `i` of the INDEX that starts at `first` was left out on purpose. */
  addOmitted(first: number, i: number): void {
    this.omitted.push(first, i)
  }

  addSummary(level: number, at: number, first: number): void {
    const rows = (this.summaries[level] ??= new Rows(2))
    rows.push(first, at)
  }

  /** The signal starts no later than this sample. */
  covers(first: number): void {
    this.start = Math.min(this.start, first)
  }

  /** @param fileSize the file's size, which bounds how far apart ids can be */
  map(def: SignalDef, fileSize: number): PartsMap {
    for (let i = 0; i < this.omitted.length; i++) {
      this.data.push(this.omitted.at(i, 0) + this.omitted.at(i, 1) * def.samplesPerData, 0, def.samplesPerData)
    }
    const data = this.data.sorted()
    const most = mostSamples(def, fileSize)
    // The CRC is sound but the id is not: a part too far from the first samples does not belong to the signal.
    while (data.length > 1 && data.at(data.length - 1, 0) - data.at(0, 0) > most) data.length--
    const start = data.length > 0 && data.at(0, 0) - this.start > most ? data.at(0, 0) : this.start
    const summaries = this.summaries.map((rows) => rows.sorted())
    return new PartsMap(def, data, summaries, start)
  }
}

/** The map of an FSR signal from what a scan found. */
export class PartsMap implements FsrMap {
  readonly first: number
  readonly end: number

  constructor(
    private readonly def: SignalDef,
    private readonly data: Rows,
    private readonly summaryRows: readonly Rows[],
    start: number,
  ) {
    this.first = data.length === 0 ? 0 : Math.min(start, data.at(0, 0))
    let end = this.first
    for (let i = 0; i < data.length; i++) end = Math.max(end, data.at(i, 0) + data.at(i, 2))
    this.end = end
  }

  async places(from: number, to: number): Promise<DataPlace[]> {
    const found: DataPlace[] = []
    for (let i = Math.max(0, this.data.before(from) - 1); i < this.data.length && this.data.at(i, 0) < to; i++) {
      const [first, at, count] = [this.data.at(i, 0), this.data.at(i, 1), this.data.at(i, 2)]
      if (first + count > from) found.push({ at, first, count })
    }
    return found
  }

  async summaries(level: number, from: number, to: number): Promise<SummaryPlace[]> {
    const rows = this.summaryRows[level]
    if (rows === undefined) return []
    const found: SummaryPlace[] = []
    for (let i = rows.before(from - chunkSpan(this.def, level)); i < rows.length && rows.at(i, 0) < to; i++) {
      found.push({ first: rows.at(i, 0), at: rows.at(i, 1) })
    }
    return found
  }

  /** The stretches within the signal that no DATA chunk covers. */
  *holes(): Generator<Hole> {
    let end = this.first
    for (let i = 0; i < this.data.length; i++) {
      const first = this.data.at(i, 0)
      if (first > end) yield { first: end, end: first, at: this.data.at(i, 1) }
      end = Math.max(end, first + this.data.at(i, 2))
    }
  }
}

/** Rows of numbers in one typed array, ordered by their first column when sorted. */
class Rows {
  length = 0
  private store: Float64Array = new Float64Array(64)

  constructor(private readonly width: number) {}

  push(...row: number[]): void {
    const from = this.length * this.width
    if (from + this.width > this.store.length) {
      const larger = new Float64Array(this.store.length * 2)
      larger.set(this.store)
      this.store = larger
    }
    this.store.set(row, from)
    this.length++
  }

  at(row: number, column: number): number {
    return this.store[row * this.width + column] as number
  }

  /** Rows whose first column is at most `value`, once sorted. */
  before(value: number): number {
    return search(0, this.length, (row) => this.at(row, 0) > value)
  }

  /** These rows if they are in order, else a sorted copy. Rows with the same first column keep their order. */
  sorted(): Rows {
    let ordered = true
    for (let i = 1; i < this.length && ordered; i++) ordered = this.at(i - 1, 0) <= this.at(i, 0)
    if (ordered) return this
    const order = Uint32Array.from({ length: this.length }, (_, i) => i).sort((a, b) => this.at(a, 0) - this.at(b, 0) || a - b)
    const copy = new Rows(this.width)
    for (const i of order) copy.push(...this.store.subarray(i * this.width, (i + 1) * this.width))
    return copy
  }
}
