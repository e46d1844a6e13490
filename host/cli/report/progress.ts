import { printable } from "../../text/printable.js"
import type { CommonOptions } from "../options/flags.js"
import { errIsTerminal, errWidth, writeErr } from "../terminal/terminal.js"
import { bytesText } from "../text/quantities.js"

/** Work that ends sooner shows no progress. */
const PATIENCE_MS = 500
const REDRAW_MS = 100

/** A line on the terminal that says how much of an input has been read. */
export interface Progress {
  /** Shows that this many bytes of the input have been read. */
  at(bytes: number): void
  /** Removes the line. */
  end(): void
}

/** Progress on standard error, if that is a terminal and neither the options nor `CI` forbid it. */
export function startProgress(label: string, total: number, options: CommonOptions & { readonly json?: boolean }): Progress {
  const silent = !options.progress || options.json === true || !errIsTerminal() || (process.env.CI ?? "") !== ""
  if (silent) return { at() {}, end() {} }
  const began = performance.now()
  let drawn = 0
  const erase = () => {
    if (drawn > 0) writeErr("\r\x1b[K")
    drawn = 0
  }
  return {
    at(bytes) {
      const now = performance.now()
      if (now - began < PATIENCE_MS || now - drawn < REDRAW_MS) return
      drawn = now
      writeErr(`\r${progressLine(label, bytes, total, (now - began) / 1000, errWidth() - 1)}\x1b[K`)
    },
    end: erase,
  }
}

/** `run.met  1.2 GB of 2.0 GB  60 %  ETA 0:03`, cut to a width. */
export function progressLine(label: string, bytes: number, total: number, elapsed: number, width: number): string {
  const share = total > 0 ? Math.min(1, bytes / total) : 0
  const left = share > 0.01 ? Math.ceil((elapsed * (1 - share)) / share) : null
  const clock = left === null ? "" : `  ETA ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`
  const figures = total > 0 ? `${bytesText(bytes)} of ${bytesText(total)}  ${Math.floor(share * 100)} %${clock}` : bytesText(bytes)
  const room = Math.max(8, width - figures.length - 2)
  const name = printable(label)
  const shown = name.length > room ? `...${name.slice(name.length - room + 3)}` : name
  return `${shown}  ${figures}`
}
