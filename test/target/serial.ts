import { execFileSync } from "node:child_process"
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { ReadStream } from "node:tty"
import type { Start, Target, TargetKind } from "./target.js"

/**
 * A real board. Its console (GP0) comes in by the serial port FIELDLOG_SERIAL. What a computer cannot do by itself is done by the
 * command FIELDLOG_BENCH, which is called as
 *
 *     $FIELDLOG_BENCH power on|off
 *     $FIELDLOG_BENCH pin GP20|GP21 low|high
 *     $FIELDLOG_BENCH card write|read <file>      the whole card, from or into an image
 *
 * and ends with 0 when it is done: a relay and a card multiplexer, or a script that asks a person.
 */
export const serialTarget: TargetKind = {
  name: "serial",
  title: "a real board on a serial port",
  missing() {
    const { FIELDLOG_SERIAL: port = "", FIELDLOG_BENCH: bench = "" } = process.env
    if (port === "") return "FIELDLOG_SERIAL names no serial port"
    if (bench === "") return "FIELDLOG_BENCH names no command for power, pins and card"
    return existsSync(port) ? null : `${port} does not exist`
  },
  boot,
}

/** The board file's console: see boards/fieldlog_pico.md. */
const BAUD = 300
const POLL_MS = 20

async function boot({ card, format }: Start): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-board-"))
  const image = join(folder, "card.img")
  writeFileSync(image, card)
  bench("power", "off")
  bench("card", "write", image)
  bench("pin", "GP20", format === "ddff" ? "low" : "high")
  bench("pin", "GP21", "high")
  const port = openPort()
  bench("power", "on")
  const started = Date.now()
  return {
    console: port.text,
    logging: () => /\blogging\b/.test(port.text()),
    async run(ms, done = () => false) {
      const end = Date.now() + ms
      while (!done()) {
        if (Date.now() >= end) return false
        await pause(Math.min(POLL_MS, end - Date.now()))
      }
      return true
    },
    pin: async (strap, low) => bench("pin", strap, low ? "low" : "high"),
    async cut() {
      bench("power", "off")
      port.close()
    },
    async card() {
      bench("card", "read", image)
      const bytes = readFileSync(image)
      rmSync(folder, { recursive: true })
      return bytes
    },
    figures: () => ({ ms: Date.now() - started, sectors: null, asleepMs: null, cyclesPerSecond: null }),
  }
}

function openPort(): { text(): string; close(): void } {
  const { FIELDLOG_SERIAL: path = "" } = process.env
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  try {
    // Through the open port: a port that is closed in between forgets its settings.
    execFileSync("stty", [String(BAUD), "cs8", "-cstopb", "-parenb", "raw", "-echo", "clocal"], { stdio: [fd, "pipe", "pipe"] })
  } catch (error) {
    closeSync(fd)
    throw new Error(`${path} takes no serial settings: ${(error as { stderr?: Buffer }).stderr?.toString().trim() ?? error}`)
  }
  const stream = new ReadStream(fd)
  let text = ""
  stream.on("data", (bytes: Buffer) => {
    text += bytes.toString("latin1")
  })
  // The other end of the cable was pulled, or the board with its port lost its power: the card tells the rest.
  stream.on("error", () => {})
  return { text: () => text, close: () => void stream.destroy() }
}

function bench(...words: string[]): void {
  const { FIELDLOG_BENCH: command = "" } = process.env
  try {
    execFileSync("sh", ["-c", `${command} "$@"`, "sh", ...words], { stdio: ["inherit", "pipe", "pipe"] })
  } catch (error) {
    throw new Error(`${command} ${words.join(" ")}: ${(error as { stderr?: Buffer }).stderr?.toString().trim() || error}`)
  }
}
