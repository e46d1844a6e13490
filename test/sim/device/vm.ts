import { randomBytes } from "node:crypto"
import { existsSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { deviceFolder } from "./build.js"
import { tellTurns, turnSteps } from "./turns.js"

/**
 * DeviceScript's virtual machine in this process, under a clock of its own: deterministic and faster than real time.
 *
 * The machine is the WebAssembly module inside the DeviceScript command's bundle. It takes time, timers and randomness only from what
 * it is given here. The program reaches this side by its two native socket calls, which return at once:
 * `_socketOpen(name, value + 1)` tells something (a port cannot be 0), `_socketWrite(buffer)` hands over a buffer in place, so
 * that changing its bytes is a full-duplex transfer. `_socketOpen("?name", 1)`, then a buffer of 8 bytes, asks for a number.
 */

const VERSION = "2.16.4"
const BEGIN = "var require_devicescript_vm = __commonJS({"
const END = "\n});\n"

const HOUR = 3_600_000

/** What the program's natives reach. */
export interface Peer {
  /** Hears what the program tells. */
  tell(name: string, value: number, now: number): void
  /** Answers a question; undefined means that nobody knows the name. */
  ask(name: string, now: number): number | undefined
  /** Exchanges the bytes of a `_socketWrite` in place. */
  exchange(bytes: Uint8Array, now: number): void
  /** Hears at the end of each fiber's turn how many steps it took. */
  turn?(steps: number, now: number): void
}

interface Module {
  HEAPU8: Uint8Array
  dmesg: (line: string) => void
  error: (error: unknown) => void
  panicHandler: (code: number) => void
  sendPacket: (packet: Uint8Array) => void
  flashLoad: null
  flashSave: null
  sockOpen: (host: number, port: number) => number
  sockWrite: (data: number, length: number) => number
  sockClose: () => number
  sockIsAvailable: () => boolean
  _malloc: (size: number) => number
  _free: (at: number) => void
  _jd_em_tcpsock_on_event: (event: number, data: number, length: number) => void
  devsSetDeviceId: (id: string) => void
  devsStart: () => void
  devsStop: () => void
  devsDeploy: (program: Uint8Array) => number
}

type Factory = () => Promise<Module>

/** The program stopped by itself. 60001 more steps than a turn may take, 60004 out of memory, 60000 restart asked for. */
export class Panic extends Error {
  constructor(
    readonly code: number,
    readonly console: readonly string[],
  ) {
    super(`the program stopped with panic ${code}${console.length > 0 ? `:\n${console.slice(-12).join("\n")}` : ""}`)
  }
}

/** A running machine. */
export interface Vm {
  /** ms since the start. */
  now(): number
  /** What the program printed. */
  readonly console: readonly string[]
  /** Lets the program run up to a time in ms. @throws Panic */
  run(until: number): void
  /** Something happens at the socket that the program has opened: 1 it is open, 2 closed, 4 data came. */
  socket(event: 1 | 2 | 4, data?: Uint8Array): void
  /** Lets time pass in which the program gets no turn. */
  jump(ms: number): void
  /** Ends the machine: nothing runs any more. */
  stop(): void
}

/**
 * Starts a program.
 * @param program bytecode as `devs build` writes it
 * @param seed of the machine's random numbers; `random` draws fresh ones
 * @param uptime ms for which the machine was awake before the program starts
 * @throws Error when the installed DeviceScript command is not the one whose inside this knows
 */
export async function startVm(program: Uint8Array, peer: Peer, seed: number | "random" = 1, uptime = 0): Promise<Vm> {
  const console: string[] = []
  let now = 0
  let panic: number | null = null
  let failure: unknown = null
  let question: string | null = null
  const timers = new Map<number, { at: number; call: () => void }>()
  let timerId = 0

  const clock = { now: () => 1_700_000_000_000 + now }
  const setTimer = (call: () => void, ms: number): number => {
    timers.set(++timerId, { at: now + Math.max(1, Math.ceil(ms)), call })
    return timerId
  }
  const clearTimer = (id: number): void => {
    timers.delete(id)
  }

  const module = await loadMachine(clock, setTimer, clearTimer, seed, peer.turn !== undefined)()
  module.dmesg = (line) => console.push(line)
  module.error = (error) => {
    failure ??= error
  }
  module.panicHandler = (code) => {
    const steps = turnSteps(code)
    if (steps !== null) peer.turn?.(steps, now)
    else if (code !== 0) panic ??= code
  }
  module.sendPacket = () => {}
  module.flashLoad = null
  module.flashSave = null
  module.sockIsAvailable = () => true
  module.sockClose = () => 0
  module.sockOpen = (host, port) => {
    const bytes = module.HEAPU8
    let end = host
    while (bytes[end] !== 0) end++
    const name = Buffer.from(bytes.buffer, host, end - host).toString()
    if (name.startsWith("?")) question = name.slice(1)
    else peer.tell(name, port - 1, now)
    return 0
  }
  module.sockWrite = (data, length) => {
    const bytes = module.HEAPU8.subarray(data, data + length)
    if (question === null) peer.exchange(bytes, now)
    else {
      const answer = peer.ask(question, now)
      if (answer === undefined) throw new Error(`the program asks for "${question}", which nobody here knows`)
      new DataView(bytes.buffer, data, 8).setFloat64(0, answer, true)
      question = null
    }
    return 0
  }
  const run = (until: number): void => {
    while (panic === null && failure === null) {
      let next: number | null = null
      for (const [id, { at }] of timers) if (at <= until && (next === null || at < (timers.get(next)?.at ?? 0))) next = id
      if (next === null) break
      const timer = timers.get(next) as { at: number; call: () => void }
      timers.delete(next)
      now = Math.max(now, timer.at)
      timer.call()
    }
    if (failure !== null) throw failure
    if (panic !== null) throw new Panic(panic, console)
    now = Math.max(now, until)
  }
  module.devsSetDeviceId("1989f4eee0ebe206")
  module.devsStart()
  // Its own timer counts microseconds in 32 bits: it must be looked at once an hour, as on any board.
  while (now < uptime) {
    now = Math.min(now + HOUR, uptime)
    run(now)
  }
  const deployed = module.devsDeploy(program)
  if (deployed !== 0) throw new Error(`the machine refuses the program (${deployed})`)

  return {
    now: () => now,
    console,
    run,
    socket(event, data = new Uint8Array(0)) {
      const at = module._malloc(data.length)
      module.HEAPU8.set(data, at)
      module._jd_em_tcpsock_on_event(event, at, data.length)
      module._free(at)
    },
    jump(ms) {
      now += ms
    },
    stop() {
      module.devsStop()
      timers.clear()
    },
  }
}

type Instantiate = (
  require: NodeJS.Require,
  date: unknown,
  setTimeout: unknown,
  setInterval: unknown,
  clearInterval: unknown,
  console: unknown,
) => Factory

/** The machine as it is, and the one that tells its turns. */
const machines: Partial<Record<"plain" | "telling", Instantiate>> = {}

/** Its loader wants one only to complain when loading takes long; it would keep the process alive. */
const noInterval = () => 0

/** The machine prints panics by itself; here they are errors. */
const silent = { log() {}, debug() {}, warn() {}, error() {} }

function loadMachine(date: unknown, setTimer: unknown, clearTimer: unknown, seed: number | "random", turns: boolean): Factory {
  const kind = turns ? "telling" : "plain"
  machines[kind] ??= compile(turns)
  const instantiate = machines[kind]
  const real = createRequire(import.meta.url)
  let state = typeof seed === "number" ? seed : 0
  const crypto = {
    randomBytes(n: number): Uint8Array {
      if (seed === "random") return randomBytes(n)
      return Uint8Array.from({ length: n }, () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 24)
    },
  }
  const require = ((name: string) => (name === "crypto" ? crypto : real(name))) as NodeJS.Require
  return instantiate(require, date, setTimer, noInterval, clearTimer, silent)
}

/** Cuts the machine's module out of the command's bundle. */
function compile(turns: boolean): Instantiate {
  const folder = join(deviceFolder, "..", "node_modules", "@devicescript", "cli")
  const bundle = join(folder, "built", "devicescript-cli.cjs")
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run npm ci`)
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }
  if (version !== VERSION) throw new Error(`@devicescript/cli is ${version}; the machine inside is known for ${VERSION} only: install that`)
  const text = readFileSync(bundle, "latin1")
  const from = text.indexOf(BEGIN)
  const to = text.indexOf(END, from)
  if (from < 0 || to < 0) throw new Error(`${bundle} does not hold "${BEGIN}": it is not the bundle of ${VERSION}`)
  const module = Buffer.from(text.slice(from + BEGIN.length, to), "latin1").toString()
  const source = turns ? tellTurns(module) : module
  const body = `const holder = {${source}\n};
    const module = { exports: {} };
    Object.values(holder)[0](module.exports, module);
    return module.exports`
  return new Function(
    "require",
    "Date",
    "setTimeout",
    "setInterval",
    "clearInterval",
    "console",
    "__filename",
    "__dirname",
    body,
  ) as Instantiate
}
