import { MemorySink } from "../../../host/bytes/sink.js"
import { writeMeteor } from "../../../host/formats/meteor/write.js"
import type { Output, WriteOptions } from "../../../host/model/format.js"
import type { Log, Loss } from "../../../host/model/log.js"

/** What a writer has made. */
export interface Written {
  readonly bytes: Uint8Array
  /** The specification beside it; undefined where none was written. */
  readonly spec: unknown
  readonly losses: Loss[]
}

/** What a writer makes of `out.met` and its specification. */
export async function written(write: (output: Output) => Promise<Loss[]>): Promise<Written> {
  const sinks = new Map<string, MemorySink>()
  const sink = (name = "out.met") => {
    const made = new MemorySink()
    sinks.set(name, made)
    return made
  }
  const losses = await write({ name: "out.met", sink })
  const side = sinks.get("out.spec.json")
  const spec = side === undefined ? undefined : JSON.parse(new TextDecoder().decode(side.bytes()))
  return { bytes: sinks.get("out.met")?.bytes().slice() ?? new Uint8Array(0), spec, losses }
}

/** A log as Meteor. */
export function writtenAs(log: Log, options: WriteOptions = {}): Promise<Written> {
  return written((output) => writeMeteor(log, output, options))
}
