import "../../host/bytes/device-buffer.js"
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, describe, expect, test } from "vitest"
import { openImage } from "../../host/card/image.js"
import { fileSource } from "../../host/io/file-source.js"
import { Fat32 } from "../../shared/card/fat32.js"
import { recoverLogs } from "../../shared/card/recovery.js"
import { SdCard } from "../../shared/card/sd.js"
import { Segment } from "../../shared/card/segment.js"
import { needs } from "../needs.js"
import { fatfsImage } from "../sim/card/images.js"
import { anyLog, createLog, slotOf } from "../sim/card/machine.js"
import { type QemuCard, qemuCard } from "../sim/card/qemu.js"

let folder: string | null = null
let running: QemuCard | null = null

afterEach(async () => {
  await running?.kill()
  if (folder !== null) rmSync(folder, { recursive: true })
  running = null
  folder = null
})

/** A FAT32 volume at the start of a card of `bytes`, a power of two. */
async function imageFile(bytes: number): Promise<string> {
  folder = mkdtempSync(join(tmpdir(), "fieldlog-qemu-"))
  const path = join(folder, "card.img")
  writeFileSync(path, await fatfsImage(40, 512))
  truncateSync(path, bytes)
  return path
}

async function start(path: string) {
  running = await qemuCard(path)
  const card = new SdCard(running.bus, running.clock, { hz: 10_000_000, crc: false })
  const volume = new Fat32(card)
  await card.init()
  await volume.mount()
  return { card, volume, segment: new Segment(card, volume, running.clock), time: running.clock }
}

async function content(path: string, name: string): Promise<Buffer> {
  const source = await fileSource(path)
  const file = (await openImage(source)).open(name)
  const bytes = Buffer.from(await file.read(0, file.size))
  await source.close()
  return bytes
}

function expected(n: number): Buffer {
  return Buffer.concat(Array.from({ length: n }, (_, k) => slotOf(k).subarray(2, 514)))
}

const MIB = 1024 * 1024

describe("the driver on QEMU's card", needs("qemu-system-riscv64"), () => {
  test.each([
    ["byte addresses", 64 * MIB, false],
    ["block addresses", 4096 * MIB, true],
  ])("reads, writes singly and in streams, with %s", async (_, bytes, blockAddress) => {
    const path = await imageFile(bytes)
    const { card, segment, time } = await start(path)
    expect(card.sectors).toBe(bytes / 512)
    expect(card.blockAddress).toBe(blockAddress)
    await createLog(segment, "LOG00001MET", 60_000)
    for (let k = 0; k < 24; k++) {
      await time.sleep(k < 4 ? 200 : 5)
      await segment.append(slotOf(k))
    }
    await segment.close()
    await running?.kill()
    expect((await content(path, "/LOG00001.MET")).equals(expected(24))).toBe(true)
  })

  test("keeps what was confirmed when QEMU is killed inside a stream", async () => {
    const path = await imageFile(64 * MIB)
    const { segment, time } = await start(path)
    await createLog(segment, "LOG00001MET", 60_000)
    for (let k = 0; k < 20; k++) {
      await time.sleep(5)
      await segment.append(slotOf(k))
      if (k === 15) await segment.sync()
    }
    const { acked } = segment
    await running?.kill()
    const next = await start(path)
    const kept = await recoverLogs(next.card, next.volume, Buffer.alloc(512), anyLog)
    await running?.kill()
    expect(acked).toBe(16)
    expect(kept).toBeGreaterThanOrEqual(acked)
    expect((await content(path, "/LOG00001.MET")).equals(expected(kept))).toBe(true)
  })
})
