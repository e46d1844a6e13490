import { closeSync, fsyncSync, openSync, writeSync } from "node:fs"
import { SECTION_ANNOTATIONS, SECTION_END, sectionHead } from "../../../shared/btsf/layout.js"
import { copyBytes } from "../../bytes/copy.js"
import type { Source } from "../../bytes/source.js"
import { FileSink } from "../../io/file-sink.js"
import { fileSource } from "../../io/file-source.js"
import { type Lock, lockPatiently } from "../../io/lock.js"
import { LogError, UnsupportedError, UsageError } from "../../model/errors.js"
import type { AnnotationEdit } from "../../model/format.js"
import type { Annotation } from "../../model/log.js"
import { annotationsOf, entryOf, type Notes, parseNotes } from "./annotations.js"
import { section } from "./compose.js"
import { type Header, readHeader, type Section } from "./head/header.js"
import { pythonJson } from "./python-json.js"
import { tickSeconds } from "./time.js"

/**
 * Adds, edits and removes annotations of a file, all of them or nothing. A section that has room is overwritten in place, in one write;
 * else a new file is written beside the old one and replaces it, with the rows at the same place of a sector.
 * @throws UsageError for an index that does not exist, UnsupportedError for the layouts before sections, LogError if the file cannot be written
 */
export async function annotateBtsf(path: string, edits: readonly AnnotationEdit[]): Promise<void> {
  return lockPatiently(path, (lock) => annotate(path, edits, lock))
}

async function annotate(path: string, edits: readonly AnnotationEdit[], lock: Lock): Promise<void> {
  const source = await fileSource(path)
  try {
    const header = await readHeader(source)
    if (header.variant !== "sections") {
      const hint = "fieldlog convert FILE -o NEW.btsf makes a file of the present layout"
      throw new UnsupportedError(`the layout of ${header.variant} has no place for annotations`, { format: "btsf", path, hint })
    }
    const changed = await applyEdits(source, header, edits)
    for (const { old, payload } of changed) {
      if (old === null || payload.length > old.payloadSize + old.followupSize) return await rewrite(lock, path, source, header, changed)
    }
    for (const { old, payload } of changed) writeInPlace(path, old as Section, payload)
  } finally {
    await source.close()
  }
}

/** A section's new content; `old` is null for a section that is to be added. */
interface Change {
  readonly old: Section | null
  readonly payload: Uint8Array
}

async function applyEdits(source: Source, header: Header, edits: readonly AnnotationEdit[]): Promise<Change[]> {
  const time = header.master.metrics.find(({ isTime }) => isTime)
  const tick = time === undefined ? 0 : tickSeconds(time)
  const lists: { old: Section | null; document: unknown; entries: unknown[]; touched: boolean }[] = []
  for (const old of header.sections.filter(({ type }) => type === SECTION_ANNOTATIONS)) {
    lists.push({ old, ...listOf(parseNotes((await source.read(old.payloadAt, old.payloadSize)).slice()), tick), touched: false })
  }
  if (lists.length === 0) lists.push({ old: null, ...listOf(parseNotes(new TextEncoder().encode("{}")), tick), touched: false })
  const places = lists.flatMap((list) => list.entries.map((_, index) => ({ list, index })))
  const removed = new Set<unknown>()
  for (const edit of edits) {
    if (edit.kind === "add") {
      const [first] = lists
      first?.entries.push(newEntry(edit.annotation, tick))
      if (first !== undefined) first.touched = true
      continue
    }
    const place = places[edit.index]
    if (place === undefined)
      throw new UsageError(`no annotation ${edit.index}, the file has ${places.length}`, { format: "btsf", path: source.name })
    place.list.touched = true
    if (edit.kind === "edit") place.list.entries[place.index] = edited(place.list.entries[place.index], edit.annotation, tick)
    else removed.add((place.list.entries[place.index] = { removed: edit.index }))
  }
  return lists
    .filter(({ touched }) => touched)
    .map(({ old, document, entries }) => {
      entries.splice(0, entries.length, ...entries.filter((entry) => !removed.has(entry)))
      return { old, payload: new TextEncoder().encode(pythonJson(document)) }
    })
}

