/** Names further away than this share of their length are no typing error. */
const TOLERANCE = 0.4

/** The names most like `wanted`, best first: at most `limit`, none if nothing is near. Case does not matter. */
export function nearest(wanted: string, names: Iterable<string>, limit = 3): string[] {
  const target = wanted.toLowerCase()
  const near: { name: string; away: number }[] = []
  for (const name of new Set(names)) {
    const candidate = name.toLowerCase()
    const inside = target.length >= 2 && (candidate.includes(target) || (candidate.length >= 2 && target.includes(candidate)))
    const away = inside ? 0.5 : distance(target, candidate)
    if (inside || away <= Math.max(1, Math.max(target.length, candidate.length) * TOLERANCE)) near.push({ name, away })
  }
  near.sort((a, b) => a.away - b.away)
  return near.slice(0, limit).map(({ name }) => name)
}

/** Edits between two texts, a swap of neighbours counting one (Damerau, optimal string alignment). */
function distance(a: string, b: string): number {
  let before = new Array<number>(b.length + 1).fill(0)
  let last = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] as number) + 1)
      row.push(best)
    }
    before = last
    last = row
  }
  return last[b.length] as number
}
