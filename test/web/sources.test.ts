import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { afterEach, describe, expect, test } from "vitest"
import { handleSource, pushedSource, rangeSource } from "../../host/browser.js"
import { UnsupportedError } from "../../host/index.js"

const BYTES = Uint8Array.from({ length: 3000 }, (_, i) => i % 251)

describe("a file handle", () => {
  test("follows a file that grows, and reads what stood there before", async () => {
    const handle = new Handle(BYTES.slice(0, 1000))
    const source = await handleSource(handle)
    expect(source).toMatchObject({ name: "lap.met", size: 1000 })
    handle.write(BYTES)
    expect(source.size).toBe(1000)
    expect(await source.read(10, 5)).toEqual(BYTES.slice(10, 15))
    expect(await source.refresh()).toBe(3000)
    expect(await source.read(2990, 100)).toEqual(BYTES.slice(2990))
    expect(source.modified).toBe(2_000_000n)
  })

  test("a file that shrinks, vanishes, or may not be read is one LogError with its name", async () => {
    const handle = new Handle(BYTES)
    const source = await handleSource(handle)
    handle.write(BYTES.slice(0, 100))
    await expect(source.read(50, 100)).rejects.toThrow("the file has become shorter: 100 bytes, it had 3000")
    handle.fails = "NotFoundError"
    handle.write(BYTES)
    await expect(source.refresh()).rejects.toMatchObject({ name: "LogError", message: "the file is no longer there", path: "lap.met" })
    handle.fails = "NotAllowedError"
    await expect(handleSource(handle)).rejects.toThrow("the page may not read this file: the permission is missing")
  })
})

describe("a file on a server", () => {
  let server: Server | null = null
  afterEach(async () => {
    await new Promise((resolve) => server?.close(resolve))
    server = null
  })

  test("is fetched by ranges, no byte more than asked for", async () => {
    const asked: string[] = []
    const source = await rangeSource(await serve({ asked }))
    expect(source).toMatchObject({ name: "a lap.met", size: 3000 })
    expect(await source.read(100, 50)).toEqual(BYTES.slice(100, 150))
    expect(await source.read(2990, 50, new Uint8Array(50))).toEqual(BYTES.slice(2990))
    expect(await source.read(3000, 1)).toEqual(new Uint8Array(0))
    expect(asked).toEqual(["bytes=0-0", "bytes=100-149", "bytes=2990-2999"])
  })

  test("that ignores ranges is refused, with what helps", async () => {
    const refused = rangeSource(await serve({ ranges: false }))
    await expect(refused).rejects.toBeInstanceOf(UnsupportedError)
    await expect(refused).rejects.toThrow("the server gives whole files only, expected ranges")
  })

  test("that is not there, or empty", async () => {
    await expect(rangeSource(`${await serve({})}x`)).rejects.toThrow("no such file on the server")
    await new Promise((resolve) => server?.close(resolve))
    expect((await rangeSource(await serve({ bytes: new Uint8Array(0) }))).size).toBe(0)
  })

  test("another version is never mixed in, and refresh goes over to it", async () => {
    const file = { bytes: BYTES, version: "1" }
    const source = await rangeSource(await serve(file))
    Object.assign(file, { version: "2", bytes: BYTES.slice(0, 2000) })
    await expect(source.read(0, 10)).rejects.toThrow("the file has changed since it was opened")
    await expect(source.read(2500, 10)).rejects.toThrow("the file has changed since it was opened")
    expect(await source.refresh()).toBe(2000)
    expect(await source.read(0, 10)).toEqual(BYTES.slice(0, 10))
  })

  test("a server that gives other bytes than asked for is told", async () => {
    const source = await rangeSource(await serve({ shift: 1 }))
    await expect(source.read(10, 5)).rejects.toThrow("the server gave bytes 11 to 15, expected 10 to 14")
  })

  interface Served {
    bytes?: Uint8Array
    version?: string
    ranges?: boolean
    shift?: number
    asked?: string[]
  }

  async function serve(file: Served): Promise<string> {
    server = createServer((request, response) => {
      const { bytes = BYTES, version = "1", ranges = true, shift = 0, asked = [] } = file
      if (request.url !== "/a%20lap.met") return response.writeHead(404).end()
      if (!ranges) return response.writeHead(200).end(bytes)
      const range = request.headers.range ?? ""
      asked.push(range)
      const [from, to] = (/^bytes=(\d+)-(\d+)$/.exec(range) ?? []).slice(1).map(Number) as [number, number]
      const last = Math.min(to + (from > 0 ? shift : 0), bytes.length - 1)
      const first = from + (from > 0 ? shift : 0)
      if (first >= bytes.length) return response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end()
      const headers = { etag: `"${version}"`, "content-range": `bytes ${first}-${last}/${bytes.length}` }
      return response.writeHead(206, headers).end(bytes.subarray(first, last + 1))
    })
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20lap.met`
  }
})

test("pushed bytes are seen after a refresh, whole across the pieces, until the end", async () => {
  const source = pushedSource("serial")
  const piece = Uint8Array.from({ length: 700_000 }, (_, i) => i % 253)
  for (let n = 0; n < 3; n++) source.push(piece)
  expect(source.size).toBe(0)
  expect(await source.refresh()).toBe(2_100_000)
  expect(await source.read(699_990, 20)).toEqual(Uint8Array.of(...piece.slice(-10), ...piece.slice(0, 10)))
  expect(await source.read((1 << 20) - 2, 4)).toEqual(piece.slice((1 << 20) - 2 - 700_000, (1 << 20) + 2 - 700_000))
  expect(await source.read(2_099_999, 10)).toHaveLength(1)
  source.end()
  expect(() => source.push(piece)).toThrow("bytes were pushed after the end")
})

/** A `FileSystemFileHandle` over bytes that change: a `File` that was given before the change can no longer be read, as in a browser. */
class Handle {
  readonly name = "lap.met"
  fails: string | null = null
  private changes = 0

  constructor(private bytes: Uint8Array) {}

  write(bytes: Uint8Array): void {
    this.bytes = bytes
    this.changes++
  }

  async getFile() {
    if (this.fails !== null) throw Object.assign(new Error("refused"), { name: this.fails })
    const [bytes, changes] = [this.bytes, this.changes]
    return {
      size: bytes.length,
      lastModified: 1 + changes,
      slice: (from: number, to: number) => ({
        arrayBuffer: async () => {
          if (changes !== this.changes) throw Object.assign(new Error("changed"), { name: "NotReadableError" })
          return bytes.slice(from, to).buffer as ArrayBuffer
        },
      }),
    }
  }
}
