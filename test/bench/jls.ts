import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { crc32c } from "../../host/bytes/crc32c.js"
import { openJls } from "../../host/formats/jls/read.js"
import { JlsWriter } from "../../host/formats/jls/writer.js"
import { FileSink } from "../../host/io/file-sink.js"
import { fileSource } from "../../host/io/file-source.js"
import { bestOf, type Seconds } from "./best.js"
import type { Bench, BenchResult } from "./main.js"

const SAMPLES = Number(process.env.FIELDLOG_BENCH_SAMPLES ?? 100_000_000)
const RATE = 1_000_000
const BLOCK = 1024 * 1024

/** Writing f32 samples with summaries and CRCs, against writing the same number of bytes in blocks of 1 MiB. */
async function writing(): Promise<BenchResult> {
  return inFolder(async (folder) => {
    const path = join(folder, "ours.jls")
    writeSamples(path, SAMPLES)
    const bytes = statSync(path).size
    const [ours, plain] = await bestOf(
      2,
      async () => writeSamples(path, SAMPLES),
      async () => writePlainly(join(folder, "plain"), bytes),
    )
    return { name: `jls write, ${SAMPLES / 1e6} M f32`, bytes, ours, plain, notes: [perSecond(ours), peak()] }
  })
}

/**
 * Reading all samples through the log into columns, every CRC checked, against a plain loop that reads the same file in
 * blocks of 1 MiB. Both add up what they read, so that both have had every number in hand.
 */
async function reading(): Promise<BenchResult> {
  return inFolder(async (folder) => {
    const path = join(folder, "ours.jls")
    writeSamples(path, SAMPLES)
    const bytes = statSync(path).size
    let rows = 0
    const [ours, plain] = await bestOf(
      5,
      async () => {
        rows = await readSamples(path)
      },
      async () => readPlainly(path),
    )
    if (rows !== SAMPLES) throw new Error(`${rows} rows of ${SAMPLES}`)
    const waveform = await bestWaveform(path)
    const notes = [
      perSecond(ours),
      `reading alone, without a look at the numbers: ${rawSpeed(path)} MB/s`,
      `open and 1,000-point waveform of the whole file, warm: ${waveform.toFixed(2)} ms`,
      peak(),
    ]
    return { name: `jls read with CRC, ${SAMPLES / 1e6} M f32`, bytes, ours, plain, notes }
  })
}

/** CRC32C of DATA chunks, against a copy of the same bytes. */
async function sums(): Promise<BenchResult> {
  const bytes = Uint8Array.from({ length: 32 * 1024 }, (_, i) => i * 31)
  const copy = new Uint8Array(bytes.length)
  const times = 4000
  let sum = 0
  const [ours, plain] = await bestOf(
    5,
    async () => {
      for (let i = 0; i < times; i++) sum ^= crc32c(bytes)
    },
    async () => {
      for (let i = 0; i < times; i++) copy.set(bytes)
    },
  )
  if (sum !== 0) throw new Error("a CRC differs from itself")
  return { name: "crc32c of 32 KiB (the plain loop copies)", bytes: bytes.length * times, ours, plain }
}

export const jlsBenches: readonly Bench[] = [writing, reading, sums]

function writeSamples(path: string, samples: number): void {
  const block = new Float32Array(65536)
  for (let i = 0, x = 1; i < block.length; i++) {
    x = (Math.imul(x, 1103515245) + 12345) >>> 0
    block[i] = x / 2 ** 32 - 0.5
  }
  const sink = new FileSink(path)
  const writer = new JlsWriter(sink)
  writer.signal({ id: 1, source: 0, type: "fsr", dataType: 0x2004, rate: RATE, name: "i", units: "A" })
  for (let id = 0; id < samples; id += block.length) writer.fsr(1, id, block.subarray(0, Math.min(block.length, samples - id)))
  writer.close()
  sink.close()
}

function writePlainly(path: string, bytes: number): void {
  const block = new Uint8Array(BLOCK).fill(1)
  const sink = new FileSink(path)
  for (let left = bytes; left > 0; left -= block.length) sink.write(left < block.length ? block.subarray(0, left) : block)
  sink.close()
}

async function readSamples(path: string): Promise<number> {
  const log = await openJls(await fileSource(path))
  let rows = 0
  for await (const chunk of log.chunks({ reuse: true })) {
    rows += chunk.rows
    add(chunk.columns[0] as Float32Array)
  }
  await log.close()
  return rows
}

function readPlainly(path: string): void {
  const fd = openSync(path, "r")
  const block = new Float32Array(BLOCK / 4)
  while (readSync(fd, block, 0, BLOCK, null) > 0) add(block)
  closeSync(fd)
}

/** The sum of all numbers goes where nothing can optimise it away. */
export let total = 0
function add(numbers: Float32Array): void {
  let sum = 0
  for (let i = 0; i < numbers.length; i++) sum += numbers[i] as number
  total += sum
}

function rawSpeed(path: string): number {
  const { cpuUsage } = process
  const before = cpuUsage()
  const fd = openSync(path, "r")
  const block = new Uint8Array(BLOCK)
  while (readSync(fd, block, 0, BLOCK, null) > 0);
  closeSync(fd)
  const { user, system } = cpuUsage(before)
  return Math.round(statSync(path).size / (user + system))
}

async function bestWaveform(path: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < 50; i++) {
    const start = performance.now()
    const log = await openJls(await fileSource(path))
    await log.reduce(0, 0, 0, SAMPLES / RATE, 1000)
    best = Math.min(best, performance.now() - start)
    await log.close()
  }
  return best
}

function perSecond({ wall, cpu }: Seconds): string {
  return `${Math.round(SAMPLES / 1e6 / wall)} Msps by the clock, ${Math.round(SAMPLES / 1e6 / cpu)} by processor time`
}

function peak(): string {
  return `peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`
}

async function inFolder(job: (folder: string) => Promise<BenchResult>): Promise<BenchResult> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-bench-"))
  try {
    return await job(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
