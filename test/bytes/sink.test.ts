import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, test } from "vitest"
import { MemorySink } from "../../host/bytes/sink.js"
import { memorySource } from "../../host/bytes/source.js"
import { FileSink } from "../../host/io/file-sink.js"
import { fileSource } from "../../host/io/file-source.js"

const folder = mkdtempSync(join(tmpdir(), "fieldlog-sink-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe("a file sink", () => {
  test("shows the file under its name only when it is complete", () => {
    const path = join(folder, "a.bin")
    const sink = new FileSink(path)
    sink.write(Uint8Array.of(1, 2, 3))
    expect(existsSync(path)).toBe(false)
    sink.close()
    expect([...readFileSync(path)]).toEqual([1, 2, 3])
    expect(existsSync(sink.draftPath)).toBe(false)
  })

  test("leaves nothing behind when it is given up", () => {
    const path = join(folder, "b.bin")
    const sink = new FileSink(path)
    sink.write(new Uint8Array(300_000))
    sink.abort()
    expect(existsSync(path)).toBe(false)
    expect(existsSync(sink.draftPath)).toBe(false)
  })

  test("holds the same bytes as a memory sink, whatever the sizes and patches", () => {
    const step = fc.record({
      size: fc.oneof(fc.nat(100), fc.constantFrom(262_143, 262_144, 262_145, 300_000)),
      patchAt: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const path = join(folder, "c.bin")
        const [file, memory] = [new FileSink(path), new MemorySink()]
        steps.forEach(({ size, patchAt }, i) => {
          const bytes = new Uint8Array(size).fill(i + 1)
          for (const sink of [file, memory]) {
            sink.write(bytes)
            const at = Math.floor(patchAt * Math.max(0, sink.size - 2))
            if (sink.size >= 2) sink.patch(at, Uint8Array.of(250, i))
          }
        })
        file.close()
        expect(Buffer.compare(readFileSync(path), memory.bytes())).toBe(0)
      }),
      { numRuns: 25 },
    )
  })
})

describe("a source", () => {
  test("gives what is there and no more", async () => {
    const source = memorySource(Uint8Array.of(1, 2, 3, 4))
    expect([...(await source.read(2, 10))]).toEqual([3, 4])
    expect([...(await source.read(9, 10))]).toEqual([])
  })

  test("of a file reads any part and sees growth after a refresh", async () => {
    const path = join(folder, "d.bin")
    const sink = new FileSink(path)
    sink.write(Uint8Array.from({ length: 1000 }, (_, i) => i & 255))
    sink.close()
    const source = await fileSource(path)
    expect([...(await source.read(998, 10))]).toEqual([230, 231])
    expect(await source.refresh()).toBe(1000)
    await source.close()
  })

  test("that is missing or a folder is one clear error", async () => {
    await expect(fileSource(join(folder, "none"))).rejects.toThrow("no such file")
    await expect(fileSource(folder)).rejects.toThrow("is a directory")
  })
})
