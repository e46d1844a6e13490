import type { Sink } from "../../bytes/sink.js"
import { OptionError } from "../../model/errors.js"
import type { Output, WriteOptions, Writer } from "../../model/format.js"
import type { Channel, Chunk, Group, Log, Loss, Values } from "../../model/log.js"
import { counting, formLosses, renameLosses } from "../../model/losses.js"
import { hasTime, instantsOf, NO_INSTANT } from "../../model/time.js"
import { isBig, isNumbers, physicalColumn } from "../../model/values.js"
import { otherText } from "../../text/cells.js"
import { TextBuffer } from "../../text/text-buffer.js"
import { ZoneClock } from "../../text/zones.js"
import { uniquelyNamed } from "../../views/unique-names.js"
import { DAY_SECONDS, dayText, digitsOf, momentText, tickMoment } from "./moment.js"
import { dayPath, type SeriesName, seriesText } from "./names.js"
import { seriesOf } from "./place.js"

const NS = 1_000_000_000n
const DAY_NS = BigInt(DAY_SECONDS) * NS

/**
 * Writes any log as a tree: one station a group, one file a day, a line a row: numbers joined by one blank, `nan` for none.
 * Options: `net`, `method` (names), `fraction` (`auto` or 0 to 9 digits of a second, the same for all lines of a station, so that text
 * order is time order), `separator` (default a blank), `tz` (zone of the naive times, default UTC).
 */
export const writeTree: Writer = async (original, output, options) => {
  const { log, losses: nameLosses } = uniquelyNamed(original)
  const { rows, groups, digits } = await firstPass(log)
  const all = seriesOf(log, options)
  const stations = all.map((series, g) => {
    return new Station(log, log.groups[g] as Group, series, output, wantedDigits(options, digits[g] ?? 0), options)
  })
  for await (const chunk of log.chunks()) stations[chunk.group]?.add(chunk)
  for (const station of stations) station.close()
  const losses = stations.flatMap((station) => station.losses())
  const named = log.groups.flatMap(({ channels }) => channels.filter(({ name }, c) => name !== `c${c + 1}` && name !== "text")).length
  if (named > 0) losses.push({ kind: "form", count: named, text: `${named} channel names dropped: a tree has columns c1, c2, ...` })
  const renames = log.groups.map(
    ({ name }, g) => [name, name.includes("/") ? seriesText(all[g] as SeriesName) : (all[g]?.id ?? "")] as const,
  )
  const empty = log.groups.length - groups.size
  losses.push(
    ...counting({
      kind: "form",
      count: empty,
      text: `${empty} ${empty === 1 ? "group" : "groups"} without rows left out: a tree has lines only`,
    }),
    ...nameLosses(),
    ...renameLosses(renames, "a tree takes a name once, of letters, digits, dots, _ and -"),
  )
  if (log.start === null && rows > 0)
    losses.push({ kind: "form", count: 1, text: "the start is unknown: times count from 1970-01-01 00:00:00" })
  return [...losses, ...formLosses(log, "libarray", { start: true })]
}

/** Digits of a second that each group needs, and the groups that have rows; makes the groups final. */
async function firstPass(log: Log): Promise<{ rows: number; groups: Set<number>; digits: number[] }> {
  const digits: number[] = []
  const groups = new Set<number>()
  let rows = 0
  for await (const chunk of log.chunks()) {
    rows += chunk.rows
    if (chunk.rows > 0) groups.add(chunk.group)
    const group = log.groups[chunk.group] as Group
    const instants = hasTime(group) ? instantsOf(log, group, chunk) : []
    let most = digits[chunk.group] ?? 0
    for (let i = 0; i < instants.length && most < 9; i++) {
      if (instants[i] !== NO_INSTANT) most = Math.max(most, digitsOf(tickMoment(instants[i] as bigint).nanos))
    }
    digits[chunk.group] = most
  }
  return { rows, groups, digits }
}

function wantedDigits({ fraction = "auto" }: WriteOptions, needed: number): number {
  if (fraction === "auto") return needed
  const digits = Number(fraction)
  if (!Number.isInteger(digits) || digits < 0 || digits > 9)
    throw new OptionError((called) => `${called("fraction")} ${fraction}, expected auto or 0 to 9 digits`)
  return digits
}

/** One group on its way into its day files. */
class Station {
  private sink: Sink | null = null
  private text: TextBuffer | null = null
  private day: bigint | null = null
  private readonly closed = new Set<bigint>()
  private previous = NO_INSTANT
  private readonly counts = { late: 0, untimed: 0, unsorted: 0, cut: 0, changed: 0, blurred: 0, absent: 0 }
  private readonly between: string
  private readonly separator: number
  private readonly clock: ZoneClock

