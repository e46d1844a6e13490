/** Best wall time in seconds of two jobs, run in turns so that both see the same machine. */
export async function bestOf(rounds: number, ours: () => Promise<unknown>, plain: () => Promise<unknown>): Promise<[number, number]> {
  let best: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (let round = 0; round < rounds; round++) {
    const a = await seconds(ours)
    const b = await seconds(plain)
    best = [Math.min(best[0], a), Math.min(best[1], b)]
  }
  return best
}

async function seconds(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await job()
  return (performance.now() - start) / 1000
}
