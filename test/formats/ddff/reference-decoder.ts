/**
 * A second ddff reader, written from the format's description alone and for nothing but these tests: it follows the chain
 * pointers as pyddff does, checks every CRC bit by bit, and decodes msgpack by recursion.
 */
export interface ReferenceFile {
  /** By stream id, in the order of the chain. */
  readonly streams: Map<number, ReferenceStream>
}
export interface ReferenceStream {
  readonly blocks: { at: number; size: number; fill: number; first: number; number: number }[]
  readonly records: unknown[]
  /** Place of each record's first byte: block offset and offset in the block. */
  readonly places: { block: number; inblock: number }[]
}

export function referenceRead(bytes: Uint8Array): ReferenceFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = new Map<number, number>()
  for (let at = 0; at < bytes.length; at += view.getUint32(at + 12)) {
    check(bytes, at)
    const id = view.getUint16(at + 10)
    if (!first.has(id)) first.set(id, at)
  }
  const streams = new Map<number, ReferenceStream>()
  for (const [id, start] of first) streams.set(id, chain(bytes, view, id, start))
  return { streams }
}

function check(bytes: Uint8Array, at: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at)
  const size = view.getUint32(12)
  if (size < 29 || at + size > bytes.length) throw new Error(`block at ${at}: size ${size}`)
  let crc = 0xffff
  for (let i = 10; i < size; i++) {
    crc ^= (bytes[at + i] as number) << 8
    for (let bit = 0; bit < 8; bit++) crc = ((crc & 0x8000) !== 0 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff
  }
  if (crc !== view.getUint16(8)) throw new Error(`block at ${at}: CRC`)
}

function chain(bytes: Uint8Array, view: DataView, id: number, start: number): ReferenceStream {
  const blocks: ReferenceStream["blocks"] = []
  const payload: number[] = []
  const owners: { block: number; inblock: number }[] = []
  for (let at = start; ; ) {
    if (view.getUint16(at + 10) !== id) throw new Error(`chain of stream ${id} leads to another stream at ${at}`)
    const block = {
      at,
      size: view.getUint32(at + 12),
      fill: view.getUint32(at + 16),
      first: view.getUint32(at + 20),
      number: view.getUint32(at + 24),
    }
    if (block.number !== blocks.length) throw new Error(`stream ${id}: block ${block.number} at ${at}, expected ${blocks.length}`)
    blocks.push(block)
    for (let i = 28; i < block.fill; i++) {
      payload.push(bytes[at + i] as number)
      owners.push({ block: at, inblock: i })
    }
    const next = view.getBigInt64(at)
    if (next === 0x7fffffffffffffffn || next === -1n) break
    at = Number(next)
  }
  const records: unknown[] = []
  const places: ReferenceStream["places"] = []
  const reader = new Msgpack(Uint8Array.from(payload))
  while (reader.at < payload.length) {
    places.push(owners[reader.at] as { block: number; inblock: number })
    records.push(reader.value())
  }
  return { blocks, records, places }
}

class Msgpack {
  at = 0
  private readonly view: DataView

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer)
  }

  value(): unknown {
    const b = this.view.getUint8(this.at++)
    if (b <= 0x7f) return b
    if (b <= 0x8f) return this.map(b & 15)
    if (b <= 0x9f) return this.array(b & 15)
    if (b <= 0xbf) return this.text(b & 31)
    if (b >= 0xe0) return b - 256
    const take = <T>(n: number, read: (at: number) => T): T => {
      const value = read(this.at)
      this.at += n
      return value
    }
    const v = this.view
    switch (b) {
      case 0xc0:
        return null
      case 0xc2:
        return false
      case 0xc3:
        return true
      case 0xc4:
        return this.binary(take(1, (at) => v.getUint8(at)))
      case 0xc5:
        return this.binary(take(2, (at) => v.getUint16(at)))
      case 0xc6:
        return this.binary(take(4, (at) => v.getUint32(at)))
      case 0xca:
        return take(4, (at) => v.getFloat32(at))
      case 0xcb:
        return take(8, (at) => v.getFloat64(at))
      case 0xcc:
        return take(1, (at) => v.getUint8(at))
      case 0xcd:
        return take(2, (at) => v.getUint16(at))
      case 0xce:
        return take(4, (at) => v.getUint32(at))
      case 0xcf:
        return take(8, (at) => v.getBigUint64(at))
      case 0xd0:
        return take(1, (at) => v.getInt8(at))
      case 0xd1:
        return take(2, (at) => v.getInt16(at))
      case 0xd2:
        return take(4, (at) => v.getInt32(at))
      case 0xd3:
        return take(8, (at) => v.getBigInt64(at))
      case 0xd9:
        return this.text(take(1, (at) => v.getUint8(at)))
      case 0xda:
        return this.text(take(2, (at) => v.getUint16(at)))
      case 0xdb:
        return this.text(take(4, (at) => v.getUint32(at)))
      case 0xdc:
        return this.array(take(2, (at) => v.getUint16(at)))
      case 0xdd:
        return this.array(take(4, (at) => v.getUint32(at)))
      case 0xde:
        return this.map(take(2, (at) => v.getUint16(at)))
      case 0xc7:
        return this.extension(take(1, (at) => v.getUint8(at)))
      case 0xd4:
      case 0xd5:
      case 0xd6:
      case 0xd7:
      case 0xd8:
        return this.extension(1 << (b - 0xd4))
      default:
        throw new Error(`msgpack marker ${b.toString(16)}`)
    }
  }

  private array(n: number): unknown[] {
    return Array.from({ length: n }, () => this.value())
  }

  private map(n: number): Record<string, unknown> {
    return Object.fromEntries(Array.from({ length: n }, () => [String(this.value()), this.value()]))
  }

  private extension(n: number): { type: number; data: Uint8Array } {
    const type = ((this.take(1)[0] as number) << 24) >> 24
    return { type, data: this.take(n) }
  }

  private text(n: number): string {
    return Buffer.from(this.take(n)).toString("utf8")
  }

  private binary(n: number): Uint8Array {
    return this.take(n)
  }

  private take(n: number): Uint8Array {
    if (this.at + n > this.bytes.length) throw new Error("cut short")
    this.at += n
    return this.bytes.slice(this.at - n, this.at)
  }
}
