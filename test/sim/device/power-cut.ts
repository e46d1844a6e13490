import { MemorySink } from "../../../host/bytes/sink.js"
import { memorySource, type Source } from "../../../host/bytes/source.js"
import { type CardImage, openImage } from "../../../host/card/image.js"
import { LogError } from "../../../host/model/errors.js"
import type { Log } from "../../../host/model/log.js"
import { formatOf, openSource } from "../../../host/registry/open.js"
import { groups } from "../../../shared/channels.js"
import { type State, type Trace, tear } from "../card/cut-states.js"
import { type Disk, diskSource, memoryDisk, SparseDisk } from "../card/disk.js"
import { complaints, HARMLESS } from "../card/fsck-remarks.js"
import { fsck, repaired } from "../card/images.js"
import { applyChange, type Change } from "../card/journal.js"
import type { CardOptions } from "../card/sd-options.js"
import { logsOn, TEN_AT_100_HZ, tinyCard } from "./cards.js"
import { type Comparison, compare, logSpec } from "./recording.js"
import { OTHER_SPEC, specFault } from "./spec-on-card.js"
import { inMachine, inNode, type Start } from "./trial.js"

/**
 * The power goes at every sector that the real program writes: its writes are recorded once, and every state that a cut can leave
 * is made from them. What the laptop reads from such a card, and what the program makes of it at its next start, is held against
 * what was confirmed.
 */

const FOREIGN = Buffer.alloc(9000, "a file of somebody else ")
const UNIT = 65_536
const RATES = { pedals: 100, supply: 100, temperature: 100 }
const FLUSH_MS = 500
const SPEC = logSpec()

/** All values of a log, ticks first, by group name. */
type Rows = ReadonlyMap<string, readonly (readonly number[])[]>

interface TrueLog {
  readonly name: string
  readonly bytes: Buffer
  readonly rows: Rows
  /** Journal entry that wrote each sector. */
  readonly writtenBy: readonly number[]
  /** Journal entry that gave it its name: what it says of itself was written before. */
  readonly named: number
  /** Rows of its first sectors, as far as they were asked for. */
  readonly begun: Map<number, Rows>
}

/** A run of the program without a cut. */
export interface ProgramRun extends Trace {
  readonly format: "meteor" | "ddff"
  readonly card: Partial<CardOptions>
  readonly logs: ReadonlyMap<string, TrueLog>
  /** Time of tick 0, ms. */
  readonly start: number
}

/** Records the program from its start on a used card to its closed file: mount, faults of the settings, two files by rotation. */
export async function recordProgram(format: "meteor" | "ddff", card: Partial<CardOptions>): Promise<ProgramRun> {
  const stale = await staleSectors(format)
  const settings = `${TEN_AT_100_HZ}flush = ${FLUSH_MS}\nformat = papyrus\n`
  const image = await tinyCard({ "LOGGER  CFG": settings, "HOLIDAY JPG": FOREIGN, "LOGSPEC JSN": OTHER_SPEC }, 2048, (sector, lba) => {
    sector.set(stale.subarray((lba * 512) % stale.length, ((lba * 512) % stale.length) + 512))
  })
  const base = memoryDisk(Buffer.from(image))
  const logger = await inMachine(memoryDisk(image), { format, card, fileBytes: UNIT })
  await logger.run(17_000)
  logger.close()
  await logger.run(19_000)
  if (logger.states.at(-1)?.state !== "closed") throw new Error(`the logger is ${logger.states.at(-1)?.state}`)
  const { journal, barriers } = logger.card
  const logs = new Map<string, TrueLog>()
  const places = new Set<number>()
  const opened = await openImage(memorySource(image))
  for (const path of await logsOn(image)) {
    const file = opened.open(path)
    const bytes = Buffer.from(await file.read(0, file.size))
    const rows = await rowsOf(await openSource(memorySource(bytes, path.slice(1)), { spec: SPEC }))
    const first = image.indexOf(bytes) / 512
    const writtenBy = Array.from({ length: bytes.length / 512 }, (_, n) => lastWrite(journal, first + n))
    for (let n = 0; n < UNIT / 512; n++) places.add(first + n)
    const entry = path.slice(1).replace(".", "")
    const named = journal.findIndex(({ data }) => data !== null && Buffer.from(data).includes(entry))
    logs.set(path, { name: path.slice(1), bytes, rows, writtenBy, named, begun: new Map() })
  }
  // The first file is made a tenth of a second before tick 0.
  const start = (logger.states.find(({ state }) => state === "logging")?.at ?? 0) + 105
  return { format, card, base, journal, barriers, logs, start, isLogData: ({ lba, data }) => data !== null && places.has(lba) }
}

