/**
 * A few Thumb instructions as words, enough for a test program in the emulated flash.
 * Source: ARMv6-M Architecture Reference Manual, section A6.7.
 */

/** Condition codes of `branchIf` (A6.3). */
export const EQ = 0
export const NE = 1

type Item = { readonly kind: "word"; readonly word: number } | { readonly kind: "label"; readonly name: string } | Jump | Literal
interface Jump {
  readonly kind: "jump"
  readonly to: string
  readonly condition: number | null
}
interface Literal {
  readonly kind: "literal"
  readonly register: number
  readonly value: number
}

export const movs = (rd: number, value: number): Item => word(0x2000 | (rd << 8) | value)
export const adds = (rd: number, value: number): Item => word(0x3000 | (rd << 8) | value)
export const cmp = (rn: number, value: number): Item => word(0x2800 | (rn << 8) | value)
export const lsls = (rd: number, rm: number, shift: number): Item => word((shift << 6) | (rm << 3) | rd)
export const tst = (rn: number, rm: number): Item => word(0x4200 | (rm << 3) | rn)
export const str = (rt: number, rn: number, at = 0): Item => word(0x6000 | ((at >> 2) << 6) | (rn << 3) | rt)
export const ldr = (rt: number, rn: number, at = 0): Item => word(0x6800 | ((at >> 2) << 6) | (rn << 3) | rt)
export const bkpt = (code: number): Item => word(0xbe00 | code)
export const label = (name: string): Item => ({ kind: "label", name })
export const branch = (to: string): Item => ({ kind: "jump", to, condition: null })
export const branchIf = (condition: number, to: string): Item => ({ kind: "jump", to, condition })
/** Loads any 32-bit constant from the pool behind the program. */
export const load = (register: number, value: number): Item => ({ kind: "literal", register, value: value >>> 0 })

function word(value: number): Item {
  return { kind: "word", word: value }
}

/** Machine code for a program that starts at a multiple of 4. @throws RangeError when a jump or a constant is too far. */
export function assemble(items: readonly Item[]): Uint8Array {
  const labels = new Map<string, number>()
  let end = 0
  for (const item of items) {
    if (item.kind === "label") labels.set(item.name, end)
    else end += 2
  }
  const pool = [...new Set(items.flatMap((item) => (item.kind === "literal" ? [item.value] : [])))]
  const poolAt = (end + 3) & ~3
  const view = new DataView(new ArrayBuffer(poolAt + 4 * pool.length))
  pool.forEach((value, i) => {
    view.setUint32(poolAt + 4 * i, value, true)
  })
  let at = 0
  for (const item of items) {
    if (item.kind === "label") continue
    view.setUint16(at, encode(item, at), true)
    at += 2
  }
  return new Uint8Array(view.buffer)

  function encode(item: Exclude<Item, { kind: "label" }>, place: number): number {
    if (item.kind === "word") return item.word
    if (item.kind === "literal") {
      const distance = poolAt + 4 * pool.indexOf(item.value) - ((place + 4) & ~3)
      if (distance > 1020) throw new RangeError(`constant ${distance} bytes away`)
      return 0x4800 | (item.register << 8) | (distance >> 2)
    }
    const target = labels.get(item.to)
    if (target === undefined) throw new RangeError(`no label ${item.to}`)
    const offset = (target - place - 4) >> 1
    const reach = item.condition === null ? 1024 : 128
    if (offset < -reach || offset >= reach) throw new RangeError(`jump to ${item.to} is ${offset} instructions away`)
    return item.condition === null ? 0xe000 | (offset & 0x7ff) : 0xd000 | (item.condition << 8) | (offset & 0xff)
  }
}
