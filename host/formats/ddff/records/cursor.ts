import type { Values } from "../../../model/log.js"
import { INCOMPLETE, INVALID, skip } from "../blocks/msgpack.js"
import type { Payload, Stop } from "../blocks/payload.js"
import { cutColumn } from "./columns.js"
import { decodeRow } from "./odd-row.js"
import { type Lost, resync, settle } from "./records.js"
import { compile, decodeRows, type Program } from "./rows.js"
import type { Schema } from "./schema.js"
import { Stage } from "./stage.js"

/** Rows of one stream in recorded order. */
export interface Batch {
  readonly rows: number
  /** Index in the stream of the first row, counted from where reading began. */
  readonly first: number
  readonly ticks: Float64Array
  /** Rows with an earlier tick than the row before. */
  readonly restarts: readonly number[]
  readonly columns: readonly Values[]
  readonly missing: readonly (Uint8Array | null)[]
  /** File offset of each row's record. */
  readonly at: Float64Array
}

/** A cursor's reports of wrong bytes and values. */
export interface CursorEvents {
  lost(what: Lost): void
  /** A record that is neither `[tick, data]` nor `[tick, span, data]` of this stream. */
  stranger(at: number, length: number): void
  /** Values that are missing because they do not fit their channel. */
  misfit(at: number, values: number): void
  /** Rows whose tick is no number: they are given the tick before. */
  untimed(at: number, rows: number): void
}

/** Rows of a batch, and entries of its stage. */
const MAX_ROWS = 8_192
const MAX_ENTRIES = 1_048_576
/** Payload gathered for a batch, and how far a batch reaches through the file. */
const GATHER = 256 * 1024
const REACH = 4 * 1024 * 1024

export interface CursorOptions {
  /** Only ticks are decoded: batches have no columns. */
  readonly ticksOnly?: boolean
  /** Fill `Batch.at`. */
  readonly places?: boolean
}

/** Reads the rows of one stream batch by batch. */
export class RowCursor {
  private readonly program: Program
  private readonly stage: Stage
  private readonly columns: boolean
  private readonly places: boolean
  private rows = 0
  private lastTick = 0
  private wanted = GATHER
  private ended = false

  constructor(
    private readonly payload: Payload,
    private readonly schema: Schema,
    private readonly events: CursorEvents,
    options: CursorOptions = {},
  ) {
    this.program = compile(schema, options.ticksOnly ?? false)
    this.columns = !(options.ticksOnly ?? false)
    this.places = options.places ?? false
    this.stage = new Stage(this.program.slots, Math.max(1, Math.min(MAX_ROWS, Math.floor(MAX_ENTRIES / this.program.slots))))
  }

  /** File offset that reading has reached. */
  get at(): number {
    const { at, count } = this.payload.blocks
    return count === 0 ? Number.POSITIVE_INFINITY : (at[Math.min(this.payload.block, count - 1)] as number)
  }

  /**
   * The next rows; null at the end of the stream.
   * @param growing the file may grow: a record that is cut short at the end is kept, and null means "nothing new"
   */
  async next(growing = false): Promise<Batch | null> {
    const { payload, stage } = this
    while (!this.ended) {
      const reach = (payload.blocks.at[payload.block] ?? 0) + REACH
      const stop = await payload.gather(this.wanted, reach)
      stage.clear()
      const full = this.decode()
      const taken = payload.start > 0
      this.wanted = taken ? GATHER : Math.max(GATHER, 2 * (payload.end - payload.start))
      const batch = stage.rows > 0 ? this.batch() : null
      if (!full) this.settle(stop, growing)
      if (batch !== null) return batch
      if (stop === "end" && growing) return null
    }
    return null
  }

  /** Decodes whole records; true when the stage is full. */
  private decode(): boolean {
    const { payload, stage, schema, program, events } = this
    for (;;) {
      const { bytes, view, end } = payload
      payload.start = decodeRows(program, stage, bytes, view, payload.start, end)
      if (stage.rows === stage.capacity) return true
      const from = payload.start
      const to = skip(bytes, from, end)
      if (to === INCOMPLETE) return false
      if (to === INVALID) {
        resync(payload, "no-msgpack", events.lost)
        continue
      }
      const misfits = decodeRow(schema, program, stage, bytes, view, from, to)
      if (misfits < 0) events.stranger(payload.fileOffset(from), to - from)
      else if (misfits > 0) events.misfit(payload.fileOffset(from), misfits)
      payload.start = to
    }
  }

  private settle(stop: Stop, growing: boolean): void {
    if (stop === "end" && growing) return
    this.ended = !settle(this.payload, stop, this.events.lost)
  }

  private batch(): Batch {
    const { stage, payload, schema, program } = this
    const at = payload.fileOffsets(stage.from, this.places ? stage.rows : 0)
    const first = this.rows
    const { ticks, restarts } = this.cutTicks()
    this.rows += stage.rows
    const columns: Values[] = []
    const missing: (Uint8Array | null)[] = []
    if (this.columns) {
      for (const [i, channel] of schema.channels.entries()) {
        const column = cutColumn(stage, program.slotOf[i] as number, channel, payload.bytes, payload.view)
        columns.push(column.values)
        missing.push(column.missing)
        if (column.misfits > 0) this.events.misfit(payload.fileOffset(stage.from[0] as number), column.misfits)
      }
    }
    return { rows: stage.rows, first, ticks, restarts, columns, missing, at }
  }

  /** Ticks of the stage's rows; records without tick are counted, and a tick that is not a finite number repeats the one before. */
  private cutTicks(): { ticks: Float64Array; restarts: number[] } {
    const ticks = this.stage.column(0).slice()
    const restarts: number[] = []
    if (this.schema.elements === 0) return { ticks: ticks.map((_, row) => this.rows + row), restarts }
    let last = this.lastTick
    let [untimed, firstOfThem] = [0, 0]
    for (let row = 0; row < ticks.length; row++) {
      const tick = ticks[row] as number
      // The difference of anything finite to itself is 0.
      if (tick - tick === 0) {
        if (tick < last && row > 0) restarts.push(row)
        last = tick
      } else {
        ticks[row] = last
        if (untimed++ === 0) firstOfThem = row
      }
    }
    if (untimed > 0) this.events.untimed(this.payload.fileOffset(this.stage.from[firstOfThem] as number), untimed)
    this.lastTick = last
    return { ticks, restarts }
  }
}