/** What an older log of the same format has left on the card. */
async function staleSectors(format: "meteor" | "ddff"): Promise<Buffer> {
  const image = await tinyCard()
  const logger = await inMachine(memoryDisk(image), { format, fileBytes: UNIT, seed: 99 })
  await logger.run(20_000)
  const [path] = await logsOn(image)
  const file = (await openImage(memorySource(image))).open(path ?? "")
  return Buffer.from(await file.read(0, file.size))
}

function lastWrite(journal: readonly Change[], lba: number): number {
  let entry = journal.length - 1
  while (entry >= 0 && !(journal[entry]?.lba === lba && journal[entry]?.data !== null)) entry--
  return entry
}

/** How thorough `judge` is. */
export interface ProgramJudgement {
  /** Run fsck.vfat on the state, on what it repairs, and after the next start. */
  readonly fsck: boolean
  /** Save the logs by `recover` as well. */
  readonly recover: boolean
  /** Where the next start happens; none without. */
  readonly boot: "node" | "machine" | null
  /** Cut that start as well, at every so many of its writes; 0 not. */
  readonly again: number
}

/** What was looked at. */
export interface ProgramCounts {
  states: number
  boots: number
  recoveries: number
  checks: number
  clean: number
  messages: Map<string, number>
  /** Longest time before a cut from which any group's rows are not confirmed, beyond its own period, ms. */
  behind: number
}

export function newProgramCounts(): ProgramCounts {
  return { states: 0, boots: 0, recoveries: 0, checks: 0, clean: 0, messages: new Map(), behind: 0 }
}

/** Holds a state against the promises; throws an Error that names the state and the promise. */
export async function judgeProgram(run: ProgramRun, state: State, how: ProgramJudgement, counts: ProgramCounts): Promise<void> {
  counts.states++
  const fail = (text: string): never => {
    throw new Error(`${run.format}, ${state.text}: ${text}`)
  }
  const confirmed = confirmedSectors(run, state.sure)
  counts.behind = Math.max(counts.behind, await behind(run, confirmed, state.sure))
  await inspect(run, state.disk, confirmed, how.recover ? counts : null, "as it is", fail)
  if (how.fsck) {
    const image = imageOf(state.disk)
    const report = fsck(image)
    counts.checks++
    if (report.clean) counts.clean++
    for (const line of complaints(report.text)) {
      counts.messages.set(line, (counts.messages.get(line) ?? 0) + 1)
      if (!HARMLESS.test(line)) fail(`fsck.vfat says: ${line}`)
    }
    await inspect(run, memoryDisk(repaired(image)), confirmed, null, "after fsck -a", fail)
  }
  if (how.boot !== null) await boot(run, state.disk, confirmed, how, counts, fail)
}

/** Sectors of each log that were confirmed when the first `sure` writes are on the card. */
function confirmedSectors(run: ProgramRun, sure: number): Map<string, number> {
  const upTo = Math.max(0, ...run.barriers.filter((length) => length <= sure))
  const sectors = ({ writtenBy, named }: TrueLog) => (named < upTo ? writtenBy.filter((entry) => entry < upTo).length : 0)
  return new Map([...run.logs].map(([path, log]) => [path, sectors(log)]))
}

/** Rows of a log's first sectors, by group. */
async function rowsIn({ name, bytes, begun }: TrueLog, sectors: number): Promise<Rows> {
  if (sectors === 0) return new Map()
  const known = begun.get(sectors)
  if (known !== undefined) return known
  const rows = await rowsOf(await openSource(memorySource(bytes.subarray(0, sectors * 512), name), { spec: SPEC }))
  begun.set(sectors, rows)
  return rows
}

