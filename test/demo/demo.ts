import { spawnSync } from "node:child_process"
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { groups } from "../../shared/channels.js"
import { memoryDisk } from "../sim/card/disk.js"
import { fatfsImage, writeFiles } from "../sim/card/images.js"
import { bytecode, deviceFolder } from "../sim/device/build.js"
import { logsOn } from "../sim/device/cards.js"
import { type LoggerOptions, startLogger } from "../sim/device/logger.js"
import { type Comparison, compareSeries } from "../sim/device/recording.js"

/** How the demonstration shall run. */
export interface DemoOptions {
  /** Simulated length of each recording. */
  readonly minutes: number
  /** Where card image, CSV and text go; made anew. */
  readonly folder: string
  readonly print: (line: string) => void
}

const FLUSH_MS = 500
/** Tick 0 lies so far behind the program's start, ms. */
const LEAD_IN_MS = 100
const CARD_MIB = 48

/**
 * The whole path: the logger's program records onto a simulated card, first Meteor, then ddff with the power cut in the middle of
 * it; every sample on the card is compared with what the sensors gave; then the commands show the card.
 * @throws Error when a sample is wrong, missing or invented, or a command fails
 */
export async function demo({ minutes, folder, print }: DemoOptions): Promise<void> {
  const clock = stopwatch()
  const root = join(deviceFolder, "..")
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const report: string[] = []
  const say = (line: string): void => {
    print(line)
    report.push(line)
  }

  bytecode("devicescript/src/simulator.ts")
  clock.lap("building the logger's program")
  const card = await fatfsImage(CARD_MIB, 512)
  await writeFiles(card, { "LOGSPEC.JSN": readFileSync(join(root, "shared", "LOGSPEC.JSN")) })
  clock.lap("formatting a card")

  const length = minutes * 60_000
  say(`Two recordings of ${minutes} simulated minutes, ${groups.map(({ name, rate }) => `${name} at ${rate} Hz`).join(", ")}.`)
  await record(card, { format: "meteor" }, length, "closed")
  clock.lap("recording Meteor")
  // Off the second, with rows on their way.
  const cut = length - 1733
  const meteor = await logsOn(card)
  const begun = await record(card, { format: "ddff", seed: 2 }, cut, "cut")
  clock.lap("recording ddff")
  writeFileSync(join(folder, "card.img"), card)

  // A long recording, or one of many channels, goes on in another file when one is full.
  const ddff = (await logsOn(card)).filter((path) => !meteor.includes(path))
  for (const [paths, from] of [
    [meteor, null],
    [ddff, cut - begun],
  ] as const) {
    const found = await compareSeries(card, paths)
    say(verdict(paths.join(", "), found.groups, from))
  }
  clock.lap("comparing every sample")

  const image = relative(root, join(folder, "card.img"))
  const fastest = groups.reduce((most, group) => (group.rate > most.rate ? group : most))
  const csv = relative(root, join(folder, `${fastest.name}.csv`))
  const [first, last] = [`${image}:${meteor[0]}`, `${image}:${ddff[0]}`]
  const commands = [
    ["card", "ls", image],
    ["info", first],
    ["info", last],
    ["stats", last, "-c", `${fastest.name}.*`],
    ["convert", first, "-c", `${fastest.name}.*`, "-o", csv],
    ["cat", last, "--start", "10", "--end", "10.02"],
  ]
  for (const command of commands) {
    say(`\n$ fieldlog ${command.join(" ")}`)
    say(run(root, command))
  }
  clock.lap("the commands")
  say(`\nWhere the time went:\n${clock.table()}`)
  writeFileSync(join(folder, "seen.txt"), `${report.join("\n")}\n`)
  print(`\n${relative(root, folder)}/ holds card.img, ${fastest.name}.csv and seen.txt.`)
}

/**
 * Runs the logger until a time of its own clock, ms; then it closes its file, or the power goes.
 * @returns ms of its clock at which the first file was there: ticks count from a lead-in behind it
 */
async function record(card: Buffer, options: LoggerOptions, until: number, end: "closed" | "cut"): Promise<number> {
  const logger = await startLogger(memoryDisk(card), { ...options, flushMs: FLUSH_MS })
  logger.vm.run(until)
  if (end === "closed") {
    logger.close()
    logger.vm.run(until + 5000)
  }
  logger.vm.stop()
  const expected = end === "closed" ? "closed" : "logging"
  const state = logger.states.at(-1)?.state
  if (state !== expected) throw new Error(`the logger is "${state}", expected "${expected}"`)
  return logger.states.find(({ state }) => state === "logging")?.at ?? 0
}

/** One line about a recording. @param cut when the power went, ms after the first file was there, or null. @throws Error when it is not what the sensors gave */
function verdict(path: string, found: Readonly<Record<string, Comparison>>, cut: number | null): string {
  let rows = 0
  let shortest = 0
  for (const [name, { rows: n, wrong, missing, last }] of Object.entries(found)) {
    if (n === 0 || wrong > 0 || missing > 0) throw new Error(`${path}, ${name}: ${n} rows, ${wrong} samples wrong, ${missing} rows missing`)
    rows += n
    const period = 1000 / (groups.find((group) => group.name === name)?.rate ?? 1)
    if (cut !== null) shortest = Math.max(shortest, cut - LEAD_IN_MS - last - period)
  }
  const sound = `${path}: ${rows.toLocaleString("en")} rows, every sample as its sensor gave it, none missing`
  if (cut === null) return `${sound}.`
  // Sealing and writing take a few milliseconds beyond the interval.
  if (shortest > FLUSH_MS + 100) throw new Error(`${path}: ${shortest} ms are lost, the flush interval is ${FLUSH_MS} ms`)
  return `${sound} up to the power cut; the last ${Math.max(0, Math.round(shortest))} ms before it are lost (flush interval ${FLUSH_MS} ms).`
}

/** What a command prints. @throws Error when it fails; finding damage (exit 3) is no failure */
function run(root: string, command: readonly string[]): string {
  const main = join(root, "dist", "host", "cli", "main.js")
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...command], { cwd: root, encoding: "utf8" })
  if (status !== 0 && status !== 3) throw new Error(`fieldlog ${command.join(" ")} ends with ${status}:\n${stderr}`)
  return (stdout + stderr).trimEnd()
}

function stopwatch() {
  const laps: { name: string; seconds: number }[] = []
  let last = performance.now()
  return {
    lap(name: string): void {
      const now = performance.now()
      laps.push({ name, seconds: (now - last) / 1000 })
      last = now
    },
    table(): string {
      const total = laps.reduce((sum, { seconds }) => sum + seconds, 0)
      return [...laps, { name: "together", seconds: total }]
        .map(({ name, seconds }) => `  ${seconds.toFixed(1).padStart(5)} s  ${name}`)
        .join("\n")
    },
  }
}
