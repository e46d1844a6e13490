import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { decodePlainly, type PlainSpec, plainIntegers } from "../formats/meteor/second-decoder.js"
import { peer } from "../peers/python.js"
import { type Cell, cellOf } from "./expected.js"
import type { Found, SecondReader } from "./second-readers.js"

/** The five formats' second readers: pyddff, btsf and pyjls, and small ones made from the documents of Meteor and libarray. */
export const formatReaders: Readonly<Record<string, SecondReader>> = {
  meteor: async (path, _start, files) => {
    const side = files.find((file) => file.endsWith(".spec.json")) as string
    const { spec } = JSON.parse(readFileSync(side, "utf8")) as { spec: PlainSpec }
    const found = spec.topics.map(({ key }) => ({ name: key, times: [] as number[], cells: [] as Cell[] }))
    for (const [stamp, { key, data }, raw] of plainIntegers(decodePlainly(readFileSync(path)), spec)) {
      const own = found.find(({ name }) => name === key)
      const { addition = 0, divisor = 1, multiplier = 1 } = data
      own?.times.push(stamp / 1000)
      own?.cells.push(cellOf(addition === 0 && divisor === multiplier ? raw : ((Number(raw) + addition) / divisor) * multiplier))
    }
    return found
  },
  ddff: async (path) => {
    const [{ streams }] = (await peer("read_ddff.py", [path])) as [{ streams: Record<string, [number, number, unknown[]][]> }]
    const inventory = streams[0] as unknown as [key: string, id: number, label: string][]
    return inventory.flatMap(([key, id, text]) => {
      const label = JSON.parse(text) as { tickSeconds: number; members: { name: string }[] }
      const rows = streams[id] ?? []
      return label.members.map(({ name }, m) => there(`${key}/${name}`, rows, ([tick, , data]) => [tick * label.tickSeconds, data[m]]))
    })
  },
  btsf: async (_path, _start, files) => {
    const read = (await peer("read_btsf.py", files)) as { metrics: [string, string, string][]; rows: unknown[][] }[]
    return read.flatMap(({ metrics: [time, ...metrics], rows }, f) => {
      const seconds = time?.[1] === "ms" ? 1e-3 : 1
      return metrics.map(([name], m) =>
        there(
          `${basename(files[f] as string)
            .split(".")
            .slice(1, -1)
            .join(".")}/${name}`,
          rows,
          (row) => [Number(exact(row[0])) * seconds, row[m + 1]],
        ),
      )
    })
  },
  jls: async (path, start) => {
    const [{ signals }] = (await peer("read_jls.py", [path])) as [{ signals: JlsSignal[] }]
    const since = (time: bigint) => Number(((time * 1_000_000_000n) >> 30n) + EPOCH_2018 - start) / 1e9
    return signals.slice(1).map(({ name, type, utc = [], values = [], annotations }) => {
      if (type === 1) return there(name, annotations, ({ timestamp, text, hex }) => [since(BigInt(timestamp)), text ?? hex])
      const pairs = utc.map(([sample, time]) => [sample, since(BigInt(time))] as const)
      return there(name, [...values.entries()], ([i, value]) => [between(pairs, i), value])
    })
  },
  libarray: async (_path, start, files) =>
    files.flatMap((file) => {
      const lines = readFileSync(file, "utf8").split("\n").slice(0, -1)
      const rows = lines.map((line) => {
        const [, date, fraction = "", data] = /^([^.|]*)(?:\.(\d*))?\|(.*)$/.exec(line) as unknown as [string, string, string, string]
        const ns = BigInt(Date.parse(`${date.replace(" ", "T")}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"))
        return { time: Number(ns - start) / 1e9, cells: data.split(" ") }
      })
      // Behind a text that is empty or holds blanks cells are counted from the line's other end.
      const [left, right] = [rows, rows.map((row) => ({ ...row, cells: [...row.cells].reverse() }))].map((side) =>
        Math.min(...side.map(({ cells }) => [...cells.map(isNumber), false].indexOf(false))),
      ) as [number, number]
      const whole = rows.every(({ cells }) => cells.length === left)
      const places = [...Array(left).keys(), ...(whole ? [] : Array.from({ length: right }, (_, i) => i - right))]
      return places.map((c) => there(`${basename(file)}/${c}`, rows, ({ time, cells }) => [time, cells.at(c)?.replace("nan", "NaN")]))
    }),
}

/** 2018-01-01 in ns since 1970: JLS counts from there. */
const EPOCH_2018 = 1_514_764_800_000_000_000n

interface JlsSignal {
  readonly name: string
  readonly type: number
  readonly utc?: readonly [sample: number, time: string][]
  readonly values?: readonly unknown[]
  readonly annotations: readonly { readonly timestamp: string; readonly text?: string; readonly hex?: string }[]
}

/** The rows that have a value. */
function there<Row>(name: string, rows: readonly Row[], of: (row: Row) => readonly [time: number, cell: unknown]): Found {
  const all = rows.map(of).filter(([, cell]) => cell !== null && cell !== undefined)
  return { name, times: all.map(([time]) => time), cells: all.map(([, cell]) => exact(cell)) }
}

/** A cell as the scripts mark it: integers that JSON would round, floats as Python writes them, bytes. */
function exact(cell: unknown): Cell {
  if (typeof cell !== "object" || cell === null) return cellOf(cell)
  const { $int, $f64, hex } = cell as { $int?: string; $f64?: string; hex?: string }
  if ($f64 === undefined) return $int ?? hex ?? null
  return { nan: "NaN", inf: "Infinity", "-inf": "-Infinity" }[$f64] ?? Number($f64)
}

/** A sample's time on the line between the pairs around it. */
function between(pairs: readonly (readonly [sample: number, time: number])[], sample: number): number {
  const next = pairs.find(([at]) => at >= sample)
  const before = [...pairs].reverse().find(([at]) => at <= sample)
  if (next === undefined || before === undefined) throw new Error(`no UTC pairs around sample ${sample}`)
  const [[a, from], [b, to]] = [before, next]
  return a === b ? from : from + ((to - from) * (sample - a)) / (b - a)
}

function isNumber(cell: string): boolean {
  return cell === "nan" || (cell !== "" && !Number.isNaN(Number(cell)))
}
