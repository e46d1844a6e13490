import "../../../host/bytes/device-buffer.js"
import { openImage } from "../../../host/card/image.js"
import { recoverLogs } from "../../../shared/card/recovery.js"
import { type State, type Trace, tear } from "./cut-states.js"
import { type Disk, diskSource, memoryDisk, SparseDisk } from "./disk.js"
import { complaints, HARMLESS } from "./fsck-remarks.js"
import { fsck, repaired } from "./images.js"
import { applyChange, type Change } from "./journal.js"
import { anyLog, createLog, type Machine, machine, slotOf } from "./machine.js"
import type { CardOptions } from "./sd-options.js"
import { tinyVolume } from "./tiny-volume.js"

/**
 * The power goes at every sector that a logger writes: mount, create, log, rotate, small files, close. A recording keeps the
 * writes in order; every state the card can be in after a cut is made from it and must keep the promises in `judge`.
 */

const SECTORS = 6144
const STALE_SALT = 999
const FOREIGN = "HOLIDAY.JPG"
const FOREIGN_BODY = Buffer.alloc(9000, "a file of somebody else ")

/** What the logger knew after so many journal entries: sectors written and confirmed, by file. */
interface Mark {
  readonly journal: number
  readonly file: string
  readonly acked: number
}

export interface Recording extends Trace {
  readonly options: Partial<CardOptions>
  readonly marks: readonly Mark[]
  /** Sectors written to each file in the end. */
  readonly written: ReadonlyMap<string, number>
}

/** A card full of what older logs have left, with a foreign file on it. */
async function usedCard(sectorsPerCluster: number): Promise<Buffer> {
  const image = tinyVolume(SECTORS, sectorsPerCluster, (sector, lba) => slotOf(lba & 1023, STALE_SALT).copy(sector, 0, 2, 514))
  const m = machine(memoryDisk(image))
  await m.card.init()
  await m.volume.mount()
  await m.volume.writeSmall("HOLIDAY JPG", FOREIGN_BODY, FOREIGN_BODY.length)
  return image
}

/** Runs the scenario once without a cut. */
export async function record(options: Partial<CardOptions>, sectorsPerCluster = 1): Promise<Recording> {
  const image = await usedCard(sectorsPerCluster)
  const base = memoryDisk(Buffer.from(image))
  const m = machine(memoryDisk(image), options)
  const marks: Mark[] = []
  const written = new Map<string, number>()
  await m.card.init()
  await m.volume.mount()
  const log = async (kind: string, from: number, n: number, everyMs: number, syncEvery: number) => {
    const file = path(m.segment.entry?.name ?? "")
    for (let k = from; k < from + n; k++) {
      m.time.micros += everyMs * 1000
      await m.segment.append(slotOf(k, saltOf(file)))
      if (kind === "stream" && k % syncEvery === syncEvery - 1) await m.segment.sync()
      written.set(file, k + 1)
      marks.push({ journal: m.sim.journal.length, file, acked: m.segment.acked })
    }
  }
  const close = async () => {
    const file = path(m.segment.entry?.name ?? "")
    await m.segment.sync()
    marks.push({ journal: m.sim.journal.length, file, acked: m.segment.acked })
    await m.segment.close()
  }
  await begin(m)
  await log("single", 0, 6, 200, 1)
  await log("stream", 6, 70, 5, 9)
  await close()
  await m.volume.writeSmall("LOGERR  TXT", Buffer.from("flush_ms: not a number\r\n"), 24)
  await begin(m)
  await log("stream", 0, 33, 5, 13)
  await m.volume.writeSmall("LOGERR  TXT", Buffer.from("nothing"), 7)
  await log("single", 33, 3, 200, 1)
  await close()
  return { options, base, journal: m.sim.journal, barriers: m.sim.barriers, marks, written, isLogData }
}

async function begin(m: Machine): Promise<void> {
  const number = await m.volume.takeNumber()
  await createLog(m.segment, `LOG${String(number).padStart(5, "0")}MET`, 60_000)
}

function path(name: string): string {
  return `/${name.slice(0, 8)}.${name.slice(8)}`
}

/** Sectors of each file carry its number, so that no file's sectors can be taken for another's. */
function saltOf(file: string): number {
  return Number(file.slice(4, 9))
}

/** How thorough `judge` is. */
export interface Judgement {
  /** Run fsck.vfat on the state, on what it repairs, and on the recovered card. */
  readonly fsck: boolean
  /** Cut the recovery as well, at each of its writes. */
  readonly again: boolean
}

/** What was looked at. */
export interface Counts {
  states: number
  boots: number
  checks: number
  clean: number
  /** What fsck.vfat said, by message, in states before recovery. */
  messages: Map<string, number>
}

export function newCounts(): Counts {
  return { states: 0, boots: 0, checks: 0, clean: 0, messages: new Map() }
}

/** Holds a state against the promises; throws an Error that names the state and the promise. */
export async function judge(recording: Recording, state: State, how: Judgement, counts: Counts): Promise<void> {
  counts.states++
  const promised = ackedAt(recording, state.sure)
  const fail = (text: string): never => {
    throw new Error(`${state.text}: ${text}`)
  }
  await inspect(recording, state.disk, promised, "as it is", fail)
  if (how.fsck) {
    const image = imageOf(state.disk)
    const report = fsck(image)
    counts.checks++
    if (report.clean) counts.clean++
    for (const line of complaints(report.text)) {
      counts.messages.set(line, (counts.messages.get(line) ?? 0) + 1)
      if (!HARMLESS.test(line)) fail(`fsck.vfat says: ${line}`)
    }
    await inspect(recording, memoryDisk(repaired(image)), promised, "after fsck -a", fail)
  }
  await boot(recording, state.disk, promised, how, counts, fail)
}

