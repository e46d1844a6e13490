import type { Source } from "../../../bytes/source.js"
import type { OpenOptions } from "../../../model/format.js"
import { MAX_HEADER, type MeteorHeader, readHeader } from "./header.js"
import { type MeteorSpec, parseSpec } from "./spec.js"

/** What is known of a log before its first frame. */
export interface Head {
  readonly header: MeteorHeader
  /** Null when none was given. */
  readonly spec: MeteorSpec | null
}

/** @throws FormatError if the file has no Meteor header, or the side file is not a specification */
export async function readHead(source: Source, { monthBase, spec, specPath }: OpenOptions): Promise<Head> {
  const header = readHeader(await source.read(0, MAX_HEADER), monthBase)
  return { header, spec: spec === undefined || spec === null ? null : parseSpec(spec, specPath) }
}
