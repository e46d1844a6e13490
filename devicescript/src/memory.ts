/** What leaves about 8 kB free beside the running logger: test/device/budget.test.ts measures it. */
export const BALLAST = 21000

const ballast: Buffer[] = []

/**
 * Takes `bytes` of heap and never gives them back.
 *
 * Every function call allocates its activation, and the machine then writes over the whole rest of the free block: with
 * the heap nearly full a call costs an eighth. About 8 kB must stay free.
 */
export function fillHeap(bytes: number): void {
  if (bytes > 0) ballast.push(Buffer.alloc(bytes))
}