/** The document with a list in it; a document without a list becomes the list's only entry, as the reader takes it. */
function listOf(notes: Notes, tick: number): { document: unknown; entries: unknown[] } {
  if (notes.entries !== null) return { document: notes.document, entries: notes.entries }
  const entries = annotationsOf(notes, tick).length === 0 ? [] : [notes.document]
  const kept = entries.length === 0 && typeof notes.document === "object" ? notes.document : {}
  return { document: { ...kept, annotations: entries }, entries }
}

function newEntry(annotation: Annotation, tick: number): Record<string, unknown> {
  if (annotation.group !== null && annotation.group !== 0) throw new UsageError("a btsf file has one group", { format: "btsf" })
  if (annotation.time !== null && annotation.tick === null && tick === 0) {
    const hint = "give the time as the file counts it, or none"
    throw new UsageError("the file does not say how long its ticks are: no annotation can be given a time in seconds", {
      format: "btsf",
      hint,
    })
  }
  return entryOf(annotation, tick)
}

/** The entry with its time and text replaced under the names it has; its other members stay. */
function edited(entry: unknown, annotation: Annotation, tick: number): unknown {
  const fresh = newEntry(annotation, tick)
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return fresh
  const old = entry as Record<string, unknown>
  const named: Record<string, unknown> = { ...old }
  for (const key of ["t", "time", "text", "kind", "y", "data_hex"]) delete named[key]
  const range = Array.isArray(old.t) && old.t[0] === fresh.t ? old.t : fresh.t
  return { ...(range === undefined ? {} : { t: range }), ...fresh, ...(range === undefined ? {} : { t: range }), ...named }
}

function writeInPlace(path: string, old: Section, payload: Uint8Array): void {
  const bytes = section(old.type, payload, old.payloadSize + old.followupSize - payload.length)
  const fd = openForEdit(path)
  try {
    writeSync(fd, bytes, 0, bytes.length, old.at)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function openForEdit(path: string): number {
  try {
    return openSync(path, "r+")
  } catch (error) {
    throw new LogError(`cannot be written (${(error as NodeJS.ErrnoException).code})`, { format: "btsf", path })
  }
}

/** Copies the file with the changed sections. Rows that are appended meanwhile are copied as well. */
async function rewrite(lock: Lock, path: string, source: Source, header: Header, changed: readonly Change[]): Promise<void> {
  const sink = new FileSink(path, undefined, lock)
  try {
    const unit = header.dataOffset % 512 === 0 ? 512 : header.master.padTo
    const parts: Uint8Array[] = []
    for (const old of header.sections) {
      const change = changed.find((each) => each.old === old)
      const size = old.payloadSize + old.followupSize
      if (change === undefined) parts.push((await source.read(old.at, sectionHead.size + size)).slice())
      else parts.push(section(old.type, change.payload, grown(change.payload.length, size, unit) - change.payload.length))
    }
    for (const { old, payload } of changed) {
      if (old !== null) continue
      const size = grown(payload.length, 0, header.master.padTo)
      parts.push(section(SECTION_ANNOTATIONS, payload, size - payload.length))
    }
    const headAt = (header.sections[0] as Section).at
    const last = header.sections[header.sections.length - 1] as Section
    const endAt = last.payloadAt + last.payloadSize + last.followupSize
    sink.write((await source.read(0, headAt)).slice())
    for (const part of parts) sink.write(part)
    sink.write(section(SECTION_END, new Uint8Array(0), header.dataOffset - endAt - sectionHead.size))
    let at = header.dataOffset
    for (let copied = -1; copied !== 0; at += copied) {
      copied = await copyBytes(source, at, await source.refresh(), sink)
    }
    sink.close()
  } catch (error) {
    sink.abort()
    throw error
  }
}

/** The size of a section that was `old` bytes and is to hold `payload` and some room: grown by whole units of padding and alignment. */
function grown(payload: number, old: number, unit: number): number {
  const step = unit % 8 === 0 ? unit : unit * 8
  const wanted = payload + 256
  return wanted <= old ? old : old + Math.ceil((wanted - old) / step) * step
}
