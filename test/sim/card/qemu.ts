import "../../../host/bytes/device-buffer.js"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createServer, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Clock, SpiBus } from "../../../shared/card/bus.js"

/**
 * QEMU's SD card on its SPI bus: a card that was written by others. No guest program runs; the registers of the SiFive board's
 * third SPI controller are written through QEMU's test socket.
 */

const SPI = 0x10050000
/** Mode 2 holds the select line low, mode 0 lets it rise. */
const CHIP_SELECT = SPI + 0x18
const TX_DATA = SPI + 0x48
const RX_DATA = SPI + 0x4c

export interface QemuCard {
  readonly bus: SpiBus
  readonly clock: Clock
  /** Ends QEMU as a power cut would. */
  kill(): Promise<void>
}

/** Starts QEMU over an image whose size is a power of two. */
export async function qemuCard(image: string): Promise<QemuCard> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-qemu-"))
  const path = join(folder, "qtest")
  const server = createServer().listen(path)
  await once(server, "listening")
  const connected = once(server, "connection") as Promise<[Socket]>
  const options = ["-M", "sifive_u", "-accel", "tcg", "-S", "-display", "none", "-monitor", "none", "-serial", "none", "-bios", "none"]
  const drive = ["-drive", `file=${image},if=sd,format=raw`, "-qtest", `unix:${path}`, "-qtest-log", "none"]
  const child = spawn("qemu-system-riscv64", [...options, ...drive], { stdio: ["ignore", "ignore", "pipe"] })
  let complaint = ""
  child.stderr.on("data", (data) => {
    complaint += data
  })
  const died = once(child, "exit").then(() => Promise.reject(new Error(`QEMU ended: ${complaint}`)))
  const [socket] = await Promise.race([connected, died])
  died.catch(() => {})
  const lines = new Lines(socket)
  let micros = 0
  // Sleeping passes no real time: this card is never busy.
  const clock: Clock = {
    now: () => Math.floor(micros / 1000),
    sleep: async (ms) => {
      micros += ms * 1000
    },
  }
  let pending = 0
  const bus: SpiBus = {
    setClock: () => {},
    select: (on) => {
      socket.write(`writel ${CHIP_SELECT} ${on ? 2 : 0}\n`)
      pending++
    },
    xfer: async (tx, rx) => {
      let request = ""
      for (const byte of tx) request += `writel ${TX_DATA} ${byte}\nreadl ${RX_DATA}\n`
      socket.write(request)
      for (; pending > 0; pending--) await lines.next()
      for (let i = 0; i < tx.length; i++) {
        await lines.next()
        rx[i] = Number((await lines.next()).split(" ")[1])
      }
      micros += tx.length
    },
  }
  return { bus, clock, kill: () => end(child, socket, server, folder) }
}

async function end(child: ChildProcess, socket: Socket, server: ReturnType<typeof createServer>, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit")
    child.kill("SIGKILL")
    await gone
  }
  socket.destroy()
  server.close()
  rmSync(folder, { recursive: true, force: true })
}

/** Answers of the test socket, line by line. */
class Lines {
  private ready: string[] = []
  private at = 0
  private rest = ""
  private wake: (() => void) | null = null

  constructor(socket: Socket) {
    socket.setEncoding("latin1")
    socket.on("data", (text: string) => {
      const parts = (this.rest + text).split("\n")
      this.rest = parts.pop() as string
      this.ready = this.ready.slice(this.at).concat(parts)
      this.at = 0
      this.wake?.()
    })
  }

  async next(): Promise<string> {
    while (this.at === this.ready.length) {
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    const line = this.ready[this.at++] as string
    if (!line.startsWith("OK")) throw new Error(`QEMU answers ${line}`)
    return line
  }
}
