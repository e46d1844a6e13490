import { fileHeader, SIGNATURE } from "../../../../shared/meteor/layout.js"
import { writeRecord } from "../../../bytes/layout.js"
import type { Source } from "../../../bytes/source.js"
import { LogError } from "../../../model/errors.js"
import type { OpenOptions } from "../../../model/format.js"
import { issue } from "../../../model/issues.js"
import type { Issue } from "../../../model/log.js"
import { type Head, readHead } from "./head.js"
import { MAX_HEADER, type MeteorHeader, readHeader } from "./header.js"
import { type MeteorSpec, parseSpec } from "./spec.js"

/** Bytes of the signature that must be right where the rest of a header is believed. */
const SIGNATURE_LEAST = 7

/** What a damaged log's head was made into. */
interface SalvagedHead extends Head {
  /** The log, beginning with a sound header. */
  readonly source: Source
  /** Bytes of a header that the log itself does not have: its own begin behind them. */
  readonly added: number
  /** What was wrong with the head. */
  readonly faults: readonly Issue[]
}

/**
 * As `readHead`, whatever the damage: a signature that is wrong in part is set right, a header that is gone is replaced by an empty
 * one, and a side file that is no specification is left aside.
 */
export async function salvageHead(source: Source, options: OpenOptions): Promise<SalvagedHead> {
  const faults: Issue[] = []
  const spec = salvageSpec(options, faults)
  const bytes = await source.read(0, MAX_HEADER)
  const sound = headerIn(bytes, options)
  if (sound !== null) return { header: sound, spec, source, added: 0, faults }
  const mended = bytes.slice()
  mended.set(SIGNATURE.slice(0, mended.length))
  const header = SIGNATURE.filter((byte, i) => bytes[i] === byte).length < SIGNATURE_LEAST ? null : headerIn(mended, options)
  if (header !== null) {
    faults.push(
      issue("bad-signature", "error", "the signature is damaged: it is set right", { at: 0, length: SIGNATURE.length, rowsKept: true }),
    )
    return { header, spec, source, added: 0, faults }
  }
  faults.push(issue("no-header", "error", "no Meteor header: the log's name and start are lost", { at: 0, rowsKept: true }))
  const empty = emptyHeader()
  const headed = new Headed(empty, source)
  return { ...(await readHead(headed, { monthBase: options.monthBase })), spec, source: headed, added: empty.length, faults }
}

function salvageSpec({ spec, specPath }: OpenOptions, faults: Issue[]): MeteorSpec | null {
  if (spec === undefined || spec === null) return null
  try {
    return parseSpec(spec, specPath)
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    faults.push(issue("no-specification", "error", `the side file is not used: ${error.message}`))
    return null
  }
}

function headerIn(bytes: Uint8Array, { monthBase }: OpenOptions): MeteorHeader | null {
  try {
    return readHeader(bytes, monthBase)
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    return null
  }
}

/** Version 2, without name and date. */
function emptyHeader(): Uint8Array {
  const bytes = new Uint8Array(fileHeader.size)
  const fields = { signature: Uint8Array.from(SIGNATURE), version: 2, day: 0, month: 0, year: 0, timeOfDay: 0, nameLength: 0 }
  writeRecord(fileHeader, new DataView(bytes.buffer), 0, fields)
  return bytes
}

/** A source with a header in front of its bytes. */
class Headed implements Source {
  readonly name: string

  constructor(
    private readonly header: Uint8Array,
    private readonly source: Source,
  ) {
    this.name = source.name
  }

  get size(): number {
    return this.header.length + this.source.size
  }

  async read(at: number, length: number, into = new Uint8Array(Math.max(0, Math.min(length, this.size - at)))): Promise<Uint8Array> {
    const front = this.header.subarray(at, at + length)
    into.set(front)
    const rest = await this.source.read(at + front.length - this.header.length, length - front.length, into.subarray(front.length))
    return into.subarray(0, front.length + rest.length)
  }

  async refresh(): Promise<number> {
    await this.source.refresh()
    return this.size
  }

  close(): Promise<void> {
    return this.source.close()
  }
}
