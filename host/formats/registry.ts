import type { Format } from "../format.js"
import { btsf } from "./btsf/index.js"
import { ddff } from "./ddff/index.js"
import { jls } from "./jls/index.js"
import { libarray } from "./libarray/index.js"
import { meteor } from "./meteor/index.js"

/**
 * The formats, most distinct signature first. Each is added by its own folder's `index.ts`; what changes a file in place is
 * added here, where there is a file system. (A browser has the list of host/browser.ts.)
 */
export const formats: readonly Format[] = [
  meteor,
  { ...jls, annotate: async (path, edits) => (await import("./jls/annotate.js")).annotateJls(path, edits) },
  { ...btsf, annotate: async (path, edits) => (await import("./btsf/edit.js")).annotateBtsf(path, edits) },
  ddff,
  libarray,
]
