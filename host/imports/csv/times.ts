import type { Ticks } from "../../model/log.js"
import type { ZoneReader } from "../../text/zones.js"
import { bigOf, decimalNs, decimalOf } from "./numbers.js"
import type { TimePlan } from "./plan.js"
import { clockNs, StampReader } from "./stamps.js"

const NS = 1_000_000_000n
const DAY = 86_400n * NS

/** Reads the times of rows, in the order of the file. */
export class TimeReader {
  private readonly stamps: StampReader
  private previous = 0n
  private days = 0n

  /** @param zone the zone of stamps that name none, if it is known */
  constructor(
    private readonly plan: TimePlan,
    private readonly mark: number,
    private readonly zone: ZoneReader | null,
  ) {
    this.stamps = new StampReader(plan.kind === "stamp" ? plan.order : "ymd")
  }

  /** Ticks for `n` rows; null where the table has no times. */
  ticks(n: number): Ticks | null {
    const { kind } = this.plan
    return kind === "none" ? null : kind === "number" ? new Float64Array(n) : new BigInt64Array(n)
  }

  /** The tick that a cell holds, for a time of the kind `number`; NaN if the cell holds no number. */
  number(text: string, from: number, to: number): number {
    return decimalOf(text, from, to, this.mark)
  }

  /** The tick that a cell holds, for a time of any other kind; null if the cell holds no time. */
  big(text: string): bigint | null {
    const { plan } = this
    if (plan.kind === "big") return plan.tick === 0 ? bigOf(text, true) : this.decimal(text, plan.tick)
    return plan.kind === "stamp" ? this.stamp(text, plan.hasZone, plan.origin) : this.clock(text)
  }

  private decimal(text: string, tick: number): bigint | null {
    const exact = decimalNs(text, tick, this.mark)
    if (exact !== null) return exact
    const near = decimalOf(text, 0, text.length, this.mark) * tick * 1e9
    return Number.isFinite(near) ? BigInt(Math.round(near)) : null
  }

  /** A stamp with a zone says nothing among stamps without one, and the other way round. */
  private stamp(text: string, hasZone: boolean, origin: bigint): bigint | null {
    const stamp = this.stamps.read(text)
    if (stamp === null || stamp.hasZone !== hasZone) return null
    if (this.zone === null || hasZone) return stamp.ns - origin
    const fraction = ((stamp.ns % NS) + NS) % NS
    return BigInt(this.zone.next(Number((stamp.ns - fraction) / NS))) * NS + fraction
  }

  /** A time of day far below the one before it is one of the next day. */
  private clock(text: string): bigint | null {
    const ns = clockNs(text)
    if (ns === null) return null
    if (ns + this.days < this.previous - DAY / 2n) this.days += DAY
    this.previous = ns + this.days
    return this.previous
  }
}