/** How far the confirmed rows lie behind the cut, beyond their period, ms. */
async function behind(run: ProgramRun, confirmed: ReadonlyMap<string, number>, sure: number): Promise<number> {
  const at = (run.journal[sure]?.at ?? 0) / 1000 - run.start
  const last = new Map<string, number>()
  for (const [path, log] of run.logs) {
    for (const [name, [ticks]] of await rowsIn(log, confirmed.get(path) ?? 0)) {
      const tick = ticks?.at(-1)
      if (tick !== undefined) last.set(name, tick)
    }
  }
  return Math.max(0, ...[...last].map(([name, tick]) => at - tick - period(name)))
}

function period(name: string): number {
  const rates: Record<string, number> = RATES
  return 1000 / (rates[name] ?? groups.find((group) => group.name === name)?.rate ?? 1)
}

/**
 * The next start of the program: it logs again, under a new name, and what was confirmed is still there.
 * @param cut the log of a start before this one that was cut as well: what is in it is of that start
 */
async function boot(
  run: ProgramRun,
  disk: Disk,
  confirmed: ReadonlyMap<string, number>,
  how: ProgramJudgement,
  counts: ProgramCounts,
  fail: (text: string) => never,
  cut = "",
): Promise<void> {
  counts.boots++
  const after = new SparseDisk(disk.sectors, disk)
  const start: Start = how.boot === "machine" ? inMachine : inNode
  const logger = await start(after, { format: run.format, card: run.card, fileBytes: UNIT, seed: 5 })
  await logger.run(2000)
  const begun = logger.states.find(({ state }) => state === "logging")
  if (begun === undefined) return fail(`the next start is ${logger.states.at(-1)?.state}`)
  const paths = await logsOn(after.image())
  const own = paths.at(-1) ?? ""
  if ((confirmed.get(own) ?? 0) > 0) fail(`the next start takes the name ${own} of a log that has data`)
  await inspect(run, after, confirmed, null, "after the next start", fail, [own, cut])
  const card = await openImage(diskSource(after))
  const found = await compare(await openSource(card.open(own), { spec: SPEC }), RATES)
  if ((found.imu?.rows ?? 0) < 50 || found.imu?.wrong !== 0) fail(`the next start logs ${JSON.stringify(found.imu)}`)
  const begunAndCut = paths.includes(cut) ? await rowsOfCut(card.open(cut)) : null
  if ((begunAndCut?.imu?.wrong ?? 0) > 0) fail(`the start that was cut logged ${JSON.stringify(begunAndCut?.imu)}`)
  if (how.fsck) {
    counts.checks++
    const bad = complaints(fsck(after.image()).text).filter((line) => !HARMLESS.test(line))
    if (bad.length > 0) fail(`after the next start fsck.vfat says: ${bad.join("; ")}`)
  }
  if (how.again === 0) return
  const running = new SparseDisk(disk.sectors, disk)
  const once: ProgramJudgement = { fsck: false, recover: false, boot: how.boot, again: 0 }
  for (const [i, change] of logger.card.journal.entries()) {
    if (change.at > begun.at * 1000) break
    const cutAgain = (text: string): never => fail(`second cut at write ${i} of the next start: ${text}`)
    const chosen = i % how.again === 0
    if (chosen) {
      const half = new SparseDisk(running.sectors, running)
      tear(half, change, "first 256 bytes")
      await boot(run, half, confirmed, once, counts, cutAgain, own)
    }
    applyChange(running, change)
    if (chosen) await boot(run, running, confirmed, once, counts, cutAgain, own)
  }
}

/** What a log that was cut early holds against the sensors; null when not even its head is whole. */
async function rowsOfCut(file: Source): Promise<Record<string, Comparison> | null> {
  try {
    return await compare(await openSource(file, { spec: SPEC }), RATES)
  } catch (error) {
    if (error instanceof LogError) return null
    throw error
  }
}

