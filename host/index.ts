export { FormatError, LimitError, LogError, UnsupportedError, UsageError } from "./errors.js"
export { fileSource } from "./file-source.js"
export type { Finding, Format, OpenOptions, Output, Rescue, WriteOptions, Writer } from "./format.js"
export { type AppendOptions, type BtsfAppender, openForAppend, type Settled } from "./formats/btsf/append.js"
export { composeHeader, type NewFile, type NewMetric } from "./formats/btsf/compose.js"
export { btsfDeviceHeader, type DeviceHeader } from "./formats/btsf/device.js"
export { appendTo as appendToJls } from "./formats/jls/append.js"
export type { SignalDef as JlsSignal, SourceDef as JlsSource } from "./formats/jls/definitions.js"
export { type JlsLog, openJls } from "./formats/jls/read.js"
export type { JlsAnnotation, JlsUserData, JlsUtc } from "./formats/jls/timed.js"
export { JlsWriter, type JlsWriterOptions, type NewSignal as NewJlsSignal } from "./formats/jls/write.js"
export { dump, type RangeOptions, readRange, type TreeWarning } from "./formats/libarray/dump.js"
export { type Imported, type ImportOptions, importLines } from "./formats/libarray/import.js"
export type { SeriesName } from "./formats/libarray/names.js"
export { append, insert, type Refusal, RefusedError, type StoreOptions, update } from "./formats/libarray/store.js"
export { joinLogs } from "./join.js"
export { convert, open } from "./library.js"
export type {
  Annotation,
  Calibration,
  Channel,
  Chunk,
  FormatName,
  Group,
  GroupSurvey,
  Issue,
  Log,
  Loss,
  Reduced,
  Selection,
  Severity,
  Storage,
  Survey,
  Ticks,
  TimeBase,
  UserData,
  UtcPoint,
  Values,
  Wire,
} from "./log.js"
export type { Opening } from "./open.js"
export { FileOutput } from "./output.js"
export { type Overview, overview } from "./overview.js"
export { type GroupBuckets, reduce } from "./reduce.js"
export { selectFrom, type Wanted } from "./select.js"
export { MemorySink, type Sink } from "./sink.js"
export { memorySource, type Source } from "./source.js"
export { type ChannelStats, stats } from "./stats.js"
export { type Target, targets } from "./targets.js"
export { physical, physicalColumn, seconds } from "./values.js"
