/** Binary search: the first index of `from..to` for which `is` holds, or `to`; `is` must be false up to some index and true from there on. */
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
