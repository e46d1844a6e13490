import type { Source } from "../bytes/source.js"
import { LogError, UnsupportedError } from "../model/errors.js"
import { aText, checkOptions } from "../text/asked.js"

/** How a file is asked for by HTTP. */
export interface RangeOptions {
  /** Default: the page's own `fetch`. */
  readonly fetch?: typeof fetch
  /** Headers of every request, such as `{ authorization: "Bearer ..." }`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A file on a web server as a source: only the bytes asked for are fetched (HTTP ranges, RFC 9110 section 14). The file is known by its ETag or
 * its date, so pieces of two versions are never mixed.
 * @throws UnsupportedError when the server gives no ranges
 * @throws LogError when it gives no file, or when the file changes between two reads
 */
export async function rangeSource(url: string, options: RangeOptions = {}): Promise<Source> {
  checkOptions(options, ["fetch", "headers"], "rangeSource")
  aText(url, "rangeSource: url")
  const path = nameIn(url)
  const { modified, ...first } = await look(url, path, options)
  let { size, version } = first
  return {
    name: path,
    get size() {
      return size
    },
    ...(modified === null ? {} : { modified }),
    async read(at, length, into) {
      const wanted = Math.max(0, Math.min(length, size - at))
      if (wanted === 0) return into?.subarray(0, 0) ?? new Uint8Array(0)
      const answer = await ask(url, path, `bytes=${at}-${at + wanted - 1}`, options)
      if (answer.status === 416 || versionOf(answer) !== version)
        throw new LogError("the file has changed since it was opened", { path, at })
      const { from, to } = span(answer, path)
      const bytes = new Uint8Array(await answer.arrayBuffer())
      if (from !== at || to !== at + wanted - 1 || bytes.length !== wanted) {
        throw new LogError(`the server gave bytes ${from} to ${to}, expected ${at} to ${at + wanted - 1}`, { path, at })
      }
      if (into === undefined) return bytes
      into.set(bytes)
      return into.subarray(0, wanted)
    },
    async refresh() {
      ;({ size, version } = await look(url, path, options))
      return size
    },
    close: async () => {},
  }
}

/** What the server says of the file: bytes, version, and the time of its last change in ns since 1970. An empty file has no first byte: 416. */
async function look(url: string, path: string, options: RangeOptions): Promise<{ size: number; version: string; modified: bigint | null }> {
  const answer = await ask(url, path, "bytes=0-0", options)
  await answer.body?.cancel()
  const size = answer.status === 416 ? sizeUnmet(answer) : span(answer, path).size
  const changed = Date.parse(answer.headers.get("last-modified") ?? "")
  return { size, version: versionOf(answer), modified: Number.isNaN(changed) ? null : BigInt(changed) * 1_000_000n }
}

async function ask(url: string, path: string, range: string, { fetch: get = fetch, headers }: RangeOptions): Promise<Response> {
  const answer = await get(url, { headers: { ...headers, range } }).catch((error: Error) => {
    throw new LogError(`cannot be fetched (${error.message})`, { path })
  })
  if (answer.status === 206 || answer.status === 416) return answer
  await answer.body?.cancel()
  if (answer.status === 200) {
    const hint = "download the file, or put it on a server that answers requests for a range"
    throw new UnsupportedError("the server gives whole files only, expected ranges", { path, hint })
  }
  if (answer.status === 404) throw new LogError("no such file on the server", { path })
  throw new LogError(`the server answers ${answer.status}, expected 206`, { path })
}

/** What a 206 covers. Several ranges in one answer are never asked for. */
function span(answer: Response, path: string): { from: number; to: number; size: number } {
  const parts = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(answer.headers.get("content-range") ?? "")
  const [from, to, size] = (parts ?? []).slice(1).map(Number)
  if (from === undefined || to === undefined || size === undefined || !Number.isSafeInteger(size)) {
    throw new UnsupportedError("the server does not say which bytes it gives (Content-Range)", { path })
  }
  return { from, to, size }
}

/** The size in the answer to a range that the file does not have; 0 when it is not told. */
function sizeUnmet(answer: Response): number {
  const [, size] = /^bytes \*\/(\d+)$/.exec(answer.headers.get("content-range") ?? "") ?? []
  return Number(size ?? 0)
}

function versionOf({ headers }: Response): string {
  return headers.get("etag") ?? headers.get("last-modified") ?? ""
}

/** A file's name, without what a browser leaves out of a path. */
function nameIn(url: string): string {
  const [path = ""] = url.split(/[?#]/)
  const name = path.slice(path.lastIndexOf("/") + 1)
  try {
    return decodeURIComponent(name) || url
  } catch {
    return name
  }
}
