import { fstatSync, writeSync } from "node:fs"
import { isatty } from "node:tty"
import { styleText } from "node:util"

const STDOUT = 1
const STDERR = 2

/** The program that read our output has ended, so this one ends quietly. */
export class ClosedPipe extends Error {
  override name = "ClosedPipe"
}

/** True if standard output is a terminal. */
export function outIsTerminal(): boolean {
  return isatty(STDOUT)
}

/** True if standard output is a file: nobody watches it grow. */
export function outIsFile(): boolean {
  return fstatSync(STDOUT).isFile()
}

/** True if standard error is a terminal. */
export function errIsTerminal(): boolean {
  return isatty(STDERR)
}

/** Columns of the terminal on standard output; 80 if that is not a terminal. */
export function outWidth(): number {
  // For a pipe process.stdout is not touched: that would make the pipe non-blocking for every process that shares it.
  return outIsTerminal() ? Math.max(40, process.stdout.columns ?? 80) : 80
}

/** Columns that a table may fill; infinity in a pipe, where nothing is cut. */
export function tableRoom(): number {
  return outIsTerminal() ? outWidth() : Number.POSITIVE_INFINITY
}

/** Columns of the terminal on standard error; 80 if that is not a terminal. */
export function errWidth(): number {
  return errIsTerminal() ? Math.max(40, process.stderr.columns ?? 80) : 80
}

/** Writes results to standard output. @throws ClosedPipe if its reader has ended */
export function writeOut(text: string | Uint8Array): void {
  writeAll(STDOUT, typeof text === "string" ? Buffer.from(text) : text)
}

/** Writes progress, warnings and errors to standard error. */
export function writeErr(text: string): void {
  try {
    writeAll(STDERR, Buffer.from(text))
  } catch {
    // Nobody reads standard error; the exit code still says how the command ended.
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

/** The styles in use. */
export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan" | "blue" | "magenta"

/** Adds a style to text, or returns the text as it is. */
export type Paint = (style: Style, text: string) => string

/** How text for standard output or standard error is styled, by `--color`, `NO_COLOR` and whether that is a terminal. */
export function painter(mode: ColorMode, stream: "out" | "err"): Paint {
  const { NO_COLOR = "", TERM } = process.env
  const terminal = stream === "out" ? outIsTerminal() : errIsTerminal()
  const on = mode === "always" || (mode === "auto" && terminal && NO_COLOR === "" && TERM !== "dumb")
  return on ? (style, text) => styleText(style, text, STYLE_OPTIONS) : (_, text) => text
}

/** Newer versions of Node would decide by the stream themselves; the decision was made above. */
const STYLE_OPTIONS = { validateStream: false } as object