  constructor(
    private readonly log: Log,
    private readonly group: Group,
    private readonly series: SeriesName,
    private readonly output: Output,
    private readonly digits: number,
    { separator = " ", tz = "UTC" }: WriteOptions,
  ) {
    const named = String(separator) === "tab" ? "\t" : String(separator)
    if (!" ;,|\t".includes(named) || named.length !== 1)
      throw new OptionError((called) => `${called("separator")} ${JSON.stringify(separator)}, expected a blank, ; , | or tab`)
    this.between = named
    this.separator = named.charCodeAt(0)
    this.clock = new ZoneClock(String(tz))
  }

  add(chunk: Chunk): void {
    if (!hasTime(this.group)) {
      this.counts.untimed += chunk.rows
      return
    }
    const instants = instantsOf(this.log, this.group, chunk)
    const cells = this.group.channels.map((channel, c) => this.cell(channel, chunk, c))
    for (const flags of chunk.missing) if (flags !== null) for (const flag of flags) this.counts.absent += flag
    const unit = 10n ** BigInt(9 - this.digits)
    for (let i = 0; i < chunk.rows; i++) {
      const instant = instants[i] as bigint
      if (instant === NO_INSTANT) {
        this.counts.untimed++
        continue
      }
      const text = this.textFor(instant)
      if (text === null) continue
      if (instant % unit !== 0n) this.counts.cut++
      for (let c = 0; c < cells.length; c++) {
        if (c > 0) text.byte(this.separator)
        ;(cells[c] as Cell)(text, i)
      }
      text.byte(10)
    }
  }

  close(): void {
    this.text?.flush()
    this.sink?.close()
    this.sink = null
    this.text = null
  }

  losses(): Loss[] {
    const name = seriesText(this.series)
    const { late, untimed, unsorted, cut, changed, blurred, absent } = this.counts
    const losses: Loss[] = []
    const lose = (kind: Loss["kind"], count: number, text: string) =>
      count > 0 && losses.push({ kind, count, text: `${name}: ${count} ${text}` })
    lose("rows", untimed, "rows dropped: they have no time to be filed under")
    lose("rows", late, "rows dropped: they go back to a day that was finished; ts import takes lines in any order")
    lose("values", changed, "texts changed: a line holds no line end and no NUL")
    lose("values", blurred, "texts are empty or hold the separator: the cells of their lines cannot be told apart")
    lose("form", absent, "missing values written as nan, in text as nothing")
    lose("form", cut, `times cut to ${this.digits} digits of a second`)
    lose("form", unsorted, "lines are earlier than the line before: readers sort them")
    return losses
  }

  /** The text of the row's day with the row's time written; null for a row that cannot be filed. */
  private textFor(instant: bigint): TextBuffer | null {
    const naive = this.clock.shown(instant)
    const day = (naive - (((naive % DAY_NS) + DAY_NS) % DAY_NS)) / DAY_NS
    if (day !== this.day && this.closed.has(day)) {
      this.counts.late++
      return null
    }
    if (day !== this.day) {
      this.close()
      if (this.day !== null) this.closed.add(this.day)
      this.day = day
      this.sink = this.output.sink(dayPath(this.series, dayText(Number(day))))
      this.text = new TextBuffer(this.sink)
    } else if (naive < this.previous) this.counts.unsorted++
    this.previous = naive
    const text = this.text as TextBuffer
    text.ascii(momentText(tickMoment(naive), this.digits))
    text.byte(0x7c)
    return text
  }

  private cell(channel: Channel, chunk: Chunk, c: number): Cell {
    const values = chunk.columns[c] as Values
    const missing = chunk.missing[c] ?? null
    if (isBig(values) && channel.calibration === null) return (text, i) => text.ascii(missing?.[i] === 1 ? "nan" : String(values[i]))
    if (isNumbers(values) || isBig(values)) {
      const physical = physicalColumn(values, channel.calibration, missing) as Float64Array
      const single = channel.type === "f32" && channel.calibration === null
      return (text, i) => {
        const value = physical[i] as number
        if (Number.isNaN(value)) text.ascii("nan")
        else if (single) text.shortestSingle(value)
        else text.shortest(value)
      }
    }
    return (text, i) => {
      const cell = missing?.[i] === 1 ? "" : this.plain(values[i])
      if (this.group.channels.length > 1 && (cell === "" || cell.includes(this.between))) this.counts.blurred++
      text.utf8(cell)
    }
  }

  /** Text as it is, bytes in hexadecimal, all else as JSON; without what would end the line. */
  private plain(value: unknown): string {
    const text = otherText(value)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is what is looked for
    const line = text.replace(/[\r\n\u0000]+/g, " ")
    if (line !== text) this.counts.changed++
    return line
  }
}

/** Writes one cell of a row. */
type Cell = (text: TextBuffer, row: number) => void
