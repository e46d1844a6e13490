/** The library's functions for JLS alone, under the name `jls`: they write files as the samples come, and read what only JLS has. */
export { appendTo } from "./append.js"
export { dataTypeCode as dataType } from "./chunks/datatype.js"
export type { SignalDef as Signal, SourceDef as Source } from "./chunks/definitions.js"
export { type JlsLog as Log, openJls as open } from "./read.js"
export type { JlsAnnotation as Annotation, JlsUserData as UserData, JlsUtc as Utc } from "./timed/timed.js"
export { JlsWriter as Writer, type JlsWriterOptions as WriterOptions, type NewSignal } from "./writer.js"
