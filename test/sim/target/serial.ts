import { execFileSync } from "node:child_process"
import { closeSync, constants, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { ReadStream } from "node:tty"
import { enableLog, LogText } from "./bridge.js"
import type { Start, Target, TargetKind } from "./target.js"

/**
 * A real board. Its console comes in by the serial port FIELDLOG_SERIAL: the board's own on USB, or an adapter on GP0. What a computer cannot do by itself is done by the
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
    return null
  },
  boot,
}

/** Of the console on GP0, as the board file has it (boards/fieldlog_pico.md); USB has none. */
const BAUD = 300
/** A port on USB comes and goes with the board's power. */
const PLUG_IN_MS = 10_000
const POLL_MS = 20

async function boot({ card, format }: Start): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), "fieldlog-board-"))
  const image = join(folder, "card.img")
  writeFileSync(image, card)
  bench("power", "off")
  bench("card", "write", image)
  bench("pin", "GP20", format === "ddff" ? "low" : "high")
  bench("pin", "GP21", "high")
  bench("power", "on")
  const port = await openPort()
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

/** Opens the port and asks for the log, which a console on GP0 sends anyway. */
async function openPort(): Promise<{ text(): string; close(): void }> {
  const { FIELDLOG_SERIAL: path = "" } = process.env
  for (const end = Date.now() + PLUG_IN_MS; !existsSync(path); await pause(POLL_MS)) {
    if (Date.now() > end) throw new Error(`${path} does not appear with the power on`)
  }
  const fd = openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK)
  try {
    // Through the open port: a port that is closed in between forgets its settings.
    execFileSync("stty", [String(BAUD), "cs8", "-cstopb", "-parenb", "raw", "-echo", "clocal"], { stdio: [fd, "pipe", "pipe"] })
  } catch (error) {
    closeSync(fd)
    throw new Error(`${path} takes no serial settings: ${(error as { stderr?: Buffer }).stderr?.toString().trim() ?? error}`)
  }
  writeSync(fd, enableLog())
  const stream = new ReadStream(fd)
  const log = new LogText()
  stream.on("data", (bytes: Buffer) => log.take(bytes))
  // A board without power takes its port along: the card tells the rest.
  stream.on("error", () => {})
  return { text: () => log.text, close: () => void stream.destroy() }
}

function bench(...words: string[]): void {
  const { FIELDLOG_BENCH: command = "" } = process.env
  try {
    execFileSync("sh", ["-c", `${command} "$@"`, "sh", ...words], { stdio: ["inherit", "pipe", "pipe"] })
  } catch (error) {
    throw new Error(`${command} ${words.join(" ")}: ${(error as { stderr?: Buffer }).stderr?.toString().trim() || error}`)
  }
}
