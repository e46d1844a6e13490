import { EPOCH_2018, TIME_BITS } from "../../../../shared/jls/layout.js"

const EPOCH_NS = BigInt(EPOCH_2018) * 1_000_000_000n
const HALF = 1n << BigInt(TIME_BITS - 1)

/** ns since 1970 UTC of a JLS time, rounded: a JLS tick is 0.93 ns. */
export function jlsToNs(time: bigint): bigint {
  return ((time * 1_000_000_000n + HALF) >> BigInt(TIME_BITS)) + EPOCH_NS
}

/** JLS time of ns since 1970 UTC, rounded. */
export function nsToJls(ns: bigint): bigint {
  const scaled = (ns - EPOCH_NS) << BigInt(TIME_BITS)
  return (scaled + (scaled < 0n ? -500_000_000n : 500_000_000n)) / 1_000_000_000n
}
