import { LogError } from "../model/errors.js"

/** What a browser's errors about files mean: the names of DOMException that the File API and the File System Standard list. */
const MEANINGS: Readonly<Record<string, string>> = {
  NotFoundError: "the file is no longer there",
  NotReadableError: "the file has changed since it was opened, or cannot be read",
  NotAllowedError: "the page may not read this file: the permission is missing",
  SecurityError: "the page may not read this file: the permission is missing",
  TypeMismatchError: "is a folder, expected a file",
  NoModificationAllowedError: "the page may not write this file",
  QuotaExceededError: "there is no space left for the file",
  InvalidStateError: "the file was replaced by another",
}

/**
 * What `action` gives, with a browser's errors told as the library tells them.
 * @throws LogError with the file's name
 */
export async function told<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof LogError) throw error
    const { name, message } = error as Error
    throw new LogError(MEANINGS[name] ?? `cannot be read (${message})`, { path })
  }
}
