import type { Source } from "../../../bytes/source.js"

const PAGE = 1024 * 1024
/** Pages that are read ahead of the one in use. */
const AHEAD = 2

interface Page {
  readonly bytes: Uint8Array
  /** The bytes read, once the read is done. */
  readonly filled: Promise<Uint8Array>
  used: number
}

/**
 * Reads a source in pages of 1 MiB, keeps the last few, and reads the next ones ahead while one is being used: a
 * window of several signals costs each byte of the file once. For one reader at a time: the bytes that `read` returns are valid until
 * the next call.
 */
export class Pages {
  private readonly pages = new Map<number, Page>()
  private scratch = new Uint8Array(0)
  private clock = 0

  /** @param window bytes of the file that are read again and again before the reader moves on */
  constructor(
    private readonly source: Source,
    private readonly window: number,
  ) {}

  /** Bytes from `at`; fewer at the end of the source. */
  async read(at: number, length: number): Promise<Uint8Array> {
    const first = Math.floor(at / PAGE)
    const last = Math.floor((at + length - 1) / PAGE)
    if (first === last) {
      const page = await this.page(first)
      return page.subarray(at - first * PAGE, at + length - first * PAGE)
    }
    if (this.scratch.length < length) this.scratch = new Uint8Array(length)
    let done = 0
    for (let n = first; n <= last; n++) {
      const page = await this.page(n)
      const from = Math.max(0, at - n * PAGE)
      const part = page.subarray(from, from + length - done)
      this.scratch.set(part, done)
      done += part.length
    }
    return this.scratch.subarray(0, done)
  }

  private page(n: number): Promise<Uint8Array> {
    const page = this.load(n)
    page.used = ++this.clock
    if (this.pages.has(n - 1)) for (let next = n + 1; next <= n + AHEAD && next * PAGE < this.source.size; next++) this.load(next)
    return page.filled
  }

  private load(n: number): Page {
    const held = this.pages.get(n)
    if (held !== undefined) return held
    const { bytes, idle } = this.free()
    const filled = idle.then(() => this.source.read(n * PAGE, PAGE, bytes))
    // A page that was read ahead may never be asked for, so its error waits for the caller that asks.
    filled.catch(() => {})
    const page = { bytes, filled, used: ++this.clock }
    this.pages.set(n, page)
    return page
  }

  /** Memory of the page that was used longest ago, once there are enough; `idle` once nothing is read into it any more. */
  private free(): { bytes: Uint8Array; idle: Promise<unknown> } {
    if (this.pages.size < 3 + AHEAD + Math.ceil(this.window / PAGE)) return { bytes: new Uint8Array(PAGE), idle: Promise.resolve() }
    let oldest = -1
    for (const [n, page] of this.pages) if (oldest < 0 || page.used < (this.pages.get(oldest) as Page).used) oldest = n
    const { bytes, filled } = this.pages.get(oldest) as Page
    this.pages.delete(oldest)
    return { bytes, idle: filled.catch(() => {}) }
  }
}