/** The next boot: recovery, the same again, and a new log. */
async function boot(
  recording: Recording,
  disk: Disk,
  promised: ReadonlyMap<string, number>,
  how: Judgement,
  counts: Counts,
  fail: (text: string) => never,
): Promise<void> {
  counts.boots++
  const after = new SparseDisk(disk.sectors, disk)
  const m = await started(after, recording.options)
  await recoverLogs(m.card, m.volume, Buffer.alloc(512), anyLog)
  const journal = [...m.sim.journal]
  await inspect(recording, after, promised, "after recovery", fail)
  if (how.fsck) {
    counts.checks++
    const bad = complaints(fsck(after.image()).text).filter((line) => !HARMLESS.test(line))
    if (bad.length > 0) fail(`after recovery fsck.vfat says: ${bad.join("; ")}`)
  }
  const second = await started(new SparseDisk(disk.sectors, after), recording.options)
  await recoverLogs(second.card, second.volume, Buffer.alloc(512), anyLog)
  if (second.sim.journal.length > 0) fail(`a second recovery writes ${second.sim.journal.length} sectors`)
  await begin(second)
  const file = path(second.segment.entry?.name ?? "")
  if (recording.written.has(file) && (promised.get(file) ?? 0) > 0) fail(`the new log takes the name ${file} of one that has data`)
  for (let k = 0; k < 3; k++) await second.segment.append(slotOf(k, 77))
  await second.segment.close()
  if (!how.again) return
  const running = new SparseDisk(disk.sectors, disk)
  for (const [i, change] of journal.entries()) {
    const half = new SparseDisk(running.sectors, running)
    tear(half, change, "first 256 bytes")
    const cutAgain = (text: string): never => fail(`second cut at write ${i} of the recovery: ${text}`)
    await boot(recording, half, promised, { fsck: how.fsck, again: false }, counts, cutAgain)
    applyChange(running, change)
    await boot(recording, running, promised, { fsck: false, again: false }, counts, cutAgain)
  }
}

async function started(disk: Disk, options: Partial<CardOptions>): Promise<Machine> {
  const m = machine(disk, options)
  await m.card.init()
  await m.volume.mount()
  return m
}

/** Sectors that the logger had been promised, by file, when the first `sure` writes are on the card. */
function ackedAt(recording: Recording, sure: number): Map<string, number> {
  const acked = new Map<string, number>()
  for (const mark of recording.marks) {
    if (mark.journal > sure) break
    acked.set(mark.file, Math.max(mark.acked, acked.get(mark.file) ?? 0))
  }
  return acked
}

/** The promises that need no boot: what was confirmed is there and in order, nothing is invented, others' files are whole. */
async function inspect(
  recording: Recording,
  disk: Disk,
  promised: ReadonlyMap<string, number>,
  when: string,
  fail: (text: string) => never,
): Promise<void> {
  const card = await openImage(diskSource(disk))
  const foreign = card.open(`/${FOREIGN}`)
  if (!FOREIGN_BODY.equals(await foreign.read(0, foreign.size))) fail(`${when}: the foreign file changed`)
  const errors = card.issues.filter((issue) => issue.severity === "error")
  if (errors.length > 0) fail(`${when}: ${errors[0]?.text}`)
  for (const [file, acked] of promised) {
    if (acked > 0 && !card.entries.some((e) => e.path === file)) fail(`${when}: ${file} with ${acked} confirmed sectors is gone`)
  }
  for (const entry of card.entries) {
    const file = entry.path
    if (!/^\/LOG\d{5}\.MET$/.test(file)) continue
    const acked = promised.get(file) ?? 0
    const bytes = Buffer.from(await card.open(file).read(0, entry.readable))
    const n = validSectors(bytes, file)
    if (n < acked) fail(`${when}: ${file} has ${n} of ${acked} confirmed sectors`)
    if (n > (recording.written.get(file) ?? 0)) fail(`${when}: ${file} has ${n} sectors, more than were written`)
    refuseOthers(bytes, n, file, when, fail)
  }
}

function validSectors(bytes: Buffer, file: string): number {
  let n = 0
  while (n * 512 + 512 <= bytes.length && bytes.subarray(n * 512, n * 512 + 512).equals(slotOf(n, saltOf(file)).subarray(2, 514))) n++
  return n
}

/** Up to the first sector of one byte alone, no sector of another file may stand. */
function refuseOthers(bytes: Buffer, from: number, file: string, when: string, fail: (text: string) => never): void {
  for (let k = from; k * 512 + 512 <= bytes.length; k++) {
    const sector = bytes.subarray(k * 512, k * 512 + 512)
    if (isOneByte(sector)) return
    const salt = sector.readUInt32LE(4)
    if (salt !== saltOf(file) && isSlot(sector)) fail(`${when}: sector ${k} of ${file} belongs to file ${salt}`)
  }
}

function isOneByte(sector: Buffer): boolean {
  return sector.every((byte) => byte === sector[0])
}

function isSlot(sector: Buffer): boolean {
  return sector.equals(slotOf(sector.readUInt32LE(0), sector.readUInt32LE(4)).subarray(2, 514))
}

function imageOf(disk: Disk): Buffer {
  const image = Buffer.alloc(disk.sectors * 512)
  for (let lba = 0; lba < disk.sectors; lba++) image.set(disk.read(lba), lba * 512)
  return image
}

function isLogData(change: Change): boolean {
  if (change.data === null) return false
  const sector = Buffer.from(change.data.buffer, change.data.byteOffset, 512)
  return (
    sector.every((byte) => byte === sector[0]) || sector.equals(slotOf(sector.readUInt32LE(0), sector.readUInt32LE(4)).subarray(2, 514))
  )
}
