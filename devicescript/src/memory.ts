/** What leaves about 8 kB free beside the running logger: test/device/budget.test.ts measures it. */
export const BALLAST = 16000

/** What the start has left behind may have cut the heap into holes; all but the last are filled. */
const PIECE = 1000

const ballast: Buffer[] = []

/**
 * Takes `bytes` of heap and never gives them back.
 *
 * Every function call allocates its activation, and the machine then writes over the whole rest of the free block: with
 * the heap nearly full a call costs an eighth. About 8 kB must stay free.
 */
export function fillHeap(bytes: number): void {
  for (let filled = 0; filled < bytes; filled = filled + PIECE) ballast.push(Buffer.alloc(PIECE))
}
