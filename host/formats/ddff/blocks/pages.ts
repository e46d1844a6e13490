import type { Source } from "../../../bytes/source.js"
import { LogError } from "../../../model/errors.js"

/** Bytes of a page, which is read at once. */
const PAGE = 1024 * 1024
/** Pages kept, for the cursors of streams that are read side by side. */
const PAGES = 12

interface Page {
  index: number
  bytes: Uint8Array
  used: number
}

/**
 * Reads a source in pages and keeps them for a while, so that cursors that move together read the file once. The page
 * behind the one asked for is read ahead while its caller computes.
 */
export class Pages {
  private readonly pages: Page[] = []
  private clock = 0
  private latest: Page | null = null
  private ahead: { readonly index: number; readonly bytes: Promise<Uint8Array> } | null = null

  constructor(private readonly source: Source) {}

  /** Copies `length` bytes from file offset `at` to `into[to..]` if their pages are in memory; returns false if not. */
  copy(at: number, length: number, into: Uint8Array, to: number): boolean {
    let from = at
    let put = to
    const end = at + length
    while (from < end) {
      const page = this.find(Math.floor(from / PAGE))
      if (page === null) return false
      const start = from - page.index * PAGE
      const n = Math.min(end - from, page.bytes.length - start)
      if (n <= 0) return false
      into.set(page.bytes.subarray(start, start + n), put)
      from += n
      put += n
    }
    return true
  }

  /** Same, but reads pages that are not in memory. @throws LogError if the file became shorter. */
  async read(at: number, length: number, into: Uint8Array, to: number): Promise<void> {
    for (let done = 0; done < length; ) {
      const n = Math.min(length - done, PAGE - ((at + done) % PAGE))
      if (!this.copy(at + done, n, into, to + done)) {
        await this.load(Math.floor((at + done) / PAGE))
        if (!this.copy(at + done, n, into, to + done))
          throw new LogError("became shorter while it was read", { path: this.source.name, at: at + done })
      }
      done += n
    }
  }

  /** The bytes from `at` to the end of its page: a view, valid until the next call. */
  async from(at: number): Promise<Uint8Array> {
    const index = Math.floor(at / PAGE)
    if (this.find(index) === null) await this.load(index)
    return this.find(index)?.bytes.subarray(at - index * PAGE) ?? new Uint8Array(0)
  }

  /** Forgets everything: the file has changed, or is to be closed. */
  async clear(): Promise<void> {
    await this.ahead?.bytes.catch(() => {})
    this.ahead = null
    this.pages.length = 0
    this.latest = null
  }

  private find(index: number): Page | null {
    if (this.latest?.index === index) return this.latest
    const page = this.pages.find((candidate) => candidate.index === index)
    if (page === undefined) return null
    page.used = ++this.clock
    this.latest = page
    return page
  }

  private async load(index: number): Promise<void> {
    const { ahead } = this
    this.ahead = null
    const bytes = await (ahead?.index === index ? ahead.bytes : this.fetch(index))
    this.pages.push({ index, bytes, used: ++this.clock })
    if ((index + 1) * PAGE < this.source.size && this.find(index + 1) === null) {
      const next = this.fetch(index + 1)
      // The caller that asks for the page gets the error.
      next.catch(() => {})
      this.ahead = { index: index + 1, bytes: next }
    }
  }

  private fetch(index: number): Promise<Uint8Array> {
    let store = new Uint8Array(0)
    if (this.pages.length >= PAGES) {
      this.pages.sort((a, b) => b.used - a.used)
      const oldest = this.pages.pop() as Page
      if (this.latest === oldest) this.latest = null
      store = new Uint8Array(oldest.bytes.buffer as ArrayBuffer)
    }
    if (store.length < PAGE) store = new Uint8Array(PAGE)
    return this.source.read(index * PAGE, PAGE, store)
  }
}
