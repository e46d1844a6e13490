import type { Sink } from "../bytes/sink.js"
import type { Source } from "../bytes/source.js"
import type { Annotation, FormatName, Log, Loss } from "./log.js"

/** What a user may say about an input. Each format takes what concerns it. */
export interface OpenOptions {
  /** The parsed side file (`LOGSPEC.JSN`, `run.spec.json`): channel names, units, calibration, tick, start. */
  readonly spec?: unknown
  /** Where `spec` came from, for messages. */
  readonly specPath?: string
  /** A file beside the log, by its name; null when there is none. Absent where a log has no neighbours. */
  readonly beside?: (name: string) => Promise<Source | null>
  /** The files beside the log whose names fit, in the order of their names; to be closed by who asks. Absent where a log has no neighbours. */
  readonly besides?: (fits: (name: string) => boolean) => Promise<readonly Source[]>
  /** Seconds per tick, where the file does not say (ddff). */
  readonly tick?: number
  /** Meteor: how the month byte counts. */
  readonly monthBase?: 0 | 1 | "auto"
  /** ddff: which recording, by number or label. */
  readonly recording?: string
  /** JLS: rows that were never recorded or are lost are marked as missing, or filled along the line between their neighbours. */
  readonly gaps?: "mark" | "interpolate"
  /** libarray, CSV: IANA zone of naive times. */
  readonly tz?: string
}

/** What a user may say about an output. Each writer takes what concerns it. */
export type WriteOptions = Readonly<Record<string, unknown>>

/** Where a writer's output goes: one file, or several with names that cannot leave the target's folder. */
export interface Output {
  /** Base name of the main output, without folder. */
  readonly name: string
  /** The main file (no argument), or a file beside it or below it. Opened at most once per name. */
  sink(relative?: string): Sink
}

/** Writes any log; returns what could not be carried. Fails only if nothing sensible can be written. */
export type Writer = (log: Log, output: Output, options: WriteOptions) => Promise<Loss[]>

/**
 * Writes the file `existing` anew with the rows of a log behind its own. What it holds stays as it is, byte for byte, but for what its
 * format must change to go on. @param opening how `existing` is read @throws LogError when that cannot be done without loss
 */
export type Appender = (existing: Source, opening: OpenOptions, log: Log, output: Output, options: WriteOptions) => Promise<Loss[]>

/** One finding of `check`. */
export interface Finding {
  /** Rule id, kebab-case, stable. */
  readonly rule: string
  readonly severity: "error" | "warning" | "note"
  /** Byte offset, or -1. */
  readonly at: number
  /** Block, frame, chunk or line number and field, as the format counts them. */
  readonly where: string
  readonly text: string
}

/** The result of `recover` and `repair`, checked by reading the output again. */
export interface Rescue {
  readonly rows: number
  readonly holes: readonly { at: number; length: number; kind: string; text: string }[]
}

/** What a log lacks that its recorder left to the laptop. */
export interface Completion {
  /** What is done, for people. */
  readonly text: string
  /** Changes a piece of the file; the pieces come in order. @param at place of its first byte */
  change(piece: Uint8Array, at: number): void
}

/** One change to the annotations of a file. `index` counts `Log.annotations` as they were before any change. */
export type AnnotationEdit =
  | { readonly kind: "add"; readonly annotation: Annotation }
  | { readonly kind: "edit"; readonly index: number; readonly annotation: Annotation }
  | { readonly kind: "remove"; readonly index: number }

/** Something that a log can be written as: one of the formats or an export. */
export interface Target {
  /** What `--to` takes. */
  readonly name: string
  readonly title: string
  /** Lower case, with dot; the first is the usual one. */
  readonly extensions: readonly string[]
  /** True for text, which may be shown on a terminal. */
  readonly text?: true
  /** True when the output is a folder. */
  readonly folder?: true
  /** True when the writer heeds `rate`, `hold` and `fill` itself; for all others the log is put on the grid before. */
  readonly ownGrid?: true
  /** True when the stored values are written with their calibration beside them; any other target gets computed values, or with `raw` plain ones. */
  readonly calibrated?: true
  /** Every option that `write` and `append` heed, beside those that all exports have in common (`ExportOptions`). */
  readonly options: readonly string[]
  readonly write: Writer
  readonly append?: Appender
}

/** One of the five formats, or a table that is read as a log. */
export interface Format {
  readonly name: FormatName
  readonly title: string
  /** Lower case, with dot. */
  readonly extensions: readonly string[]
  /** True when a file beside the log (`LOGSPEC.JSN`, `run.spec.json`) names its channels. */
  readonly sideFile?: true
  /** The mark of the side file that a log is written by, where the log tells it: what that file has under `fieldlog`. */
  specMark?(source: Source): Promise<string | null>
  /** The log that a file of this name belongs to and is read with; null for a log of its own. */
  readsWith?(name: string): string | null
  /** Every option that `open` and the other readers heed, beside `specPath`, `beside` and `besides`. */
  readonly options: readonly (keyof OpenOptions)[]
  /** How sure the first bytes make us: 0 not this format, 1 possible, 2 signature found. */
  sniff(head: Uint8Array, size: number): 0 | 1 | 2
  /** @throws FormatError when nothing can be read. */
  open(source: Source, options: OpenOptions): Promise<Log>
  /** For a log that is a folder of files: true when the folder at `path` looks like one. */
  sniffTree?(path: string): Promise<boolean>
  /** Opens a folder that `sniffTree` accepts. @throws LogError */
  openTree?(path: string, options: OpenOptions): Promise<Log>
  /** As `check`, for a folder; `where` begins with the file's path below it. */
  checkTree?(path: string, options: OpenOptions): AsyncIterable<Finding>
  readonly write?: Writer
  readonly append?: Appender
  /** As `Target.options`: what `write` and `append` heed. */
  readonly writeOptions?: readonly string[]
  /** As `Target.ownGrid`. */
  readonly ownGrid?: true
  /** As `Target.calibrated`. */
  readonly calibrated?: true
  /** Every rule broken, in file order. */
  check?(source: Source, options: OpenOptions): AsyncIterable<Finding>
  /** Salvages a damaged file of this format into a sound one. */
  recover?(source: Source, output: Output, options: OpenOptions): Promise<Rescue>
  /** Rebuilds structure without touching values. */
  repair?(source: Source, output: Output, options: OpenOptions): Promise<Rescue>
  /** What a copy of a file needs that its recorder could not write; null when it lacks nothing. */
  complete?(source: Source): Promise<Completion | null>
  /** Writes the index that a reader of a time range goes by, for formats that need one. @returns places where reading may begin */
  index?(source: Source, output: Output, options: OpenOptions): Promise<number>
  /** Changes the annotations of the file at `path`: in place where there is room, else by a new file that takes its name. */
  annotate?(path: string, edits: readonly AnnotationEdit[], options: OpenOptions): Promise<void>
}
