import { closeSync, openSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Source } from "../bytes/source.js"
import { LogError } from "../model/errors.js"
import { fileSource } from "./file-source.js"
import { ScratchFolder } from "./scratch-folder.js"

/**
 * A pipe's bytes as a source. Readers need to look back, so they go to a temporary file, which has lost its name
 * when this returns: nothing is left behind, however the process ends.
 * @throws LogError when the pipe cannot be read or the temporary folder is full
 */
export async function spool(pipe: AsyncIterable<Uint8Array>, name: string): Promise<Source> {
  const folder = new ScratchFolder()
  try {
    const path = join(folder.path, name)
    await copy(pipe, path, name)
    return await fileSource(path)
  } finally {
    removeNow(folder)
  }
}

async function copy(pipe: AsyncIterable<Uint8Array>, path: string, name: string): Promise<void> {
  const fd = openSync(path, "wx")
  try {
    for await (const bytes of pipe) for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === "ENOSPC") throw new LogError(`does not fit into ${tmpdir()}`, { path: name, hint: "TMPDIR names another folder" })
    throw new LogError(`cannot be read (${code ?? message})`, { path: name })
  } finally {
    closeSync(fd)
  }
}

/** An open file outlives its name; where the system objects, it goes when the process ends. */
function removeNow(folder: ScratchFolder): void {
  try {
    folder.remove()
  } catch {}
}
