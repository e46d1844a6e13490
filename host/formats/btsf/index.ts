import type { Format } from "../../format.js"
import { hasSignature } from "./header.js"
import { openBtsf } from "./read.js"

/** Binary Time Series File: a JSON header, then rows of fixed size to the end of the file. */
export const btsf: Format = {
  name: "btsf",
  title: "Binary Time Series File",
  extensions: [".btsf", ".btfs"],
  sniff: (head) => (hasSignature(head) ? 2 : 0),
  open: (source) => openBtsf(source),
}
