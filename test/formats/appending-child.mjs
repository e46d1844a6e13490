/**
 * Appends to a file until it is killed, and tells on standard output what is safe: one number a line.
 * Arguments: `btsf <file> <rows a flush>` or `libarray <root>`.
 */
import { writeSync } from "node:fs"

const [kind, path, rows] = process.argv.slice(2)
const dist = new URL("../../dist/host/", import.meta.url)

if (kind === "btsf") {
  const { openForAppend } = await import(new URL("formats/btsf/append.js", dist))
  const { fileSource } = await import(new URL("io/file-source.js", dist))
  const { openBtsf } = await import(new URL("formats/btsf/read.js", dist))
  const appender = await openForAppend(path, { gatherRows: 64 })
  const log = await openBtsf(await fileSource(path))
  let next = (await log.survey()).groups[0].rows
  await log.close()
  for (;;) {
    for (let n = Number(rows); n > 0; n--) appender.append([next, next % 7, next++ % 256])
    appender.flush()
    writeSync(1, `${next}\n`)
  }
} else {
  const { append } = await import(new URL("formats/libarray/store.js", dist))
  const { readRange } = await import(new URL("formats/libarray/dump.js", dist))
  const series = { net: "N", method: "M", id: "k" }
  let next = 0
  try {
    for (const { lines } of readRange({ root: path, series })) next += lines.n
  } catch {
    // There is no series yet.
  }
  for (;;) {
    const time = new Date(next * 10_000).toISOString().slice(0, 19).replace("T", " ")
    append(series, time, `value ${next++}`, { root: path })
    writeSync(1, `${next}\n`)
  }
}
