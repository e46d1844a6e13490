import type { Log, Selection } from "../../model/log.js"

/** Per group and channel of bytes: the length that all its values have; null where lengths differ, or there is no value. */
type ByteLengths = ReadonlyMap<number, readonly (number | null)[]>

/** Looks at all values of the channels of bytes. A log without such a channel is not read. */
export async function byteLengths(log: Log, selection: Selection): Promise<ByteLengths> {
  const isBytes = (g: number) => log.groups[g]?.channels.some(({ type }) => type === "bytes") === true
  const groups = (selection.groups ?? [...log.groups.keys()]).filter(isBytes)
  const found = new Map<number, (number | null | undefined)[]>()
  if (groups.length === 0) return new Map()
  for await (const chunk of log.chunks({ ...selection, groups })) {
    const own = found.get(chunk.group) ?? []
    found.set(chunk.group, own)
    for (const [c, { type }] of (log.groups[chunk.group]?.channels ?? []).entries()) {
      if (type !== "bytes") continue
      for (const [i, value] of (chunk.columns[c] as Uint8Array[]).entries()) {
        if (chunk.missing[c]?.[i] === 1) continue
        own[c] ??= own[c] === undefined ? value.length : null
        if (own[c] !== value.length) own[c] = null
      }
    }
  }
  return new Map([...found].map(([g, lengths]) => [g, Array.from(lengths, (length) => length ?? null)]))
}
