/**
 * A second Meteor decoder, written from the format's document alone and sharing nothing with the library:
 * one frame at a time, nothing clever, no recovery. What the library writes must read the same here.
 */
export interface PlainFrame {
  readonly at: number
  readonly stamp: number
  /** 1 topic, 2 composite; version 1 has topics only. */
  readonly type: number
  readonly id: number
  readonly data: Buffer
}

export interface PlainFile {
  readonly version: number
  readonly date: readonly [day: number, month: number, year: number, ms: number]
  readonly name: string
  readonly frames: readonly PlainFrame[]
}

/** @throws Error at the first byte that does not follow the document */
export function decodePlainly(input: Uint8Array): PlainFile {
  const file = Buffer.from(input.buffer, input.byteOffset, input.byteLength)
  if (file.toString("latin1", 0, 13) !== "\x89B'ENERGY\r\n\x1a\n") throw new Error("signature")
  const version = file.readUInt8(13)
  const nameEnd = 22 + file.readUInt8(21)
  const frames: PlainFrame[] = []
  for (let at = nameEnd; at < file.length; ) {
    const start = at
    const stamp = file.readUInt32BE(at)
    at += 4
    const type = version === 1 ? 1 : file.readUInt8(at++)
    const id = file.readUInt8(at++)
    const length = file.readUInt8(at++)
    if (at + length > file.length) throw new Error(`frame at ${start} is cut`)
    frames.push({ at: start, stamp, type, id, data: file.subarray(at, at + length) })
    at += length
  }
  const date = [file.readUInt8(14), file.readUInt8(15), file.readUInt8(16), file.readUInt32BE(17)] as const
  return { version, date, name: file.toString("utf8", 22, nameEnd), frames }
}

/** An integer of a version 2 file, exact. */
export function plainInteger(data: Buffer, signed: boolean): bigint {
  let text = ""
  for (const byte of data) text = byte.toString(16).padStart(2, "0") + text
  const value = BigInt(`0x${text === "" ? "0" : text}`)
  const top = 1n << BigInt(data.length * 8)
  return signed && value >= top / 2n ? value - top : value
}

/** What the document says of a specification. */
export interface PlainSpec {
  readonly topics: readonly {
    readonly id: number
    readonly key: string
    readonly data: { readonly type: string; readonly addition?: number; readonly divisor?: number; readonly multiplier?: number }
  }[]
  readonly composites: readonly { readonly id: number; readonly topics: readonly { readonly key: string; readonly length: number }[] }[]
}

type Topic = PlainSpec["topics"][number]

/** Every value of a version 2 file in file order, scaled as its specification says: stamp, key, physical value. */
export function plainSamples(file: PlainFile, spec: PlainSpec): [stamp: number, key: string, value: number][] {
  return plainIntegers(file, spec).map(([stamp, { key, data }, raw]) => {
    const { addition = 0, divisor = 1, multiplier = 1 } = data
    return [stamp, key, ((Number(raw) + addition) / divisor) * multiplier]
  })
}

/** Every value of a version 2 file in file order as it is stored: stamp, topic, integer. */
export function plainIntegers({ frames }: PlainFile, { topics, composites }: PlainSpec): [stamp: number, topic: Topic, raw: bigint][] {
  const samples: [number, Topic, bigint][] = []
  const put = (stamp: number, topic: Topic | undefined, data: Buffer) => {
    if (topic === undefined) throw new Error("a value without a topic")
    samples.push([stamp, topic, plainInteger(data, topic.data.type === "signed-number")])
  }
  for (const { stamp, type, id, data } of frames) {
    if (type === 1) {
      put(
        stamp,
        topics.find((topic) => topic.id === id),
        data,
      )
      continue
    }
    let at = 0
    for (const { key, length } of composites.find((composite) => composite.id === id)?.topics ?? []) {
      put(
        stamp,
        topics.find((topic) => topic.key === key),
        data.subarray(at, at + length),
      )
      at += length
    }
    if (at !== data.length) throw new Error(`a composite of ${data.length} bytes, its items take ${at}`)
  }
  return samples
}
