import type { LoggedGroup } from "../../shared/logger/channel-list.js"
import { partsOf } from "../../shared/logger/parts.js"
import { list } from "./code.js"

/**
 * The board's encoders as text: straight code, a function for the groups of each rate (`PutRows` of shared/logger/encoder.ts). All but tick and values of
 * a row stands in a template from the start. A call costs the board as much as a whole row, a field of an object a tenth of one, so
 * both are kept out of the way of a row.
 */

/** Stands for a group's values in the stores of its row. */
export const VALUES = "$values"

/** A group's row: what its template holds from the start, and the statements that bring `tick` and the group's values into it. */
export interface RowCode {
  /** What the row is, for a comment. */
  readonly what: string
  /** Its bytes but for tick and values. */
  readonly bytes: Uint8Array
  /** @param t the template's name @param at where the row begins in it */
  readonly stores: (t: string, at: number) => readonly string[]
}

/**
 * Rows of a format whose groups share one sector. The templates lie behind each other in one buffer, so that all rows of a turn go into the
 * sector by one `blitAt`.
 * @param end where rows must end, in the slot
 */
export function sharedSectorRows(groups: readonly LoggedGroup[], rows: readonly RowCode[], end: number): string[] {
  const parts = partsOf(groups)
  const order = parts.flat()
  const starts = new Map<number, number>()
  let size = 0
  for (const place of order) {
    starts.set(place, size)
    size += (rows[place] as RowCode).bytes.length
  }
  const functions = parts.flatMap((places, part) => {
    const first = starts.get(places[0] as number) as number
    const open = [
      "sector = sectors[0] as Sector",
      "slot = sector.slot",
      `from = ${first}`,
      `shift = sector.at${first === 0 ? "" : ` - ${first}`}`,
    ]
    const all = [...open]
    const some = [...open, `next = ${first}`]
    let at = first
    for (const [i, place] of places.entries()) {
      const { what, bytes, stores } = rows[place] as RowCode
      const limit = end - bytes.length - at
      const stored = storing(stores("T", at), place)
      // Not `&&`: the board's compiler makes six steps of it.
      all.push(`// ${what}`, `if (shift > ${limit}) if (turn(turner, ${at}, now)) return ${places.length - i}`, ...stored)
      some.push(
        `if (given[${place}]) {`,
        `  if (next !== ${at}) move(${at})`,
        `  if (shift > ${limit}) if (turn(turner, ${at}, now)) return lost(given, PLACES${part}, ${i})`,
        ...stored.map((line) => `  ${line}`),
        `  next = ${at + bytes.length}`,
        "}",
      )
      at += bytes.length
    }
    all.push(`slot.blitAt(shift + from, T, from, ${at} - from)`, `sector.at = shift + ${at}`, "return 0")
    some.push("move(next)", "sector.at = shift + next", "return 0")
    return [
      ...putFunction(`all${part}`, [], all),
      ...putFunction(`some${part}`, [], some),
      "",
      `const PLACES${part}: number[] = [${places.join(", ")}]`,
    ]
  })
  return [
    "/** The rows of all groups, one behind the other, but for ticks and values. */",
    `const T = Buffer.from(hex\`${order.map((place) => Buffer.from((rows[place] as RowCode).bytes).toString("hex")).join("")}\`)`,
    "",
    "/**",
    " * The open sector while rows are put. Those of the template from `from` on, up to `next`, are complete and not yet in the sector; what is at n",
    " * of the template belongs to `shift` + n of the slot.",
    " */",
    "let sector = NO_SECTOR",
    "let slot = sector.slot",
    "let from = 0",
    "let next = 0",
    "let shift = 0",
    ...functions,
    "",
    partsList(parts.map((_, part) => [`all${part}`, `some${part}`])),
    "",
    "/** Brings what is complete up to `at` into the sector and opens the next one. @returns true when there is none */",
    "function turn(turner: Turner, at: number, now: number): boolean {",
    "  if (from < at) slot.blitAt(shift + from, T, from, at - from)",
    "  sector.at = shift + at",
    "  sector = turner.turn(0, now)",
    "  slot = sector.slot",
    "  from = at",
    "  shift = sector.at - at",
    "  return sector.at === FULL",
    "}",
    "",
    "/** Brings what is complete into the sector and goes on at `at`: what lies between is not given. */",
    "function move(at: number): void {",
    "  if (from < next) slot.blitAt(shift + from, T, from, next - from)",
    "  shift = shift + next - at",
    "  from = at",
    "}",
    "",
    "/** Given rows of a part, from its group `first` on. */",
    "function lost(given: boolean[], places: number[], first: number): number {",
    "  let n = 0",
    "  for (let i = first; i < places.length; i++) if (given[places[i] as number]) n = n + 1",
    "  return n",
    "}",
  ]
}

