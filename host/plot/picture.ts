import type { Reduced } from "../model/log.js"

/** One curve in equal steps of time; a step without samples has count 0. */
export interface Series {
  readonly name: string
  readonly unit: string
  readonly data: Reduced
  /** Steps between neighbouring samples, as they usually are: what is wider is a gap. */
  readonly spacing: number
  /** True where a value holds until the next one: whole numbers and switches. */
  readonly stepped: boolean
}

/** Curves that share a value axis. */
export interface Panel {
  readonly title: string
  readonly unit: string
  readonly series: readonly Series[]
  /** Limits of the value axis that the user gave. */
  readonly min?: number
  readonly max?: number
}

/** Everything a picture shows. */
export interface Figure {
  readonly title: string
  readonly subtitle: string
  /** Seconds from the log's start, or row numbers where the log has no time. */
  readonly from: number
  readonly to: number
  readonly by: "time" | "rows"
  readonly panels: readonly Panel[]
  readonly annotations: readonly { readonly time: number; readonly text: string }[]
  /** Where the file is damaged, in time. */
  readonly damage: readonly { readonly from: number; readonly to: number; readonly text: string }[]
}

/** What shall be drawn; the shape of a `--layout` file. */
export interface PlotLayout {
  readonly title?: string
  readonly width?: number
  /** Height of a panel. */
  readonly panelHeight?: number
  readonly start?: string
  readonly end?: string
  /** Channels by name, glob, `/regex/` or `group.channel`. */
  readonly panels?: readonly {
    readonly title?: string
    readonly channels: readonly string[]
    readonly min?: number
    readonly max?: number
  }[]
}
