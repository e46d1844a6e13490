import { type Disk, SparseDisk } from "./disk.js"
import { applyChange, type Change } from "./journal.js"

/** Every state that a card can be in after a power cut, made from the writes of a run without one. */

/** What a card was told to write. */
export interface Trace {
  /** The card before it. */
  readonly base: Disk
  readonly journal: readonly Change[]
  /** Lengths of the journal at which the card had confirmed all before. */
  readonly barriers: readonly number[]
  /** True for a write into a log's own space, which may turn into garbage without taking anything else with it. */
  readonly isLogData: (change: Change) => boolean
}

/** A card after a power cut. */
export interface State {
  readonly text: string
  readonly disk: Disk
  /** Entries of the journal that are surely there: only confirmed data count as promised. */
  readonly sure: number
}

/** Every prefix of the journal: the cut came between two sectors. */
export function* cuts(trace: Trace, step = 1): Generator<State> {
  const disk = new SparseDisk(trace.base.sectors, trace.base)
  for (let k = 0; k <= trace.journal.length; k++) {
    if (k > 0) applyChange(disk, trace.journal[k - 1] as Change)
    if (k % step === 0 || k === trace.journal.length) yield { text: `cut after write ${k}`, disk, sure: k }
  }
}

/** The cut came inside a sector: the first bytes are new, the rest old; or all of it is garbage. */
export function* torn(trace: Trace, step = 1): Generator<State> {
  const disk = new SparseDisk(trace.base.sectors, trace.base)
  for (let k = 0; k < trace.journal.length; k++) {
    const change = trace.journal[k] as Change
    if (k % step === 0) {
      for (const kind of ["first 256 bytes", "first 30 bytes", "garbage"] as const) {
        // A sector that turns into garbage takes whatever it described with it: only a card's data may do so here.
        if (kind === "garbage" && !trace.isLogData(change)) continue
        const half = new SparseDisk(disk.sectors, disk)
        tear(half, change, kind)
        yield { text: `write ${k} torn: ${kind}`, disk: half, sure: k }
      }
    }
    applyChange(disk, change)
  }
}

/** Does the first part of a change, as when the power goes inside it. */
export function tear(disk: Disk, change: Change, kind: "first 256 bytes" | "first 30 bytes" | "garbage"): void {
  if (change.data === null) {
    // An erase that came half through.
    applyChange(disk, { ...change, count: change.count >> 1 })
    return
  }
  const sector = Uint8Array.from(disk.read(change.lba))
  if (kind === "garbage") for (let i = 0; i < 512; i++) sector[i] = (i * 37) ^ 0x5a
  else sector.set(change.data.subarray(0, kind === "first 30 bytes" ? 30 : 256))
  disk.write(change.lba, sector)
}

/** The card had more writes in its memory than one and lost some: any subset of those since it last confirmed. */
export function* subsets(trace: Trace, perWindow: number, seed: number): Generator<State> {
  let random = seed
  const next = () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0
    return random
  }
  const disk = new SparseDisk(trace.base.sectors, trace.base)
  let applied = 0
  for (const [index, from] of trace.barriers.entries()) {
    while (applied < from) applyChange(disk, trace.journal[applied++] as Change)
    const to = trace.barriers[index + 1] ?? trace.journal.length
    const n = to - from
    if (n < 2) continue
    const all = n <= 12 ? 2 ** n : Number.POSITIVE_INFINITY
    for (let i = 0; i < Math.min(all, perWindow); i++) {
      const some = new SparseDisk(disk.sectors, disk)
      const kept: number[] = []
      const mask = all <= perWindow ? i : -1
      for (let j = 0; j < n; j++) if (mask >= 0 ? (mask >> j) & 1 : next() & 0x10000) kept.push(j)
      for (const j of kept) applyChange(some, trace.journal[from + j] as Change)
      yield { text: `of writes ${from} to ${to - 1} only ${kept.join(" ")}`, disk: some, sure: from }
    }
  }
}
