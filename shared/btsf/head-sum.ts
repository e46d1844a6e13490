/** The sum of a header's bytes, each times its place, as an int32: by it the board knows a header that fits its program. */
export function headSum(head: Buffer): number {
  let sum = 0
  for (let i = 0; i < head.length; i++) sum = (sum + Math.imul(head[i] as number, i + 1)) | 0
  return sum
}
