import type { Source } from "./source.js"

/**
 * A source as far as it really gives bytes: an image that ends inside a file gives fewer than the file's size says.
 * @returns the source itself where its last byte can be read, else a view of it that ends with its last byte
 */
export async function readable(source: Source): Promise<Source> {
  const end = await endOf(source)
  return end === source.size ? source : new Shortened(source, end)
}

/** Place behind the last byte that can be read. */
async function endOf(source: Source): Promise<number> {
  const byte = new Uint8Array(1)
  const gives = async (at: number) => (await source.read(at, 1, byte)).length > 0
  if (source.size === 0 || (await gives(source.size - 1))) return source.size
  let [low, high] = [0, source.size - 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if (await gives(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** A source that ends before its size. Closing it closes the source. */
class Shortened implements Source {
  readonly name: string

  constructor(
    private readonly source: Source,
    private end: number,
  ) {
    this.name = source.name
  }

  get size(): number {
    return this.end
  }

  get modified(): bigint | undefined {
    return this.source.modified
  }

  read(at: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    return this.source.read(at, Math.max(0, Math.min(length, this.end - at)), into)
  }

  async refresh(): Promise<number> {
    await this.source.refresh()
    this.end = await endOf(this.source)
    return this.end
  }

  close(): Promise<void> {
    return this.source.close()
  }
}
