import { dirname, join, relative, resolve } from "node:path"
import { printable } from "../../text/printable.js"
import { writeErr } from "../terminal/terminal.js"
import { counted } from "../text/quantities.js"

/** Files that are named one by one. */
const FEW = 8

/** Says on standard error which files were written, if the file or folder that the user named is not among them. */
export function printWritten(named: string, files: readonly string[]): void {
  const full = resolve(named)
  // If a file in the folder was written, the folder exists.
  if (files.some((file) => !relative(full, file).startsWith(".."))) return
  if (files.length === 0) {
    writeErr(`${printable(named)}: nothing was written, the log has no rows\n`)
    return
  }
  const names = files.map((file) => join(dirname(named), relative(dirname(full), file)))
  const more = names.length > FEW ? ` and ${counted(names.length - FEW, "more", "more")}` : ""
  writeErr(`${printable(`written: ${names.slice(0, FEW).join(", ")}${more}; no ${named}, as each group has a file of its own`)}\n`)
}
