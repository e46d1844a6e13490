import type { WriteOptions } from "../../model/format.js"
import type { Log, Loss, Selection, Values } from "../../model/log.js"
import { counting, renameLosses } from "../../model/losses.js"
import { given } from "../../model/options.js"
import { physicalColumn } from "../../model/values.js"
import { isNumeric } from "../../model/wire.js"
import { unique } from "../../text/unique.js"
import { type Grid, type GridChannel, gridOf } from "./grid.js"
import { exportOptions } from "./options.js"

/** A target without empty cells. */
interface GridTarget {
  readonly target: string
  /** A name as the target can write it. */
  readonly plain: (name: string) => string
  /** The bytes that a name may have. */
  readonly cap?: number
}

/**
 * A log on the grid that the options ask for, for targets without empty cells: a cell without a sample holds the value before it, and
 * cells before a channel's first sample hold that sample. Both are losses, the second is a loss of values. Channels without any value are
 * left out.
 * @param target its name, for the losses, and how it writes a channel's name
 */
export async function heldGrid(log: Log, options: WriteOptions, { target, plain, cap }: GridTarget): Promise<Grid> {
  const grid = await gridOf(log, options)
  const first = await firstValues(log, exportOptions(options).selection)
  const kept = [...grid.channels.keys()].filter((c) => first === null || !Number.isNaN(first[c]))
  const held = kept.map((c) => new HeldChannel(first?.[c] ?? Number.NaN))
  const titles = kept.map((c) => grid.channels[c]?.channel.name as string)
  const names = unique(titles.map(plain), { taken: ["Time"], ...given({ cap }) })
  const renames = renameLosses(
    titles.map((title, k) => [title, names[k] as string]),
    `${target} cannot write it, or has another of the same name`,
  )
  return {
    ...grid,
    channels: kept.map((c, k) => {
      const own = grid.channels[c] as GridChannel
      const named = { ...own, channel: { ...own.channel, name: names[k] as string } }
      return first === null ? named : { ...named, first: first[c] as number }
    }),
    async *rows() {
      for await (const { rows, times, columns } of grid.rows()) {
        yield { rows, times, columns: kept.map((c, k) => (held[k] as HeldChannel).fill(columns[c] as Float64Array)) }
      }
    },
    losses: () => [...grid.losses(), ...heldLosses(held, grid.channels.length - kept.length, target), ...renames],
  }
}

/** One channel's state: the value for its next empty cell, and how many cells have been filled. */
class HeldChannel {
  private isBegun = false
  /** Cells filled before the channel's first sample, and after it. */
  before = 0
  behind = 0

  /** @param value the channel's first one */
  constructor(private value: number) {}

  /** Fills the empty cells of a column in place. */
  fill(column: Float64Array): Float64Array {
    let i = 0
    if (!this.isBegun) {
      while (i < column.length && Number.isNaN(column[i])) column[i++] = this.value
      this.before += i
      this.isBegun = i < column.length
    }
    let { value, behind } = this
    for (; i < column.length; i++) {
      const own = column[i] as number
      if (Number.isNaN(own)) {
        column[i] = value
        behind++
      } else value = own
    }
    this.value = value
    this.behind = behind
    return column
  }
}

/** The first physical value of each channel of numbers, NaN if it has no value; stops reading at the last of them. Null for a log without rows. */
async function firstValues(log: Log, selection: Selection): Promise<Float64Array | null> {
  const places: number[] = []
  let channels = 0
  for (const group of log.groups) {
    places.push(channels)
    channels += group.channels.filter(({ type }) => isNumeric(type)).length
  }
  const first = new Float64Array(channels).fill(Number.NaN)
  let waiting = channels
  let rows = 0
  for await (const chunk of log.chunks(selection)) {
    rows += chunk.rows
    let place = places[chunk.group] as number
    for (const [c, { type, calibration }] of (log.groups[chunk.group]?.channels ?? []).entries()) {
      if (!isNumeric(type)) continue
      if (Number.isNaN(first[place])) {
        const value = physicalColumn(chunk.columns[c] as Values, calibration, chunk.missing[c] ?? null)?.find((each) => !Number.isNaN(each))
        if (value !== undefined) {
          first[place] = value
          waiting--
        }
      }
      place++
    }
    if (waiting === 0) break
  }
  return rows === 0 ? null : first
}

function heldLosses(held: readonly HeldChannel[], empty: number, target: string): Loss[] {
  const before = held.reduce((sum, channel) => sum + channel.before, 0)
  const behind = held.reduce((sum, channel) => sum + channel.behind, 0)
  const why = `${target} has no empty cell`
  return counting(
    { kind: "values", count: before, text: `${before} cells hold the first sample of their channel, which comes later: ${why}` },
    { kind: "form", count: behind, text: `${behind} cells without a sample hold the value before: ${why}` },
    { kind: "form", count: empty, text: `${empty} ${empty === 1 ? "channel" : "channels"} without a value left out: ${why}` },
  )
}
