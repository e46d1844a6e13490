import { btsf } from "../formats/btsf/index.js"
import { ddff } from "../formats/ddff/index.js"
import { jls } from "../formats/jls/index.js"
import { libarray } from "../formats/libarray/index.js"
import { meteor } from "../formats/meteor/index.js"
import type { Format } from "../model/format.js"

/**
 * The formats, most distinct signature first. Each is added by its own folder's `index.ts`; what changes a file in place is
 * added here, where there is a file system. (A browser has the list of host/browser.ts.)
 */
export const formats: readonly Format[] = [
  meteor,
  { ...jls, annotate: async (path, edits) => (await import("../formats/jls/annotate.js")).annotateJls(path, edits) },
  { ...btsf, annotate: async (path, edits) => (await import("../formats/btsf/annotate.js")).annotateBtsf(path, edits) },
  ddff,
  libarray,
]
