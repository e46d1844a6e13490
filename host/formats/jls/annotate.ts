import { FileSink } from "../../io/file-sink.js"
import { fileSource } from "../../io/file-source.js"
import { type Lock, lockPatiently } from "../../io/lock.js"
import { UsageError } from "../../model/errors.js"
import type { AnnotationEdit } from "../../model/format.js"
import type { Annotation } from "../../model/log.js"
import { View } from "../../views/view.js"
import { jlsOptions } from "./options.js"
import { openJls } from "./read.js"
import type { JlsLogAnnotation } from "./remarks.js"
import { writeLog } from "./write.js"
import { JlsWriter } from "./writer.js"

/**
 * Changes the annotations of the file at `path`. Annotations lie between samples, so a new file is written beside
 * it and then replaces it; samples, UTC pairs and user data are copied.
 * @throws UsageError if an index does not exist
 */
export async function annotateJls(path: string, edits: readonly AnnotationEdit[]): Promise<void> {
  return lockPatiently(path, (lock) => annotate(path, edits, lock))
}

async function annotate(path: string, edits: readonly AnnotationEdit[], lock: Lock): Promise<void> {
  const log = await openJls(await fileSource(path))
  const sink = new FileSink(path, undefined, lock)
  try {
    const writer = new JlsWriter(sink)
    await writeLog(new View(log, { annotations: edited(log.annotations, edits) }), writer, jlsOptions({}))
    writer.close()
    await log.close()
    sink.close()
  } catch (error) {
    sink.abort()
    await log.close()
    throw error
  }
}

function edited(annotations: readonly Annotation[], edits: readonly AnnotationEdit[]): Annotation[] {
  const list: (Annotation | null)[] = [...annotations]
  for (const edit of edits) {
    if (edit.kind === "add") {
      list.push(edit.annotation)
      continue
    }
    const old = annotations[edit.index]
    if (old === undefined) throw new UsageError(`annotation ${edit.index}: the file has ${annotations.length}`, { format: "jls" })
    list[edit.index] = edit.kind === "remove" ? null : changed(old as JlsLogAnnotation, edit.annotation)
  }
  return list.filter((each) => each !== null)
}

/** Edits an annotation; it keeps the members that the model does not show, unless it moves to another signal. */
function changed(old: JlsLogAnnotation, next: Annotation): Annotation {
  if (old.group !== next.group) return next
  const edited: JlsLogAnnotation = { ...next, jls: old.jls }
  return edited
}
