import type { LoggedGroup } from "../../shared/channel-list.js"

/**
 * The board's encoders as text: straight code, a function for the groups of each rate (`PutRows` of shared/encoder.ts). All but tick and values of
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

/** Places of the groups of each part: a part is sampled together unless the card's settings say otherwise. */
export function partsOf(groups: readonly LoggedGroup[]): number[][] {
  const rates = [...new Set(groups.map(({ rate }) => rate))]
  return rates.map((rate) => groups.flatMap((group, place) => (group.rate === rate ? [place] : [])))
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
  const functions = parts.map((places, part) => {
    const first = starts.get(places[0] as number) as number
    const lines = [
      `sector = sectors[0] as Sector`,
      "slot = sector.slot",
      `from = ${first}`,
      `shift = sector.at${first === 0 ? "" : ` - ${first}`}`,
    ]
    const last = places.at(-1) as number
    let at = first
    for (const place of places) {
      const { what, bytes, stores } = rows[place] as RowCode
      lines.push(
        `// ${what}`,
        `if (!given[${place}]) skip(${at}, ${bytes.length})`,
        "else {",
        // Not `&&`: the board's compiler makes six steps of it.
        `  if (shift > ${end - bytes.length - at}) if (turn(turner, ${at}, now)) return lost(given, ${place}, ${last})`,
        ...storing(stores("T", at), place),
        "}",
      )
      at += bytes.length
    }
    lines.push(`if (from < ${at}) slot.blitAt(shift + from, T, from, ${at} - from)`, `sector.at = shift + ${at}`, "return 0")
    return putFunction(part, [], lines)
  })
  return [
    "/** The rows of all groups, one behind the other, but for ticks and values. */",
    `const T = Buffer.from(hex\`${order.map((place) => Buffer.from((rows[place] as RowCode).bytes).toString("hex")).join("")}\`)`,
    "",
    "/**",
    " * The open sector while rows are put. Those from `from` on are complete in the template and not yet in the sector; the row at n of the template",
    " * belongs to `shift` + n of the slot.",
    " */",
    "let sector = NO_SECTOR",
    "let slot = sector.slot",
    "let from = 0",
    "let shift = 0",
    ...functions.flat(),
    "",
    partsList(parts.length),
    "",
    "/** Brings what is complete into the sector and opens the next one. @returns true when there is none */",
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
    "/** Given rows between two groups, both included. */",
    "function lost(given: boolean[], first: number, last: number): number {",
    "  let n = 0",
    "  for (let i = first; i <= last; i++) if (given[i]) n = n + 1",
    "  return n",
    "}",
    "",
    "/** Leaves the row at `at` out. */",
    "function skip(at: number, size: number): void {",
    "  if (from < at) slot.blitAt(shift + from, T, from, at - from)",
    "  from = at + size",
    "  shift = shift - size",
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
  const templates = groups.map(({ name }) => name.toUpperCase())
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
        ...storing(stores(template, 0), place).map((line) => `  ${line}`),
        "    slot = sector.slot",
        `    slot.blitAt(at, ${template}, 0, ${size})`,
        `    sector.at = at + ${size}`,
        ...after(size).map((line) => `    ${line}`),
        "  }",
        "}",
      ]
    })
    const own = ["let sector: Sector", "let slot: Buffer", "let at: number", "let lost = 0"]
    return putFunction(part, [...own, ...locals], [...lines, "return lost"])
  })
  return [
    ...rows.map(({ bytes }, place) => `const ${templates[place]} = Buffer.from(hex\`${Buffer.from(bytes).toString("hex")}\`)`),
    ...functions.flat(),
    "",
    partsList(functions.length),
  ]
}

/** A row's values into its template, a block's inside. */
function storing(lines: readonly string[], place: number): string[] {
  const once = lines.filter((line) => line.includes(VALUES)).length === 1
  const array = `(values[${place}] as number[])`
  if (once) return lines.map((line) => `  ${line.replace(VALUES, array)}`)
  return [`  v = values[${place}] as number[]`, ...lines.map((line) => `  ${line.replace(VALUES, "v")}`)]
}

function putFunction(part: number, locals: readonly string[], lines: readonly string[]): string[] {
  const parameters = ["turner: Turner", "sectors: Sector[]", "given: boolean[]", "values: number[][]", "tick: number", "now: number"]
  const body = [...locals, ...lines]
  if (lines.some((line) => line.includes("v = values"))) body.unshift("let v: number[]")
  return ["", `function put${part}(${parameters.join(", ")}): number {`, ...body.map((line) => `  ${line}`), "}"]
}

function partsList(parts: number): string {
  const names = Array.from({ length: parts }, (_, part) => `put${part}`)
  return `/** Stores rows: a function for each part of the channel list. */\nexport const PUT: PutRows[] = [${names.join(", ")}]`
}
