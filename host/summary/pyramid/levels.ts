/** Entries of a level that one entry of the next level sums up. */
export const FACTOR = 4

/** What is known of some rows of one channel. */
export interface Entry {
  count: number
  min: number
  max: number
  mean: number
}

/** The levels of one channel, the finest first. Entries are added at the end of the finest; the others follow. */
export class Levels {
  readonly all: Level[]

  /** @param rows of a complete entry of the finest level */
  constructor(
    private rows: number,
    levels: readonly Level[] = [],
  ) {
    this.all = levels.length === 0 ? [new Level(rows)] : [...levels]
  }

  /** Adds a complete entry. */
  push({ count, min, max, mean }: Entry): void {
    let [below, level] = [this.all[0] as Level, 0]
    below.push(count, roundedDown(min), roundedUp(max), mean)
    while (below.length % FACTOR === 0) {
      level++
      const above = (this.all[level] ??= new Level(this.rows * FACTOR ** level))
      const { count, min, max, mean } = below.sum(below.length - FACTOR, below.length)
      above.push(count, min, max, mean)
      below = above
    }
  }

  /** Makes the second level the finest. @returns what the entries sum up to that no entry of that level holds */
  coarsen(): Entry {
    const finest = this.all.shift() as Level
    this.rows *= FACTOR
    if (this.all.length === 0) this.all.push(new Level(this.rows))
    return finest.sum(finest.length - (finest.length % FACTOR), finest.length)
  }

  /** Bytes that the entries take. */
  get bytes(): number {
    return this.all.reduce((sum, level) => sum + level.bytes, 0)
  }
}

/** The entries of one level, which grows: minimum, maximum and mean of a number of rows, and how many of them hold a number. */
export class Level {
  /** Entries that are complete. */
  length = 0
  /** Rounded down to f32. NaN where no row holds a number, as `max` and `mean`. */
  min = new Float32Array(16)
  /** Rounded up to f32. */
  max = new Float32Array(16)
  mean = new Float32Array(16)
  /** Rows that hold a number; null where every row of every entry does. */
  count: Uint32Array | null = null

  /** @param rows of a complete entry */
  constructor(readonly rows: number) {}

  push(count: number, min: number, max: number, mean: number): void {
    const n = this.length
    if (n === this.min.length) this.grow(n * 2)
    if (count < this.rows) this.count ??= new Uint32Array(this.min.length).fill(this.rows, 0, n)
    if (this.count !== null) this.count[n] = count
    this.min[n] = min
    this.max[n] = max
    this.mean[n] = mean
    this.length = n + 1
  }

  /** What the entries `from` to `to` sum up to. */
  sum(from: number, to: number): Entry {
    const sum: Entry = { count: 0, min: Number.NaN, max: Number.NaN, mean: Number.NaN }
    for (let i = from; i < to; i++) {
      const count = this.count === null ? this.rows : (this.count[i] as number)
      merge(sum, count, this.min[i] as number, this.max[i] as number, this.mean[i] as number)
    }
    return sum
  }

  get bytes(): number {
    return this.min.byteLength + this.max.byteLength + this.mean.byteLength + (this.count?.byteLength ?? 0)
  }

  private grow(n: number): void {
    this.min = longer(this.min, new Float32Array(n))
    this.max = longer(this.max, new Float32Array(n))
    this.mean = longer(this.mean, new Float32Array(n))
    if (this.count !== null) this.count = longer(this.count, new Uint32Array(n))
  }
}

/** Adds `count` values of which only these are known. */
export function merge(into: Entry, count: number, min: number, max: number, mean: number): void {
  if (count === 0) return
  const all = into.count + count
  into.mean = into.count === 0 ? mean : into.mean + ((mean - into.mean) * count) / all
  if (!(into.min <= min)) into.min = min
  if (!(into.max >= max)) into.max = max
  into.count = all
}

function longer<T extends Float32Array | Uint32Array>(from: T, to: T): T {
  to.set(from)
  return to
}

const FLOAT = new Float32Array(1)
const BITS = new Int32Array(FLOAT.buffer)

/** The largest f32 that is not above `x`. */
export function roundedDown(x: number): number {
  const near = Math.fround(x)
  return near > x ? neighbour(near, -1) : near
}

/** The smallest f32 that is not below `x`. */
export function roundedUp(x: number): number {
  const near = Math.fround(x)
  return near < x ? neighbour(near, 1) : near
}

/** The next f32 above or below one: bit patterns of one sign are in the order of what they mean. */
function neighbour(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * 2 ** -149
  FLOAT[0] = x
  BITS[0] = (BITS[0] as number) + (x > 0 ? direction : -direction)
  return FLOAT[0]
}
