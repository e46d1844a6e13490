import { fstatSync, writeSync } from "node:fs"
import { isatty } from "node:tty"
import { styleText } from "node:util"

const STDOUT = 1
const STDERR = 2

/** Whoever read our output went away: a quiet end. */
export class ClosedPipe extends Error {
  override name = "ClosedPipe"
}

/** True when standard output is a terminal. */
export function outIsTerminal(): boolean {
  return isatty(STDOUT)
}

/** True when results go into a file, where nobody watches them come. */
export function outIsFile(): boolean {
  return fstatSync(STDOUT).isFile()
}

/** True when standard error is a terminal. */
export function errIsTerminal(): boolean {
  return isatty(STDERR)
}

/** Columns of the terminal on standard output; 80 when it is none. */
export function outWidth(): number {
  // process.stdout is not touched for pipes: it would make them non-blocking for every process that shares them.
  return outIsTerminal() ? Math.max(40, process.stdout.columns ?? 80) : 80
}

/** Columns that a table may have: in a pipe nothing is cut. */
export function tableRoom(): number {
  return outIsTerminal() ? outWidth() : Number.POSITIVE_INFINITY
}

/** Columns of the terminal on standard error; 80 when it is none. */
export function errWidth(): number {
  return errIsTerminal() ? Math.max(40, process.stderr.columns ?? 80) : 80
}

/** Writes results. @throws ClosedPipe when nobody reads any more */
export function writeOut(text: string | Uint8Array): void {
  writeAll(STDOUT, typeof text === "string" ? Buffer.from(text) : text)
}

/** Writes for the user: progress, warnings, errors. */
export function writeErr(text: string): void {
  try {
    writeAll(STDERR, Buffer.from(text))
  } catch {
    // Nobody listens: the exit code still tells.
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    try {
      done += writeSync(fd, bytes, done)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === "EPIPE" || code === "EOF") throw new ClosedPipe()
      if (code !== "EAGAIN") throw error
      // Another process made the shared pipe non-blocking: wait until its reader has made room.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2)
    }
  }
}

/** `--color`. */
export type ColorMode = "auto" | "always" | "never"

/** The few styles in use. */
export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan"

/** Dresses text, or leaves it plain. */
export type Paint = (style: Style, text: string) => string

/** How text for standard output or standard error is dressed, by `--color`, `NO_COLOR` and what it goes to. */
export function painter(mode: ColorMode, stream: "out" | "err"): Paint {
  const { NO_COLOR = "", TERM } = process.env
  const terminal = stream === "out" ? outIsTerminal() : errIsTerminal()
  const on = mode === "always" || (mode === "auto" && terminal && NO_COLOR === "" && TERM !== "dumb")
  return on ? (style, text) => styleText(style, text, STYLE_OPTIONS) : (_, text) => text
}

/** The choice has been made here; newer Nodes would look at the stream once more. */
const STYLE_OPTIONS = { validateStream: false } as object

/** Text from a file, safe to show: control characters, which could drive the terminal, are written out. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === "\n") return "\\n"
    if (character === "\t") return "\\t"
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
  })
}