/**
 * Rows of a format whose groups have a sector each.
 * @param end where rows must end, in the slot
 * @param locals more variables
 * @param after what follows a row at `at` of `sector`
 */
export function ownSectorRows(
  groups: readonly LoggedGroup[],
  rows: readonly RowCode[],
  end: number,
  locals: readonly string[],
  after: (size: number) => readonly string[],
): string[] {
  const templates = groups.map((_, place) => `ROW${place}`)
  const functions = partsOf(groups).map((places, part) => {
    const lines = places.flatMap((place) => {
      const { what, bytes, stores } = rows[place] as RowCode
      const [size, template] = [bytes.length, templates[place] as string]
      return [
        `// ${what}`,
        `if (given[${place}]) {`,
        `  sector = sectors[${place}] as Sector`,
        "  at = sector.at",
        `  if (at > ${end - size}) {`,
        `    sector = turner.turn(${place}, now)`,
        "    at = sector.at",
        "  }",
        `  if (at > ${end - size}) lost = lost + 1`,
        "  else {",
        ...storing(stores(template, 0), place).map((line) => `    ${line}`),
        "    slot = sector.slot",
        `    slot.blitAt(at, ${template}, 0, ${size})`,
        `    sector.at = at + ${size}`,
        ...after(size).map((line) => `    ${line}`),
        "  }",
        "}",
      ]
    })
    const own = ["let sector: Sector", "let slot: Buffer", "let at: number", "let lost = 0"]
    return putFunction(`put${part}`, [...own, ...locals], [...lines, "return lost"])
  })
  return [
    ...rows.map(({ bytes }, place) => `const ${templates[place]} = Buffer.from(hex\`${Buffer.from(bytes).toString("hex")}\`)`),
    ...functions.flat(),
    "",
    partsList(functions.map((_, part) => [`put${part}`, `put${part}`])),
  ]
}

/** A row's values into its template. */
function storing(lines: readonly string[], place: number): string[] {
  const once = lines.filter((line) => line.includes(VALUES)).length === 1
  if (once) return lines.map((line) => line.replace(VALUES, `(values[${place}] as number[])`))
  return [`v = values[${place}] as number[]`, ...lines.map((line) => line.replace(VALUES, "v"))]
}

function putFunction(name: string, locals: readonly string[], lines: readonly string[]): string[] {
  const parameters = ["turner: Turner", "sectors: Sector[]", "given: boolean[]", "values: number[][]", "tick: number", "now: number"]
  const body = [...locals, ...lines]
  const blocks = lines.filter((line) => line.includes("v = values")).length
  if (blocks > 0) body.unshift("let v: number[]")
  return ["", `function ${name}(${parameters.join(", ")}): number {`, ...body.map((line) => `  ${line}`), "}"]
}

function partsList(names: readonly (readonly [string, string])[]): string {
  return list(
    "/** Stores rows: two functions for each part of the channel list, see `PutRows`. */\nexport const PUT: PutRows[]",
    names.flat(),
  )
}
