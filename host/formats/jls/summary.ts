/**
 * The arithmetic of summaries. An entry is mean, standard deviation (population), minimum, maximum of D samples, in
 * double, each sum in sample order: the reference's results bit for bit. Entries are independent, so four are summed
 * side by side: the processor works on four chains of additions instead of waiting for one.
 */

/** Numbers in an entry. */
export const ENTRY = 4

/**
 * Entries of level 1: `entries` runs of `perEntry` samples from `samples[from]` on, into `out[outAt]` and on.
 * Samples that are not finite are left out; an entry without any finite one is NaN.
 */
export function summarise32(samples: Float32Array, from: number, entries: number, perEntry: number, out: Float64Array, outAt = 0): void {
  let e = 0
  for (; e + 4 <= entries; e += 4) four32(samples, from + e * perEntry, perEntry, out, outAt + e * ENTRY)
  for (; e < entries; e++) one(samples.subarray(from + e * perEntry, from + (e + 1) * perEntry), out, outAt + e * ENTRY)
}

/** The same for doubles, which hold every other type exactly enough (64-bit integers are rounded, as in the reference). */
export function summarise64(samples: Float64Array, from: number, entries: number, perEntry: number, out: Float64Array, outAt = 0): void {
  let e = 0
  for (; e + 4 <= entries; e += 4) four64(samples, from + e * perEntry, perEntry, out, outAt + e * ENTRY)
  for (; e < entries; e++) one(samples.subarray(from + e * perEntry, from + (e + 1) * perEntry), out, outAt + e * ENTRY)
}

// four32 and four64 are the same text twice: one function fed with both array types would run several times slower.

function four32(x: Float32Array, at: number, n: number, out: Float64Array, o: number): void {
  let sa = 0
  let sb = 0
  let sc = 0
  let sd = 0
  let la = Number.POSITIVE_INFINITY
  let lb = la
  let lc = la
  let ld = la
  let ha = Number.NEGATIVE_INFINITY
  let hb = ha
  let hc = ha
  let hd = ha
  for (let a = at, b = at + n, c = b + n, d = c + n, end = b; a < end; a++, b++, c++, d++) {
    const va = x[a] as number
    const vb = x[b] as number
    const vc = x[c] as number
    const vd = x[d] as number
    sa += va
    sb += vb
    sc += vc
    sd += vd
    if (va < la) la = va
    if (va > ha) ha = va
    if (vb < lb) lb = vb
    if (vb > hb) hb = vb
    if (vc < lc) lc = vc
    if (vc > hc) hc = vc
    if (vd < ld) ld = vd
    if (vd > hd) hd = vd
  }
  // A sum is finite only if every sample was: the test costs nothing per sample.
  if (!Number.isFinite(sa + sb + sc + sd)) {
    for (let e = 0; e < 4; e++) one(x.subarray(at + e * n, at + (e + 1) * n), out, o + e * ENTRY)
    return
  }
  const ma = sa / n
  const mb = sb / n
  const mc = sc / n
  const md = sd / n
  let qa = 0
  let qb = 0
  let qc = 0
  let qd = 0
  for (let a = at, b = at + n, c = b + n, d = c + n, end = b; a < end; a++, b++, c++, d++) {
    const da = (x[a] as number) - ma
    const db = (x[b] as number) - mb
    const dc = (x[c] as number) - mc
    const dd = (x[d] as number) - md
    qa += da * da
    qb += db * db
    qc += dc * dc
    qd += dd * dd
  }
  put(out, o, ma, qa / n, la, ha)
  put(out, o + 4, mb, qb / n, lb, hb)
  put(out, o + 8, mc, qc / n, lc, hc)
  put(out, o + 12, md, qd / n, ld, hd)
}

