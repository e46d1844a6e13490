import { type ChildProcess, spawn } from "node:child_process"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import { setTimeout as pause } from "node:timers/promises"

/** Wall time that Renode may take for one command. */
const PATIENCE_MS = 120_000
/** Wall time that Renode may take to end by itself. */
const QUIT_MS = 20_000

/** Answers to the three options that Renode's telnet server asks for: it throws away the first nine bytes, whatever they are. */
const TELNET_ANSWERS = Uint8Array.of(255, 251, 0, 255, 253, 1, 255, 253, 3)

/** Renode's monitor, on a port of this machine: one command a line. */
export class Monitor {
  private output = ""
  private ended = false
  private heard: () => void = () => {}
  private commands = 0

  private constructor(
    private readonly renode: ChildProcess,
    private readonly socket: Socket,
  ) {
    socket.write(TELNET_ANSWERS)
    socket.on("data", (bytes: Buffer) => {
      this.output += bytes.toString("latin1")
      this.heard()
    })
    for (const event of ["close", "error"]) {
      socket.on(event, () => {
        this.ended = true
        this.heard()
      })
    }
  }

  /** Starts the command in a folder. @throws Error with what it said when it does not come up */
  static async start(command: string, folder: string): Promise<Monitor> {
    const port = await freePort()
    const renode = spawn(command, ["--disable-xwt", "--plain", "--port", String(port)], {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    })
    // A run that is broken off leaves no Renode behind.
    const kill = () => renode.kill("SIGKILL")
    process.once("exit", kill)
    renode.once("close", () => process.off("exit", kill))
    let said = ""
    for (const stream of [renode.stdout, renode.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()))
    renode.on("error", (error) => (said += String(error)))
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end && renode.exitCode === null; await pause(100)) {
      const socket = await connection(port)
      if (socket !== null) return new Monitor(renode, socket)
    }
    await ended(renode)
    throw new Error(`Renode does not listen: ${said}`)
  }

  /** @throws Error with what Renode said when it refuses the command, ends, or stays silent; Renode has ended then */
  async say(line: string): Promise<void> {
    try {
      await this.tell(line)
    } catch (error) {
      await ended(this.renode)
      throw error
    }
  }

  private async tell(line: string): Promise<void> {
    const from = this.output.length
    const number = ++this.commands
    // Its own echo has two strings, the answer one.
    this.socket.write(`${line}\nstring "fieldlog" "${number}"\n`)
    await this.answer(from, `fieldlog ${number}`, line)
    const said = this.output.slice(from)
    if (/There was an error|No such|Could not|Error E\d+|Failed/.test(said)) throw new Error(`Renode: ${line}:\n${said}`)
  }

  /** Ends Renode, which writes its card's image to the end before. */
  async quit(): Promise<void> {
    this.socket.end("quit\n")
    await ended(this.renode, QUIT_MS)
  }

  private answer(from: number, mark: string, line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        clearTimeout(timer)
        this.heard = () => {}
        finish()
      }
      const fail = (what: string) => settle(() => reject(new Error(`Renode ${what} ${line}:\n${this.output.slice(from)}`)))
      const timer = setTimeout(() => fail("is silent after"), PATIENCE_MS)
      this.heard = () => {
        if (this.output.includes(mark, from)) settle(resolve)
        else if (this.ended) fail("ended after")
      }
      this.heard()
    })
  }
}

/** Ends the process, after it has had some time to do so by itself. */
async function ended(renode: ChildProcess, patience = 0): Promise<void> {
  if (renode.pid === undefined || renode.exitCode !== null || renode.signalCode !== null) return
  const gone = new Promise<void>((resolve) => renode.once("close", () => resolve()))
  const timer = setTimeout(() => renode.kill("SIGKILL"), patience)
  await gone
  clearTimeout(timer)
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}

function connection(port: number): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("connect", () => resolve(socket.removeAllListeners("error")))
    socket.once("error", () => resolve(null))
  })
}
