import * as jls from "../../../shared/jls/layout.js"
import type { Sink } from "../../bytes/sink.js"
import { UsageError } from "../../model/errors.js"
import type { Values } from "../../model/log.js"
import { joinBytes } from "../../text/hex.js"
import { parseDataType } from "./chunks/datatype.js"
import {
  adjustFactors,
  type Factors,
  GLOBAL_SIGNAL,
  GLOBAL_SOURCE,
  type SignalDef,
  type SourceDef,
  signalFault,
  signalPayload,
  sourcePayload,
} from "./chunks/definitions.js"
import { ChunkWriter, List } from "./chunks/emit.js"
import { gapMark } from "./samples/gaps.js"
import { FsrWriter } from "./samples/writer.js"
import type { JlsAnnotation, JlsUserData, JlsUtc } from "./timed/timed.js"
import { TimedWriter } from "./timed/timed-writer.js"
import { TrackWriter } from "./timed/track-writer.js"

/** How a file is written. */
export interface JlsWriterOptions {
  /**
   * Byte for byte what the reference writes: summaries of 64-bit floats in half, samples behind the last full summary
   * entry left out of the indexes, gaps unmarked. Without it those are right, and other readers can read them.
   */
  readonly reference?: boolean
}

/** A signal to be defined: storage factors that are absent or 0 get defaults. */
export type NewSignal = Omit<SignalDef, keyof Factors> & Partial<Factors>

interface Writing {
  readonly def: SignalDef
  readonly fsr: FsrWriter | null
  readonly annotations: TimedWriter
  readonly utc: TimedWriter | null
}

/**
 * Writes a JLS v2 file as its parts come, in bounded memory. Sources and signals are defined before they are used, at
 * any time. A file that is not closed is readable but for the last samples of each signal.
 */
export class JlsWriter {
  private readonly chunks: ChunkWriter
  private readonly reference: boolean
  private readonly sources = new Map<number, SourceDef>()
  private readonly signals = new Map<number, Writing>()
  private readonly sourceList = new List()
  private readonly signalList = new List()
  private readonly userDataList = new List()

  constructor(
    private readonly sink: Sink,
    { reference = false }: JlsWriterOptions = {},
  ) {
    this.reference = reference
    this.chunks = new ChunkWriter(sink)
    this.chunks.write(jls.TAG_USER_DATA, 0, new Uint8Array(0), this.userDataList)
    this.source(GLOBAL_SOURCE)
    this.signal(GLOBAL_SIGNAL)
  }

  /** Defines a source. @throws UsageError when its id is out of range or taken */
  source(source: SourceDef): void {
    checkId("source", source.id, this.sources)
    this.sources.set(source.id, source)
    const before = this.sourceList.last
    this.chunks.write(jls.TAG_SOURCE_DEF, source.id, sourcePayload(source), this.sourceList)
    // The reference forgets one field of the definition before when it links the next one to it.
    if (this.reference && before !== null) this.chunks.rewrite({ ...before, previousLength: 0 })
  }

  /** Defines a signal. @returns the definition as stored @throws UsageError for what the format cannot hold */
  signal(signal: NewSignal): SignalDef {
    checkId("signal", signal.id, this.signals)
    const type = parseDataType(signal.dataType)
    if (!this.sources.has(signal.source)) throw new UsageError(`signal ${signal.id}: source ${signal.source} is not defined`)
    if (type === null) throw new UsageError(`signal ${signal.id}: data type 0x${signal.dataType.toString(16)} is not defined`)
    const isFsr = signal.type === "fsr"
    if (isFsr !== signal.rate > 0 || !Number.isInteger(signal.rate) || signal.rate > 0xffffffff) {
      throw new UsageError(`signal ${signal.id}: sample rate ${signal.rate}, expected ${isFsr ? "whole Hz above 0" : "0"}`)
    }
    const def: SignalDef = { ...signal, ...adjustFactors(signal, type, this.reference) }
    const fault = signalFault(def)
    if (fault !== null) throw new UsageError(`signal ${signal.id}: ${fault}`)
    this.chunks.write(jls.TAG_SIGNAL_DEF, def.id, signalPayload(def), this.signalList)
    const track = (kind: number) => new TrackWriter(this.chunks, kind, def.id, this.signalList)
    const data = track(isFsr ? jls.TRACK_FSR : jls.TRACK_VSR)
    const annotations = new TimedWriter(track(jls.TRACK_ANNOTATION), Math.max(1, def.annotationsPerIndex || 100))
    const onGap = (first: number, samples: number) => {
      if (!this.reference) annotations.annotation(gapMark(first, samples))
    }
    const fsr = isFsr ? new FsrWriter(data, def, type, { reference: this.reference, onGap }) : null
    const utc = isFsr ? new TimedWriter(track(jls.TRACK_UTC), Math.max(1, def.utcPerIndex || 100)) : null
    this.signals.set(def.id, { def, fsr, annotations, utc })
    return def
  }

