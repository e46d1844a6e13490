import type { Chunk, Group } from "../model/log.js"
import { isNaive } from "../model/time.js"
import { zoneClock } from "./zones.js"

const NS = 1_000_000_000n

/** A whole number of `10^-digits` as a decimal: (12345n, 3) is 12.345. */
export function decimalTicks(tick: bigint, digits: number): string {
  if (digits === 0) return tick.toString()
  const size = (tick < 0n ? -tick : tick).toString().padStart(digits + 1, "0")
  const point = size.length - digits
  return `${tick < 0n ? "-" : ""}${size.slice(0, point)}.${size.slice(point)}`
}

/** ns of a naive clock since 1970 as a date: `YYYY-MM-DD HH:MM:SS[.f]`. */
function naiveTime(ns: bigint): string {
  const second = ns / NS - (ns % NS < 0n ? 1n : 0n)
  const fraction = ns - second * NS
  const text = new Date(Number(second) * 1000).toISOString().slice(0, -5).replace("T", " ")
  return fraction === 0n ? text : `${text}.${fraction.toString().padStart(9, "0").replace(/0+$/, "")}`
}

/** A tick of a group as the file stores it: a date where the group's clock is naive, as the clock of its zone showed it. */
export function tickOf(group: Pick<Group, "time">, tick: number | bigint): number | bigint | string {
  if (typeof tick !== "bigint" || !isNaive(group)) return tick
  const zone = group.time.kind === "stamped" ? group.time.zone : undefined
  return naiveTime(zone === undefined ? tick : zoneClock(zone).shown(tick))
}

/** The tick of a row as the file stores it; for a fixed rate the number of the sample. */
export function storedTick(group: Pick<Group, "time">, { ticks, first }: Chunk, row: number): number | bigint | string {
  if (ticks !== null) return tickOf(group, ticks[row] as number | bigint)
  const { time } = group
  const origin = time.kind === "fixed" ? (time.first ?? Math.round(time.offset * time.rate)) : 0
  return origin + first + row
}
