const MAX_IDS = 256

/** Hands out the ids of topics or of composites, each once. */
export class Ids {
  private readonly used: Set<number>

  constructor(entries: readonly { readonly id: number }[]) {
    this.used = new Set(entries.map(({ id }) => id))
  }

  isFree(id: number): boolean {
    return !this.used.has(id)
  }

  /** The wanted id if it is free, else the first behind as many as are used, else the first that is free; null when all are used. */
  take(wanted = this.used.size): number | null {
    const after = Array.from({ length: MAX_IDS }, (_, i) => (this.used.size + i) % MAX_IDS)
    const id = [wanted, ...after].find((id) => id < MAX_IDS && !this.used.has(id)) ?? null
    if (id !== null) this.used.add(id)
    return id
  }
}
