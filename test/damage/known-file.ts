import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { MemorySink } from "../../host/bytes/sink.js"
import { dataTypeCode } from "../../host/formats/jls/chunks/datatype.js"
import { JlsWriter } from "../../host/formats/jls/writer.js"
import { columnLog } from "../../host/imports/column-log.js"
import { FileOutput } from "../../host/io/output.js"
import type { FormatName, Log } from "../../host/model/log.js"
import { formatNamed } from "../../host/registry/open.js"
import { CHANNELS, STEP_S, wholeValue } from "./rows.js"

/** 2026-03-01 12:00 UTC. */
const START = 1_772_366_400_000_000_000n
/** Seconds. */
const TICK = 0.001
/** Blocks as the logger writes them. */
const SECTOR = 512
/** Samples of a JLS chunk. */
export const JLS_CHUNK = 64
/** 2026-03-01 12:00 UTC in 2^-30 s since 2018. */
const JLS_START = 257_601_600n << 30n

/** A file of which each row is known. */
export interface KnownFile {
  readonly bytes: Uint8Array
  /** `.met` */
  readonly extension: string
  /** What the writer put beside it, where the format needs that. */
  readonly spec?: unknown
}

/**
 * Writes rows `first` to `first + rows` as a file of a format, by its own writer. Every value follows from its row's number, so
 * that each row can be told right or wrong by itself.
 * @param folder for the file; made anew
 */
export async function knownFile(format: FormatName, first: number, rows: number, folder: string): Promise<KnownFile> {
  if (format === "jls") return { bytes: knownJls(first, rows), extension: ".jls" }
  const { extensions, write } = formatNamed(format)
  const extension = extensions[0] ?? ""
  mkdirSync(folder)
  const output = new FileOutput(join(folder, `known${extension}`), {})
  await write?.(knownLog(first, rows), output, format === "ddff" ? { block: SECTOR } : {})
  output.commit()
  const main = mainFile(folder)
  const side = join(folder, "known.spec.json")
  const spec = !existsSync(side) ? {} : { spec: JSON.parse(readFileSync(side, "utf8")) }
  return { bytes: new Uint8Array(readFileSync(main)), extension, ...spec }
}

/** The largest file below a folder: of a libarray tree its only day. */
export function mainFile(folder: string): string {
  const paths = (readdirSync(folder, { recursive: true }) as string[]).map((name) => join(folder, name))
  const files = paths.filter((path) => statSync(path).isFile())
  if (files.length === 0) throw new Error(`no file in ${folder}`)
  return files.reduce((a, b) => (statSync(b).size > statSync(a).size ? b : a))
}

/** As a recording is: the signals side by side, in chunks of `JLS_CHUNK` samples, UTC pairs between them. */
function knownJls(first: number, rows: number): Uint8Array {
  const sink = new MemorySink()
  const writer = new JlsWriter(sink)
  const small = { samplesPerData: JLS_CHUNK, samplesPerEntry: 16, entriesPerSummary: 16, entriesPerEntry: 16 }
  for (const c of CHANNELS) {
    writer.signal({
      id: c + 1,
      source: 0,
      type: "fsr",
      dataType: dataTypeCode("i32"),
      rate: 1 / STEP_S,
      name: `v${c}`,
      units: "",
      ...small,
    })
  }
  for (let from = first; from < first + rows; from += JLS_CHUNK) {
    const count = Math.min(JLS_CHUNK, first + rows - from)
    for (const c of CHANNELS) {
      writer.fsr(
        c + 1,
        from,
        Int32Array.from({ length: count }, (_, i) => wholeValue(from + i, c)),
      )
      writer.utc(c + 1, { sample: from, utc: JLS_START + (BigInt(from) << 30n) / BigInt(1 / STEP_S) })
    }
  }
  writer.close()
  return sink.bytes().slice()
}

function knownLog(first: number, rows: number): Log {
  return columnLog({
    format: "csv",
    variant: "",
    name: "run",
    start: START,
    time: { kind: "stamped", tick: TICK },
    channels: CHANNELS.map((c) => ({ name: `v${c}`, unit: "", type: "i32", calibration: null, notes: {} })),
    issues: [],
    async *rows() {
      const ticks = Float64Array.from({ length: rows }, (_, i) => ((first + i) * STEP_S) / TICK)
      const columns = CHANNELS.map((c) => Int32Array.from({ length: rows }, (_, i) => wholeValue(first + i, c)))
      yield { rows, ticks: ticks.map(Math.round), columns, missing: CHANNELS.map(() => null) }
    },
    async close() {},
  })
}
