import type { Format } from "../../format.js"
import { checkBtsf } from "./check.js"
import { annotateBtsf } from "./edit.js"
import { hasSignature } from "./header.js"
import { openBtsf } from "./read.js"
import { repairBtsf } from "./repair.js"
import { writeBtsf } from "./write.js"

/** Binary Time Series File: a JSON header, then rows of fixed size to the end of the file. */
export const btsf: Format = {
  name: "btsf",
  title: "Binary Time Series File",
  extensions: [".btsf", ".btfs"],
  sniff: (head) => (hasSignature(head) ? 2 : 0),
  open: (source) => openBtsf(source),
  write: writeBtsf,
  check: (source) => checkBtsf(source),
  recover: (source, output) => repairBtsf(source, output),
  repair: (source, output) => repairBtsf(source, output),
  annotate: (path, edits) => annotateBtsf(path, edits),
}
