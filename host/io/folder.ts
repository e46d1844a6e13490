import { mkdirSync, statSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import { LogError, UsageError } from "../model/errors.js"

/** Longest name of a file or folder, in bytes: what file systems take. */
const NAME_BYTES = 255

/**
 * Refuses a place for a file or folder that cannot be one, before anything is written.
 * @throws UsageError if a part of the path above it is a file, or a name is too long
 */
export function checkPlace(path: string): void {
  for (let part = resolve(path); dirname(part) !== part; part = dirname(part)) {
    const bytes = new TextEncoder().encode(basename(part)).length
    if (bytes > NAME_BYTES)
      throw new UsageError(`has a name of ${bytes} bytes, file systems take ${NAME_BYTES}`, {
        path: `${basename(part).slice(0, 40)}...`,
        hint: "choose a shorter name with -o",
      })
    const above = kindOf(dirname(part))
    if (above === "file")
      throw new UsageError("is a file, expected a folder for the output", { path: dirname(part), hint: "choose another name with -o" })
    if (above === "folder") return
  }
}

/**
 * Makes a folder and those above it, where they are not there yet.
 * @throws UsageError if it or a part of its path is a file; LogError if it cannot be made
 */
export function makeFolder(path: string): void {
  checkPlace(path)
  if (kindOf(resolve(path)) === "file")
    throw new UsageError("is a file, expected a folder for the output", { path, hint: "choose another name with -o" })
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === "EACCES" || code === "EPERM" ? "permission denied" : code === "ENOSPC" ? "no space left" : (code ?? message)
    throw new LogError(`the folder cannot be made (${reason})`, { path })
  }
}

function kindOf(path: string): "folder" | "file" | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    return found === undefined ? null : found.isDirectory() ? "folder" : "file"
  } catch {
    // A part above it is a file, or may not be looked into: that is found on the way up.
    return null
  }
}
