import type { Source } from "../../bytes/source.js"
import type { Master } from "./head/master.js"
import { isPlain, LEAST_PROOF, PROOF, type RowLooks } from "./looks.js"

const BLOCK = 1024 * 1024
/** Rows that a place is tried with, to see how rows lie there. */
const TRIED = 48
/** Places of a file that are tried, evenly spread up to its end. */
const PLACES = 8
/** Larger rows are not tried at every byte: the search grows with the square of the row. */
const LARGEST_TRIED = 4096

/** Where rows are looked for. */
interface Search {
  /** First byte that a row may begin at, and the byte behind the data. */
  readonly from: number
  readonly to: number
  /** Time of the last sound row; NaN if rows of any time will do. */
  readonly last: number
  /** Time of the row before it, which holds for places before `later`. */
  readonly lastButOne: number
  readonly later: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The first byte from which on rows look like those of this file: slides byte by byte over any distance until several rows in a row
 * look right. @returns null if there is none
 */
export async function findRowsAgain(source: Source, master: Master, looks: RowLooks, search: Search): Promise<number | null> {
  const size = master.structSize
  const proof = proofOf(looks)
  for (let at = search.from; at + LEAST_PROOF * size <= search.to; at += BLOCK) {
    search.signal?.throwIfAborted()
    const bytes = await source.read(at, Math.min(BLOCK + proof * size, search.to - at))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    for (let k = 0; k < BLOCK && k + LEAST_PROOF * size <= bytes.length; k++) {
      const last = at + k < search.later ? search.lastButOne : search.last
      if (!looks.follows(last, looks.timeAt(view, k))) continue
      const rows = Math.min(proof, Math.floor((bytes.length - k) / size))
      if (looks.run(view, k, rows)) return at + k
    }
    if (bytes.length < BLOCK) break
  }
  return null
}

/** Rows that prove a place. */
export function proofOf(looks: RowLooks): number {
  return looks.time === undefined ? 2 * PROOF : PROOF
}

/**
 * Learns what rows look like from those in the middle of a file, which may begin at any byte.
 * @returns how evenly they lie, 0 to 2: 0 if none stand out
 */
export async function learnSomewhere(source: Source, master: Master, looks: RowLooks, from: number, to: number): Promise<number> {
  const size = master.structSize
  if (looks.time === undefined || size > LARGEST_TRIED) return 0
  let best: { lie: Lie; view: DataView } | null = null
  for (let part = 1; part <= PLACES; part++) {
    const wanted = Math.min((TRIED + 1) * size, to - from)
    const bytes = (await source.read(from + Math.floor(((to - from - wanted) * part) / PLACES), wanted)).slice()
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    const lie = lieOfRows(master, looks, view)
    if (lie !== null && (best === null || lie.score > best.lie.score)) best = { lie, view }
  }
  if (best === null) return 0
  const { lie, view } = best
  for (let i = 0; i < lie.rows; i++) looks.learn(view, lie.at + i * size, i + 1 < lie.rows)
  return lie.score
}

/** How rows seem to lie in some bytes. */
interface Lie {
  /** Byte of a row. */
  readonly at: number
  readonly rows: number
  /** 0 to 2: zero padding and even steps of time count 1 each. */
  readonly score: number
}

/**
 * How rows lie in bytes of which nothing is known yet: of all places of one row's length the one from which on padding is zero and time
 * goes on most evenly. @returns null if no place stands out
 */
function lieOfRows(master: Master, looks: RowLooks, view: DataView): Lie | null {
  const size = master.structSize
  let best: (Lie & { step: number }) | null = null
  for (let at = 0; at < size; at++) {
    const rows = Math.min(TRIED, Math.floor((view.byteLength - at) / size))
    if (rows < PROOF) continue
    const { padded, even, step } = evenness(master, looks, view, at, rows)
    if (padded < 0.95 || even < 0.8) continue
    const score = padded + even
    // Bytes one place off give steps that are as even, and 256 times as long.
    if (best === null || score > best.score + 0.02 || (score > best.score - 0.02 && step < best.step)) best = { at, rows, score, step }
  }
  return best
}

/** The share of rows with zero padding, and how even the steps of time are, 0 to 1. */
function evenness(master: Master, looks: RowLooks, view: DataView, at: number, rows: number) {
  const { structSize: size, row } = master
  let padded = 0
  const steps: number[] = []
  for (let i = 0; i < rows; i++) {
    const place = at + i * size
    let zero = true
    for (let k = place + row.used; looks.padded && k < place + size; k++) if (view.getUint8(k) !== 0) zero = false
    if (zero) padded++
    const time = looks.timeAt(view, place)
    if (!isPlain(time)) return { padded: 0, even: 0, step: 0 }
    if (i > 0) steps.push(time - looks.timeAt(view, place - size))
  }
  const step = [...steps].sort((a, b) => a - b)[steps.length >> 1] as number
  if (!(step > 0)) return { padded: 0, even: 0, step: 0 }
  const even = steps.reduce((sum, each) => sum + (each <= 0 ? 0 : Math.min(each, step) / Math.max(each, step)), 0) / steps.length
  return { padded: padded / rows, even, step }
}
