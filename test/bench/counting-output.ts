import type { Sink } from "../../host/bytes/sink.js"
import type { Output } from "../../host/model/format.js"

/** An output that keeps the count of its bytes and nothing else. */
export class CountingOutput implements Output {
  bytes = 0

  constructor(readonly name: string) {}

  sink(): Sink {
    const count = (n: number) => (this.bytes += n)
    let size = 0
    return {
      get size() {
        return size
      },
      write(bytes) {
        size += bytes.length
        count(bytes.length)
      },
      patch() {},
      close() {},
      abort() {},
    }
  }
}
