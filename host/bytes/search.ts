/** The first index of `from..to` for which `is` holds, or `to`, by halving; `is` is false, then true. */
export function search(from: number, to: number, is: (index: number) => boolean): number {
  let low = from
  let high = to
  while (low < high) {
    const middle = (low + high) >> 1
    if (is(middle)) high = middle
    else low = middle + 1
  }
  return low
}
