import { OptionError } from "../../model/errors.js"
import type { WriteOptions } from "../../model/format.js"
import { flag } from "../../text/asked.js"

/** The writer's options that `writeLog` heeds; numbers may come as text. */
export interface JlsWriteOptions {
  /**
   * Hz: a log with stamped groups is put on a grid of this rate. Without it their rows are stored unchanged, one after
   * another, and UTC pairs say when each was.
   */
  readonly rate: number | null
  /** On the grid: the last value, the mean of the step, or the line between neighbours. */
  readonly fill: "last" | "mean" | "linear"
  /** On the grid: seconds for which a value is held. */
  readonly hold: number
  /** Constant chunks of u1, u4 and u8 are left out. */
  readonly omit: boolean
}

/** Reads the options of a conversion. @throws UsageError */
export function jlsOptions({ rate, fill = "last", hold, omit }: WriteOptions): JlsWriteOptions {
  const hz = rate === undefined ? null : Number(rate)
  if (hz !== null && !(Number.isInteger(hz) && hz > 0 && hz <= 0xffffffff))
    throw new OptionError((called) => `${called("rate")} ${String(rate)}: expected whole Hz`)
  if (fill !== "last" && fill !== "mean" && fill !== "linear")
    throw new OptionError((called) => `${called("fill")} ${String(fill)}: expected last, mean or linear`)
  const seconds = hold === undefined ? Number.MAX_VALUE : Number(hold)
  if (!(seconds >= 0)) throw new OptionError((called) => `${called("hold")} ${String(hold)}: expected seconds`)
  return { rate: hz, fill, hold: seconds, omit: flag({ omit }, "omit") }
}
