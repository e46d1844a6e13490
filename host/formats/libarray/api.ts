/** What the library offers for libarray alone, under the name `libarray`: lines of a tree appended, inserted, changed, imported and read. */
export { dump, type RangeOptions, readRange, type TreeWarning } from "./dump.js"
export { type Imported, type ImportOptions, importLines } from "./import.js"
export { defaultRoot, type SeriesName } from "./names.js"
export { append, insert, type Refusal, RefusedError, type StoreOptions, update } from "./store.js"