  /**
   * Appends samples of an FSR signal: a column of its wire type. Ids that are skipped become a gap: filled with NaN or 0
   * and marked by an annotation; ids that were written before keep their samples.
   */
  fsr(signal: number, firstId: number, values: Values): void {
    this.fsrOf(signal).write(firstId, values)
  }

  /** Id of the sample that continues a signal without a gap; null before its first. */
  nextSample(signal: number): number | null {
    return this.fsrOf(signal).expected
  }

  /**
   * From now on constant DATA chunks of a u1, u4 or u8 signal are left out; readers take them from the summary. Others
   * are always stored: the reference reader never returns from i4 and i8 that are left out.
   */
  omit(signal: number, enable: boolean): void {
    const fsr = this.fsrOf(signal)
    const isSigned = parseDataType(this.writing(signal).def.dataType)?.wire.startsWith("i") === true
    if (this.reference || !isSigned) fsr.setOmit(enable)
  }

  /** Ties a sample id to a JLS time. */
  utc(signal: number, pair: JlsUtc): void {
    const { utc, def } = this.writing(signal)
    if (utc === null) throw new UsageError(`signal ${def.name} has no sample rate, so no UTC pairs`)
    utc.utc(pair)
  }

  /** Adds a remark to a signal; to signal 0 for the whole file. */
  annotation(signal: number, annotation: JlsAnnotation): void {
    this.writing(signal).annotations.annotation(annotation)
  }

  /** Adds data of the application. */
  userData({ meta, storage, data }: JlsUserData): void {
    if (storage < jls.STORAGE_BINARY || storage > jls.STORAGE_JSON || meta < 0 || meta > jls.META_ID) {
      throw new UsageError(`user data: meta ${meta}, storage ${storage} are out of range`)
    }
    const closed = storage === jls.STORAGE_BINARY ? data : joinBytes([data, new Uint8Array(1)])
    this.chunks.write(jls.TAG_USER_DATA, meta | (storage << jls.META_LEVEL_SHIFT), closed, this.userDataList)
  }

  /** Writes what is left and closes the file, but not the sink. */
  close(): void {
    for (const id of [...this.signals.keys()].sort((a, b) => a - b)) {
      const { fsr, annotations, utc } = this.signals.get(id) as Writing
      fsr?.close()
      annotations.close()
      utc?.close()
    }
    this.chunks.close()
  }

  /** Samples of all signals so far, those filled into gaps included. */
  get samples(): number {
    let samples = 0
    for (const { fsr } of this.signals.values()) samples += fsr?.samples ?? 0
    return samples
  }

  /** Bytes written so far. */
  get size(): number {
    return this.sink.size
  }

  private fsrOf(signal: number): FsrWriter {
    const { fsr, def } = this.writing(signal)
    if (fsr === null) throw new UsageError(`signal ${def.name} has no sample rate, so no samples`)
    return fsr
  }

  private writing(signal: number): Writing {
    const writing = this.signals.get(signal)
    if (writing === undefined) throw new UsageError(`signal ${signal} is not defined`)
    return writing
  }
}

function checkId(what: string, id: number, taken: ReadonlyMap<number, unknown>): void {
  if (!Number.isInteger(id) || id < 0 || id >= jls.IDS) throw new UsageError(`${what} id ${id}: expected 0 to ${jls.IDS - 1}`)
  if (taken.has(id)) throw new UsageError(`${what} ${id} is defined already`)
}
