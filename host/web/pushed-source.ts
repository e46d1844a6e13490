import type { Source } from "../bytes/source.js"
import { LogError } from "../model/errors.js"

/** Bytes that arrive over time: of a serial port, a socket, a stream. */
export interface PushedSource extends Source {
  /** Adds bytes at the end; they may be changed afterwards. A reader sees them after its next `refresh`. @throws LogError after `end` */
  push(bytes: Uint8Array): void
  /** No more bytes will come. */
  end(): void
}

const PIECE = 1 << 20

/** A source that bytes are pushed into. All of them stay in memory, in pieces of 1 MiB. */
export function pushedSource(name = "stream"): PushedSource {
  const pieces: Uint8Array[] = []
  let [arrived, size, ended] = [0, 0, false]
  return {
    name,
    get size() {
      return size
    },
    push(bytes) {
      if (ended) throw new LogError("bytes were pushed after the end", { path: name })
      for (let done = 0; done < bytes.length; ) {
        const within = arrived % PIECE
        if (within === 0) pieces.push(new Uint8Array(PIECE))
        const part = bytes.subarray(done, done + PIECE - within)
        pieces.at(-1)?.set(part, within)
        done += part.length
        arrived += part.length
      }
    },
    end() {
      ended = true
    },
    async read(at, length, into) {
      const wanted = Math.max(0, Math.min(length, size - at))
      const target = into?.subarray(0, wanted) ?? new Uint8Array(wanted)
      for (let done = 0; done < wanted; ) {
        const within = (at + done) % PIECE
        const piece = pieces[Math.floor((at + done) / PIECE)] as Uint8Array
        const part = piece.subarray(within, Math.min(PIECE, within + wanted - done))
        target.set(part, done)
        done += part.length
      }
      return target
    },
    async refresh() {
      size = arrived
      return size
    },
    async close() {
      ended = true
    },
  }
}
