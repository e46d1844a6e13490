import type { Severity } from "./log.js"

/**
 * A list of what was found, with a bound: errors are kept before warnings and notes, and of every kind the first. What finds no room is
 * counted.
 */
export class Bounded<T extends { readonly severity: Severity }> {
  /** What is kept, in the order in which it was added. */
  readonly items: T[] = []
  leftOut = 0
  /** Of those, how many were errors. */
  errorsLeftOut = 0
  private readonly kinds = new Map<string, number>()
  private errors = 0

  constructor(
    private readonly most: number,
    private readonly kindOf: (item: T) => string,
  ) {}

  /** @returns false where the item found no room */
  add(item: T): boolean {
    const isFirst = !this.kinds.has(this.kindOf(item))
    const isError = item.severity === "error"
    if (this.items.length >= this.most && !this.makeRoom(isFirst, isError)) {
      this.count(item)
      return false
    }
    this.items.push(item)
    this.note(item, 1)
    return true
  }

  /** Takes out the last item that a more important one may replace. */
  private makeRoom(isFirst: boolean, isError: boolean): boolean {
    if (!isFirst && !(isError && this.errors < this.items.length)) return false
    let k = this.items.length - 1
    while (k >= 0 && !this.mayGo(this.items[k] as T, isFirst && isError)) k--
    const [old] = k < 0 ? [] : this.items.splice(k, 1)
    if (old === undefined) return false
    this.note(old, -1)
    this.count(old)
    return true
  }

  /** @param forNewError the place is for an error of a new kind: one of several errors of a kind may go for it */
  private mayGo(old: T, forNewError: boolean): boolean {
    return (this.kinds.get(this.kindOf(old)) as number) > 1 && (old.severity !== "error" || forNewError)
  }

  private note(item: T, by: 1 | -1): void {
    const kind = this.kindOf(item)
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + by)
    if (item.severity === "error") this.errors += by
  }

  private count({ severity }: T): void {
    this.leftOut++
    if (severity === "error") this.errorsLeftOut++
  }
}

/** ` of them errors`, where some of those left out were. */
export function ofThemErrors({ errorsLeftOut }: Pick<Bounded<never>, "errorsLeftOut">): string {
  return errorsLeftOut === 0 ? "" : `, ${errorsLeftOut} of them errors`
}
