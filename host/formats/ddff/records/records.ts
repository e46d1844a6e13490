import { INCOMPLETE, INVALID, skip } from "../blocks/msgpack.js"
import { MAX_RECORD, type Payload } from "../blocks/payload.js"

/** Bytes of payload gathered at a time while records are walked one by one. */
const GATHER = 64 * 1024

/** A record's bytes: `payload.bytes[from..to)`, valid until the next record is asked for. */
export interface RawRecord {
  readonly from: number
  readonly to: number
}

/** Bytes of a stream that are not a record. */
export interface Lost {
  /** File offset. */
  readonly at: number
  readonly length: number
  readonly kind: "cut-record" | "no-msgpack" | "long-record"
}

/**
 * Walks every msgpack value of a stream. Bytes that cannot be decoded are reported to `lost`, and the walk goes on
 * at the next record that a block header points to.
 */
export async function* rawRecords(payload: Payload, lost: (what: Lost) => void = () => {}): AsyncGenerator<RawRecord> {
  for (let wanted = GATHER; ; ) {
    const stop = await payload.gather(wanted)
    let taken = false
    for (;;) {
      const to = skip(payload.bytes, payload.start, payload.end)
      if (to === INCOMPLETE) break
      if (to === INVALID) {
        resync(payload, "no-msgpack", lost)
        continue
      }
      const record = { from: payload.start, to }
      payload.start = to
      taken = true
      yield record
    }
    wanted = taken ? GATHER : Math.max(GATHER, 2 * (payload.end - payload.start))
    if (!settle(payload, stop, lost)) return
  }
}

/**
 * Decides about the rest after all whole records. At a gap and at the end it is a record that is cut short;
 * a record longer than `MAX_RECORD` is damage.
 * @returns false if the stream has ended
 */
export function settle(payload: Payload, stop: "more" | "gap" | "end", lost: (what: Lost) => void): boolean {
  const rest = payload.end - payload.start
  if (stop === "more") {
    if (rest > MAX_RECORD) resync(payload, "long-record", lost)
    return true
  }
  if (rest > 0) {
    // Shifted content may claim a length beyond all remaining bytes; the records behind it can still be read.
    resync(payload, "cut-record", lost)
    if (payload.start < payload.end) return true
  }
  return stop === "gap"
}

/** Goes to the next record that a block header points to, or to the end of the gathered bytes. */
export function resync(payload: Payload, kind: Lost["kind"], lost: (what: Lost) => void): void {
  const next = payload.nextRecord(payload.start)
  const to = next < 0 ? payload.end : next
  lost({ at: payload.fileOffset(payload.start), length: to - payload.start, kind })
  payload.start = to
}
