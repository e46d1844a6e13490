/** Seconds of one job: by the clock on the wall, and of the processor with all threads. */
export interface Seconds {
  readonly wall: number
  readonly cpu: number
}

/** Best times of two jobs, run in turns so that both see the same machine. */
export async function bestOf(rounds: number, ours: () => Promise<unknown>, plain: () => Promise<unknown>): Promise<[Seconds, Seconds]> {
  let best: [Seconds, Seconds] = [NEVER, NEVER]
  for (let round = 0; round < rounds; round++) {
    const a = await time(ours)
    const b = await time(plain)
    best = [better(best[0], a), better(best[1], b)]
  }
  return best
}

const NEVER: Seconds = { wall: Number.POSITIVE_INFINITY, cpu: Number.POSITIVE_INFINITY }

function better(a: Seconds, b: Seconds): Seconds {
  return { wall: Math.min(a.wall, b.wall), cpu: Math.min(a.cpu, b.cpu) }
}

async function time(job: () => Promise<unknown>): Promise<Seconds> {
  const before = process.cpuUsage()
  const start = performance.now()
  await job()
  const wall = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(before)
  return { wall, cpu: (user + system) / 1e6 }
}