function four64(x: Float64Array, at: number, n: number, out: Float64Array, o: number): void {
  let sa = 0
  let sb = 0
  let sc = 0
  let sd = 0
  let la = Number.POSITIVE_INFINITY
  let lb = la
  let lc = la
  let ld = la
  let ha = Number.NEGATIVE_INFINITY
  let hb = ha
  let hc = ha
  let hd = ha
  for (let a = at, b = at + n, c = b + n, d = c + n, end = b; a < end; a++, b++, c++, d++) {
    const va = x[a] as number
    const vb = x[b] as number
    const vc = x[c] as number
    const vd = x[d] as number
    sa += va
    sb += vb
    sc += vc
    sd += vd
    if (va < la) la = va
    if (va > ha) ha = va
    if (vb < lb) lb = vb
    if (vb > hb) hb = vb
    if (vc < lc) lc = vc
    if (vc > hc) hc = vc
    if (vd < ld) ld = vd
    if (vd > hd) hd = vd
  }
  if (!Number.isFinite(sa + sb + sc + sd)) {
    for (let e = 0; e < 4; e++) one(x.subarray(at + e * n, at + (e + 1) * n), out, o + e * ENTRY)
    return
  }
  const ma = sa / n
  const mb = sb / n
  const mc = sc / n
  const md = sd / n
  let qa = 0
  let qb = 0
  let qc = 0
  let qd = 0
  for (let a = at, b = at + n, c = b + n, d = c + n, end = b; a < end; a++, b++, c++, d++) {
    const da = (x[a] as number) - ma
    const db = (x[b] as number) - mb
    const dc = (x[c] as number) - mc
    const dd = (x[d] as number) - md
    qa += da * da
    qb += db * db
    qc += dc * dc
    qd += dd * dd
  }
  put(out, o, ma, qa / n, la, ha)
  put(out, o + 4, mb, qb / n, lb, hb)
  put(out, o + 8, mc, qc / n, lc, hc)
  put(out, o + 12, md, qd / n, ld, hd)
}

/** One entry, finite samples only. */
function one(x: Float32Array | Float64Array, out: Float64Array, o: number): void {
  let count = 0
  let sum = 0
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const v of x) {
    if (v - v !== 0) continue
    count++
    sum += v
    if (v < low) low = v
    if (v > high) high = v
  }
  if (count === 0) {
    out.fill(Number.NaN, o, o + ENTRY)
    return
  }
  const mean = sum / count
  let square = 0
  for (const v of x) if (v - v === 0) square += (v - mean) * (v - mean)
  put(out, o, mean, square / count, low, high)
}

/**
 * Entries of a level from those of the level below: `perEntry` each, from `lower[0]` on. The mean is unweighted. One
 * entry without a standard deviation makes that of the result NaN, as in the reference.
 */
export function summariseEntries(lower: Float64Array, entries: number, perEntry: number, out: Float64Array, outAt = 0): void {
  for (let e = 0; e < entries; e++) {
    const from = e * perEntry * ENTRY
    const to = from + perEntry * ENTRY
    let count = 0
    let sum = 0
    let low = Number.POSITIVE_INFINITY
    let high = Number.NEGATIVE_INFINITY
    for (let i = from; i < to; i += ENTRY) {
      const mean = lower[i] as number
      if (mean - mean !== 0) continue
      count++
      sum += mean
      if ((lower[i + 2] as number) < low) low = lower[i + 2] as number
      if ((lower[i + 3] as number) > high) high = lower[i + 3] as number
    }
    const o = outAt + e * ENTRY
    if (count === 0) {
      out.fill(Number.NaN, o, o + ENTRY)
      continue
    }
    const mean = sum / count
    let square = 0
    for (let i = from; i < to; i += ENTRY) {
      const std = lower[i + 1] as number
      const off = (lower[i] as number) - mean
      square += std * std + off * off
    }
    put(out, o, mean, square / count, low, high)
  }
}

function put(out: Float64Array, o: number, mean: number, variance: number, low: number, high: number): void {
  out[o] = mean
  out[o + 1] = Math.sqrt(variance)
  out[o + 2] = low
  out[o + 3] = high
}