/** What was confirmed is read, nothing is read that was not logged, and others' files are whole. */
async function inspect(
  run: ProgramRun,
  disk: Disk,
  confirmed: ReadonlyMap<string, number>,
  recoveries: ProgramCounts | null,
  when: string,
  fail: (text: string) => never,
  own: readonly string[] = [],
): Promise<void> {
  const card = await openImage(diskSource(disk))
  const foreign = card.open("/HOLIDAY.JPG")
  if (!FOREIGN.equals(await foreign.read(0, foreign.size))) fail(`${when}: the foreign file changed`)
  const fault = await specFault(card, own.length > 0)
  if (fault !== "") fail(`${when}: ${fault}`)
  const errors = card.issues.filter((issue) => issue.severity === "error")
  if (errors.length > 0) fail(`${when}: ${errors[0]?.text}`)
  for (const [path, log] of run.logs) {
    const sectors = confirmed.get(path) ?? 0
    if (own.includes(path)) continue
    if (!card.entries.some((entry) => entry.path === path)) {
      if (sectors > 0) fail(`${when}: ${path} with ${sectors} confirmed sectors is gone`)
      continue
    }
    const least = await rowsIn(log, sectors)
    const where = `${when}: ${path}`
    holdRows(await readRows(card, path, sectors, where, fail), least, log.rows, where, fail)
    if (recoveries === null || sectors === 0) continue
    recoveries.recoveries++
    const saved = await recovered(card.open(path))
    holdRows(await rowsOf(await openSource(saved, { spec: SPEC })), least, log.rows, `${where}, recovered`, fail)
  }
}

/** A log's rows as the laptop reads them; none where not even its first sector was confirmed. */
async function readRows(card: CardImage, path: string, sectors: number, where: string, fail: (text: string) => never): Promise<Rows> {
  try {
    return await rowsOf(await openSource(card.open(path), { spec: SPEC }))
  } catch (error) {
    if (!(error instanceof LogError)) throw error
    if (sectors > 0) fail(`${where} with ${sectors} confirmed sectors: ${error.message}`)
    return new Map()
  }
}

async function recovered(source: Source): Promise<Source> {
  const sink = new MemorySink()
  const format = await formatOf(source)
  await format.recover?.(source, { name: source.name, sink: () => sink }, { spec: SPEC })
  return memorySource(sink.bytes(), source.name)
}

/** What was read was logged so, in this order, and holds all that was confirmed. */
function holdRows(read: Rows, least: Rows, all: Rows, where: string, fail: (text: string) => never): void {
  for (const [name, found] of read) {
    const ticks = found[0] ?? []
    const truth = all.get(name)
    const promised = least.get(name)?.[0]?.length ?? 0
    if (ticks.length === 0) continue
    if (truth === undefined) throw fail(`${where}: rows of ${name}, which nobody logged`)
    let at = 0
    for (let i = 0; i < ticks.length; i++, at++) {
      // Behind what was confirmed, sectors may be missing.
      if (i >= promised) while (at < (truth[0]?.length ?? 0) && truth[0]?.[at] !== ticks[i]) at++
      for (const [c, column] of found.entries()) {
        if (column[i] !== truth[c]?.[at]) fail(`${where}: row ${i} of ${name} was not logged so`)
      }
    }
  }
  for (const [name, [ticks]] of least) {
    const n = read.get(name)?.[0]?.length ?? 0
    if (n < (ticks?.length ?? 0)) fail(`${where}: ${name} has ${n} of ${ticks?.length} confirmed rows`)
  }
}

async function rowsOf(log: Log): Promise<Rows> {
  const rows = new Map<string, number[][]>()
  for await (const chunk of log.chunks()) {
    const name = log.groups[chunk.group]?.name ?? ""
    const columns = rows.get(name) ?? Array.from({ length: chunk.columns.length + 1 }, (): number[] => [])
    rows.set(name, columns)
    for (let i = 0; i < chunk.rows; i++) {
      columns[0]?.push(Number(chunk.ticks?.[i]))
      for (let c = 0; c < chunk.columns.length; c++) columns[c + 1]?.push(Number(chunk.columns[c]?.[i]))
    }
  }
  return rows
}

function imageOf(disk: Disk): Buffer {
  const image = Buffer.alloc(disk.sectors * 512)
  for (let lba = 0; lba < disk.sectors; lba++) image.set(disk.read(lba), lba * 512)
  return image
}
